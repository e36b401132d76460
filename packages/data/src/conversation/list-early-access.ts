import { isObject, type JsonObject, parseStored } from '@halyard/json';
import { earlyAccessStatement } from '../statements/early-access-statement.ts';
import { StoreError } from '../store-error.ts';
import { ticketed } from './load-project.ts';
import type { Store } from './store.ts';
import { type Conversation, rowsOf } from './wish.ts';

/** SQLSTATE of a table that is not there: some ages of PostHog's schema have no early access features. */
const UNDEFINED_TABLE = '42P01';

/**
 * The early access features of a team that have a flag (D14), in the order of their names: `id`, `name`, `description`, `stage`, `documentationUrl`,
 * `payload` and `flagKey`. None where there is no table for them.
 *
 * @throws {StoreError}
 */
export function* listEarlyAccess(store: Store, teamId: number): Conversation<readonly JsonObject[]> {
  const asked = ticketed(store, 'non-persons reader', (ticket) => earlyAccessStatement(teamId, ticket));
  try {
    const [row] = yield* rowsOf(asked);
    const features = parseStored(row?.['features'] ?? '[]');
    return Array.isArray(features) ? features.filter(isObject) : [];
  } catch (error) {
    if (error instanceof StoreError && error.code === UNDEFINED_TABLE) return [];
    throw error;
  }
}
