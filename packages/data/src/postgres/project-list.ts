import type { Executor } from './executor.ts';

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
export async function listProjects(mainReader: Executor, limit = 10): Promise<readonly ListedProject[]> {
  const rows = await mainReader.query({
    text: 'select id::text as team_id, api_token as token, name from posthog_team order by id limit $1',
    values: [limit],
  });
  return rows.map((row) => ({ teamId: Number(row['team_id']), token: row['token'] ?? '', name: row['name'] ?? '' }));
}
