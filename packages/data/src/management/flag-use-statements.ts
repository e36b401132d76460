import type { Statement } from '../statements/statement.ts';

/** Whether a table of PostHog's is here and may be read: one row `readable`. Tables of our own lack some of them. */
export function isReadableStatement(table: string): Statement {
  return {
    text: `select coalesce(has_table_privilege(to_regclass($1), 'SELECT'), false)::text as readable`,
    values: [table],
  };
}

/**
 * Which of these flags an experiment uses that runs: rows `id`. Asked where the table is. One that an older schema does not tell begun or
 * ended counts as running.
 */
export function runningExperimentsStatement(teamId: number, ids: readonly number[]): Statement {
  return {
    text: `select distinct e.feature_flag_id::text as id
  from posthog_experiment e cross join lateral (select to_jsonb(e) as row offset 0) r
 where e.team_id = $1 and e.feature_flag_id = any ($2::int[]) and not coalesce((row ->> 'deleted')::boolean, false)
   and not coalesce((row ->> 'archived')::boolean, false)
   and (not row ? 'start_date' or row ->> 'start_date' is not null) and row ->> 'end_date' is null`,
    values: [teamId, ids],
  };
}

/** The flag that decides whether sessions are recorded: a row `id`, null where there is none. */
export function replayFlagStatement(teamId: number): Statement {
  return {
    text: `select to_jsonb(t) -> 'session_recording_linked_flag' ->> 'id' as id from posthog_team t where t.id = $1`,
    values: [teamId],
  };
}
