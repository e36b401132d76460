import type { FactPlan } from '@halyard/engine';
import { stickyRowsOf } from '../statements/facts-from-row.ts';
import { stickyKeysQuestion, stickyKeysStatement } from '../statements/sticky-keys-statement.ts';
import type { StickyKeyRow } from '../sticky-keys.ts';
import { StoreError } from '../store-error.ts';
import type { Store } from './store.ts';
import { askTables } from './tables.ts';
import { type Conversation, rowsIn } from './wish.ts';

/** Writes are tried this often when a person is deleted under them (D41). */
const attempts = 3;
/** The pause after attempt n is a random part of `firstPauseMs` to the power n, of at most `longestPauseMs`. */
const firstPauseMs = 100;
const longestPauseMs = 300;

/**
 * Stores the sticky keys of a plan at the writer. All keys of its persons after that, from the writer itself, so that a
 * lagging replica cannot hide them (D36); `null`: the plan stores nothing that can be stored.
 *
 * @throws {StoreError}
 */
export function* storeStickyKeys(store: Store, plan: FactPlan): Conversation<readonly StickyKeyRow[] | null> {
  const pool = 'persons writer';
  const question = stickyKeysQuestion(plan);
  if (question === null) return null;
  for (let attempt = 1; ; attempt += 1) {
    const [answer] = yield* askTables(store, pool, (features) => {
      const ticket = store.ticket();
      return [{ pool, statement: stickyKeysStatement(question, features, ticket), ticket }];
    });
    const personGone = answer instanceof StoreError && answer.kind === 'foreign_key';
    if (!personGone || attempt === attempts) return stickyRowsOf(rowsIn(answer)[0]?.['sticky_keys'] ?? null) ?? [];
    yield { pauseMs: Math.min(firstPauseMs ** attempt, longestPauseMs) * store.policies.chance() };
  }
}
