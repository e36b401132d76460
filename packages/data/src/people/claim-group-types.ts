import { claimGroupTypes } from '@halyard/people';
import type { Work } from '../management/transactions.ts';
import type { TeamBatch } from './batch.ts';
import { groupTypesStatement } from './read-statements.ts';

/**
 * Gives types of one project that have none an index, while one is free (I100), in a transaction of its own. Processes take turns, so that
 * two new types at once get two indexes; rows that are there are not touched, for each change of them is announced to all.
 *
 * @param teams those of the project; the first to name a type owns its row (I106)
 */
export function* claimTypes(projectId: number, teams: readonly TeamBatch[]): Work<void> {
  yield {
    text: `select pg_advisory_xact_lock(hashtext('halyard group types'), hashtext($1::text))::text`,
    values: [String(projectId)],
  };
  const rows = yield groupTypesStatement([projectId]);
  const taken = new Map(rows.map((row) => [row['group_type'] ?? '', Number(row['group_type_index'])]));
  const operations = teams.flatMap((team) => team.operations.map((operation) => ({ ...operation, team })));
  const claims = [...claimGroupTypes(operations, taken)].map(([type, index]) => {
    const first = operations.find(({ groupTypes }) => groupTypes.includes(type));
    return { type, index, teamId: first?.team.teamId ?? 0, time: first?.time ?? 0 };
  });
  if (claims.length === 0) return;
  yield {
    text: `insert into posthog_grouptypemapping (team_id, project_id, group_type, group_type_index, created_at)
select team_id, $1, type, index, to_timestamp(time / 1000)
  from unnest($2::int[], $3::text[], $4::int[], $5::float8[]) c (team_id, type, index, time)
on conflict do nothing`,
    values: [
      projectId,
      claims.map(({ teamId }) => teamId),
      claims.map(({ type }) => type),
      claims.map(({ index }) => index),
      claims.map(({ time }) => time),
    ],
  };
}
