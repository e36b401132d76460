import { personPageStatement, type PersonPageWish } from '../statements/person-page-statement.ts';
import { StoreError } from '../store-error.ts';
import { ticketed } from './load-project.ts';
import type { Store } from './store.ts';
import { type Conversation, rowsOf } from './wish.ts';

/** A person, and one of the ids by which it can be asked about. */
export interface PagedPerson {
  readonly id: number;
  readonly uuid: string;
  /** The oldest one; null: it has none. */
  readonly distinctId: string | null;
}

/** SQLSTATE of a column that is not there: some ages of PostHog's schema delete rows instead of marking them (D30). */
const UNDEFINED_COLUMN = '42703';

/**
 * Persons of a team in the order of their ids.
 *
 * @throws {StoreError}
 */
export function* pagePersons(store: Store, wish: PersonPageWish): Conversation<readonly PagedPerson[]> {
  try {
    return yield* pageOf(store, wish, true);
  } catch (error) {
    if (error instanceof StoreError && error.code === UNDEFINED_COLUMN) return yield* pageOf(store, wish, false);
    throw error;
  }
}

function* pageOf(store: Store, wish: PersonPageWish, tombstones: boolean): Conversation<readonly PagedPerson[]> {
  const [row] = yield* rowsOf(
    ticketed(store, 'persons reader', (ticket) => personPageStatement(wish, tombstones, ticket)),
  );
  const listed = JSON.parse(row?.['persons'] ?? '[]') as [number, string | null, string | null][];
  return listed.map(([id, uuid, distinctId]) => ({ id, uuid: uuid ?? '', distinctId }));
}
