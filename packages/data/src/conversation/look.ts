import type { Project, ProjectDefinitions, StoreSide } from '../ports.ts';
import { mayBeOlder, type Position } from '../position.ts';
import { projectAt, type Reading, revisionAt } from './reading.ts';

/** What a look at the store found out about a snapshot; the names are those of the machine's events. */
export type Look =
  /** `revision`: which of several, where several were known. */
  | { readonly found: 'confirmed'; readonly revision?: string }
  /** The writer was asked for and did not answer; the reader knows of nothing newer. */
  | { readonly found: 'unsure' }
  | { readonly found: 'read'; readonly loaded: ProjectDefinitions }
  /** The token has gone. */
  | { readonly found: 'absent' };

export interface Snapshot {
  readonly project: Project;
  readonly revision: string;
  readonly position: Position | undefined;
}

/** The store has only definitions older than those held, and it is a replica. */
class OlderDefinitionsError extends Error {
  override readonly name = 'OlderDefinitionsError';
  readonly kind = 'behind';
}

/**
 * Compares a snapshot with the store. The writer's word is wanted after a notice, which may be faster than replication; when the
 * writer does not answer, the reader is better than nothing. A reader that seems to be behind the snapshot, or no longer has the
 * token, is not believed until the writer agrees.
 *
 * @throws {StoreError} when nobody could say
 */
export function* look(held: Pick<Snapshot, 'revision' | 'position'>, side: StoreSide): Reading<Look> {
  if (side === 'reader') return seen(yield* lookAt(held, 'reader'), side);
  let at: At;
  try {
    at = yield* lookAt(held, 'writer');
  } catch {
    at = yield* lookAt(held, 'reader');
  }
  return seen(at, side);
}

/** What a look from inside a transaction found out. */
export type LookInside =
  | Look
  /** Nobody could say, and why: the definitions that the caller holds go on being the last good ones. */
  | { readonly found: 'kept'; readonly because: unknown };

/**
 * Compares the revisions that a caller knows with what its own transaction sees, whose word counts for this transaction.
 *
 * @param known `null`: not even the project is known
 * @param holds whether the caller has definitions to go on with; without them a failure is thrown
 * @throws {StoreError}
 */
export function* lookInside(known: readonly string[] | null, holds: boolean): Reading<LookInside> {
  try {
    const revision = known === null ? null : yield* revisionAt('reader');
    if (revision !== null && known?.includes(revision) === true) return { found: 'confirmed', revision };
    const loaded = yield* projectAt('reader');
    return loaded === null ? { found: 'absent' } : { found: 'read', loaded };
  } catch (error) {
    if (!holds) throw error;
    return { found: 'kept', because: error };
  }
}

/**
 * Reads a project that is not held. Where its token was found unknown before a project appeared or changed, the writer is asked
 * first: a reader that lags may repeat the old answer.
 *
 * @throws {StoreError}
 */
export function* firstReading(doubted: boolean): Reading<ProjectDefinitions | null> {
  if (doubted) {
    try {
      const found = yield* projectAt('writer');
      if (found !== null) return found;
    } catch {
      // The reader may know.
    }
  }
  return yield* projectAt('reader');
}

/** What was found, and who said so. */
interface At {
  readonly look: Exclude<Look, { found: 'unsure' }>;
  readonly side: StoreSide;
}

function seen({ look: found, side }: At, wanted: StoreSide): Look {
  return found.found === 'confirmed' && wanted === 'writer' && side === 'reader' ? { found: 'unsure' } : found;
}

function* lookAt(held: Pick<Snapshot, 'revision' | 'position'>, side: StoreSide): Reading<At> {
  const confirmed: At = { look: { found: 'confirmed' }, side };
  const revision = yield* revisionAt(side);
  if (revision === held.revision) return confirmed;
  const loaded = yield* projectAt(side, revision ?? undefined);
  // A copy that the database could not confirm is what one has when there is nothing; here there is a snapshot.
  if (loaded?.unconfirmed !== undefined) throw loaded.unconfirmed;
  const doubtful = loaded === null || mayBeOlder(loaded.position, held.position);
  if (doubtful && side === 'reader') return yield* lookAt(held, 'writer');
  if (loaded === null) return { look: { found: 'absent' }, side };
  if (loaded.revision === held.revision) return confirmed;
  if (doubtful && loaded.position?.replica === true) {
    // A writer that is a replica was a primary once. A primary that is behind was restored from a backup, and is right.
    throw new OlderDefinitionsError('the store lags behind the definitions in use');
  }
  return { look: { found: 'read', loaded }, side };
}
