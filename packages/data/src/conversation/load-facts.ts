import type { FactPlan, Facts } from '@halyard/engine';
import { factsFromRow, failedFacts, type RowFacts, stickyRowsOf } from '../statements/facts-from-row.ts';
import { type FactsQuestion, factsQuestion } from '../statements/facts-question.ts';
import { lacksStickyKey, mergeStickyKeys, type StickyKeyRow } from '../sticky-keys.ts';
import { stickyKeysFailure } from '../store-error.ts';
import { FactsAsk } from './facts-ask.ts';
import type { Store } from './store.ts';
import { storeStickyKeys } from './store-sticky-keys.ts';
import { askTables } from './tables.ts';
import { type Conversation, rowsIn } from './wish.ts';

export interface LoadFactsOptions {
  /** The writer is asked inside a transaction that may be rolled back: what it says is remembered for nobody. */
  readonly isolated?: boolean;
}

/**
 * The stored facts of a request: one round trip, or two when sticky keys must be stored or the reader cannot be believed
 * about them (D115 to D117). Never throws: what could not be loaded is a failure inside the facts (E158, E160).
 */
export function* loadFacts(store: Store, plan: FactPlan, options: LoadFactsOptions = {}): Conversation<Facts> {
  const { policies } = store;
  let read: RowFacts;
  try {
    read = yield* readFacts(store, plan);
  } catch (error) {
    policies.report(error);
    return failedFacts(plan, error);
  }
  if (plan.stickyKeys === null) return read.facts;
  if (!isKeyMissing(store, plan, read)) return yield* completed(store, plan, read, options);
  try {
    const rows = yield* storeStickyKeys(store, plan);
    if (rows === null) return read.facts;
    remember(store, plan, rows, options);
    return { ...read.facts, stickyKeys: mergeStickyKeys(rows) };
  } catch (error) {
    policies.report(error);
    // Nobody knows of a person, so there is nothing that should have been stored.
    return read.stickyRows === null ? read.facts : { ...read.facts, stickyKeys: stickyKeysFailure };
  }
}

function* readFacts(store: Store, plan: FactPlan): Conversation<RowFacts> {
  const question = factsQuestion(plan);
  if (question === null) return factsFromRow(plan, undefined);
  const lag = plan.stickyKeys !== null && store.policies.readerMayLag ? store.lag.question() : null;
  const pool = 'persons reader';
  const asked = yield* askTables(store, pool, (features) => {
    const ask = new FactsAsk(pool, question, features, store.ticket());
    return lag === null ? [ask] : [ask, lag];
  });
  if (lag !== null) store.lag.note(asked[1]);
  return factsFromRow(plan, rowsIn(asked[0])[0]);
}

/** No person, or nothing missing: no write (D50). A replica may not know the person yet. */
function isKeyMissing(store: Store, { stickyKeys }: FactPlan, { stickyRows }: RowFacts): boolean {
  const write = stickyKeys?.write ?? null;
  if (write === null) return false;
  return stickyRows === null ? store.policies.readerMayLag : lacksStickyKey(write, stickyRows);
}

/**
 * The facts with the sticky keys that a lagging reader does not show (D36). A short lag is covered by memory, which costs
 * nothing; a reader known to be far behind is not believed, and the writer is asked.
 */
function* completed(
  store: Store,
  plan: FactPlan,
  { facts, stickyRows }: RowFacts,
  options: LoadFactsOptions,
): Conversation<Facts> {
  if (!store.policies.readerMayLag) return facts;
  if (store.lag.isBehind) {
    const rows = yield* stickyKeysAtWriter(store, plan);
    if (rows !== null) {
      remember(store, plan, rows, options);
      return { ...facts, stickyKeys: mergeStickyKeys(rows) };
    }
  }
  return { ...facts, stickyKeys: store.recent.complete(plan.teamId, plan.distinctId, stickyRows ?? []) };
}

/** `null`: the writer cannot say, and the reader's word has to do. */
function* stickyKeysAtWriter(store: Store, plan: FactPlan): Conversation<readonly StickyKeyRow[] | null> {
  const question: FactsQuestion | null = factsQuestion({
    ...plan,
    person: null,
    groups: [],
    staticCohorts: [],
  });
  if (question === null) return null;
  const pool = 'persons writer';
  try {
    const [answer] = yield* askTables(store, pool, (features) => [
      new FactsAsk(pool, question, features, store.ticket()),
    ]);
    return stickyRowsOf(rowsIn(answer)[0]?.['sticky_keys'] ?? null) ?? [];
  } catch (error) {
    store.policies.report(error);
    return null;
  }
}

function remember(store: Store, plan: FactPlan, rows: readonly StickyKeyRow[], { isolated }: LoadFactsOptions): void {
  if (isolated !== true && store.policies.readerMayLag) store.recent.remember(plan.teamId, plan.distinctId, rows);
}
