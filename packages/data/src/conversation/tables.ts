import type { PoolName } from '../pool-names.ts';
import type { Row } from '../statements/statement.ts';
import { type TableFeatures, tableFeaturesFromRow, tableFeaturesStatement } from '../statements/table-features.ts';
import { StoreError } from '../store-error.ts';
import type { Store } from './store.ts';
import { type Answer, answersTo, type Ask, belonging, type Conversation, rowsOf } from './wish.ts';

/** A look is believed this long; after that the next question is asked at once, and another look made beside it. */
const believedMs = 30_000;
/** Questions that do not fit the tables cause no more than one look in this time: what is missing may stay away. */
const settledMs = 1_000;

/** SQLSTATE of a statement that asks for a column or table that is not there, or that we may not touch. */
const misfits = new Set(['42703', '42P01', '42501']);

/**
 * Asks something of which the first statement depends on what the tables have (D30), and once more when they turn out to have
 * changed. Answers of the last asking, of which each may be an error.
 *
 * @throws {StoreError} when the tables have never been seen and cannot be looked at
 */
export function* askTables(
  store: Store,
  pool: PoolName,
  asksFor: (features: TableFeatures) => readonly Ask[],
): Conversation<readonly Answer[]> {
  const seen = store.tables(pool);
  const features = seen.features ?? (yield* lookAtTables(store, pool));
  const asks = asksFor(features);
  // Written out for the sake of the usual case: every conversation that is entered is entered again with the answer.
  const answers =
    store.policies.clock() - seen.lookedAt < believedMs
      ? belonging(asks, yield { ask: asks })
      : yield* askBesideLook(store, pool, asks);
  const [first] = answers;
  if (!(first instanceof StoreError && misfits.has(first.code ?? ''))) return answers;
  yield* lookAfterMisfit(store, pool, features);
  return seen.features === features || seen.features === null ? answers : yield* answersTo(asksFor(seen.features));
}

/** @throws {StoreError} */
function* lookAtTables(store: Store, pool: PoolName): Conversation<TableFeatures> {
  const ask = beginLook(store, pool);
  try {
    return noteLook(store, pool, yield* rowsOf(ask));
  } finally {
    store.tables(pool).looking = false;
  }
}

/** Not every change makes a statement fail: a new column has to be noticed. */
function* askBesideLook(store: Store, pool: PoolName, asks: readonly Ask[]): Conversation<readonly Answer[]> {
  const look = beginLook(store, pool);
  const answers = yield* answersTo([...asks, look]);
  const found = answers[asks.length];
  if (!(found instanceof StoreError)) noteLook(store, pool, found);
  store.tables(pool).looking = false;
  return answers.slice(0, asks.length);
}

function* lookAfterMisfit(store: Store, pool: PoolName, used: TableFeatures): Conversation<void> {
  const seen = store.tables(pool);
  if (seen.features !== used) return;
  const now = store.policies.clock();
  if (now - seen.misfitAt < settledMs && !seen.looking) return;
  seen.misfitAt = now;
  try {
    yield* lookAtTables(store, pool);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}

function beginLook(store: Store, pool: PoolName): Ask {
  const seen = store.tables(pool);
  seen.lookedAt = store.policies.clock();
  seen.looking = true;
  return { pool, statement: tableFeaturesStatement, ticket: 'features', shared: 'features' };
}

function noteLook(store: Store, pool: PoolName, rows: readonly Row[] | undefined): TableFeatures {
  const features = tableFeaturesFromRow(rows?.[0]);
  store.tables(pool).features = features;
  return features;
}
