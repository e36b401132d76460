import { projectListStatement } from '../statements/project-list-statement.ts';
import { ticketed } from './load-project.ts';
import type { Store } from './store.ts';
import { type Conversation, rowsOf } from './wish.ts';

export interface ListedProject {
  readonly teamId: number;
  /** The public token. */
  readonly token: string;
  readonly name: string;
}

/**
 * The projects of the database, oldest first (D7): for tools that ask about "the" project, and for a first look.
 *
 * @param limit how many at most
 * @throws {StoreError}
 */
export function* listProjects(store: Store, limit: number): Conversation<readonly ListedProject[]> {
  const asked = ticketed(store, 'non-persons reader', (ticket) => projectListStatement(limit, ticket));
  const [row] = yield* rowsOf(asked);
  const listed = JSON.parse(row?.['projects'] ?? '[]') as [number, string | null, string | null][];
  return listed.map(([teamId, token, name]) => ({ teamId, token: token ?? '', name: name ?? '' }));
}
