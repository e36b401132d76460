import type { DefinitionSource, Position, Project, ProjectDefinitions, StoreSide } from '@halyard/data';
import { mayBeOlder } from '@halyard/data';

/** What a look at the store found out about a snapshot. */
export type Look =
  /** It is the newest, says this side. */
  | { readonly found: 'confirmed'; readonly side: StoreSide }
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
export async function look(source: DefinitionSource, held: Snapshot, side: StoreSide): Promise<Look> {
  if (side === 'reader') return lookAt(source, held, 'reader');
  try {
    return await lookAt(source, held, 'writer');
  } catch {
    return lookAt(source, held, 'reader');
  }
}

async function lookAt(source: DefinitionSource, held: Snapshot, side: StoreSide): Promise<Look> {
  const revision = await source.revision(held.project, side);
  if (revision === held.revision) return { found: 'confirmed', side };
  const loaded = await source.load(held.project.token, revision === null ? { side } : { side, revision });
  // A copy that the database could not confirm is what one has when there is nothing; here there is a snapshot.
  if (loaded?.unconfirmed !== undefined) throw loaded.unconfirmed;
  const doubtful = loaded === null || mayBeOlder(loaded.position, held.position);
  if (doubtful && side === 'reader') return lookAt(source, held, 'writer');
  if (loaded === null) return { found: 'absent' };
  if (loaded.revision === held.revision) return { found: 'confirmed', side };
  if (doubtful && loaded.position?.replica === true) {
    // A writer that is a replica was a primary once. A primary that is behind was restored from a backup, and is right.
    throw new OlderDefinitionsError('the store lags behind the definitions in use');
  }
  return { found: 'read', loaded };
}
