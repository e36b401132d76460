import { StoreError } from '../store-error.ts';
import { Overtaken } from './apply-batch.ts';
import type { RepeatCause } from './people-store.ts';

const timeouts = new Set(['57014', '55P03', '25P03', '25P04']);
const deadlocks = new Set(['40001', '40P01']);
/** A unique key that another batch took, a person that was deleted meanwhile. */
const conflicts = new Set(['23505', '23503']);

/**
 * SQLSTATE classes of what an operation itself is to blame for: wrong data, a constraint, a limit of the server, a trigger, an error inside
 * the server. Anything else, such as a missing table, is trouble of the database, which passes (I175).
 */
const lasting = new Set(['21', '22', '23', '54', 'P0', 'XX']);

/** Too large for the column's own check. */
const tooLarge = '23514';

/**
 * What a failed transaction means: others were in the way; a person is too large (I77); the operations cannot be applied, ever (I145); or
 * the store takes nothing for now (I175).
 */
export type Failure = { readonly repeat: RepeatCause } | 'too_large' | 'lasting' | 'away';

export function failureOf(error: unknown): Failure {
  if (error instanceof Overtaken) return { repeat: error.how };
  // A mistake of ours that one operation brings out: it holds nobody up.
  if (!(error instanceof StoreError)) return 'lasting';
  const { code } = error;
  if (code === null) return 'away';
  if (timeouts.has(code)) return { repeat: 'timeout' };
  if (deadlocks.has(code)) return { repeat: 'deadlock' };
  if (conflicts.has(code)) return { repeat: 'conflict' };
  if (code === tooLarge) return 'too_large';
  return code.length === 5 && lasting.has(code.slice(0, 2)) ? 'lasting' : 'away';
}
