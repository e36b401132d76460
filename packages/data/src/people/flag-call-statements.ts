import type { Statement } from '../statements/statement.ts';
import { columnsOf } from './columns.ts';
import type { FlagCallCount } from './flag-calls.ts';

/** Adds to counts, sorted by key, so that processes wait for each other in one order (I113). */
export function addFlagCallsStatement(counts: readonly FlagCallCount[]): Statement {
  return {
    text: `insert into halyard_flag_calls as c (team_id, day, flag_key, value, calls, errors, last_called_at)
select team_id, day, flag_key, value, sum(calls), sum(errors), to_timestamp(max(last_called_at) / 1000)
  from unnest($1::int[], $2::date[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::float8[])
    n (team_id, day, flag_key, value, calls, errors, last_called_at)
 group by team_id, day, flag_key, value order by team_id, day, flag_key collate "C", value collate "C"
on conflict (team_id, day, flag_key, value) do update set calls = c.calls + excluded.calls, errors = c.errors + excluded.errors,
  last_called_at = greatest(c.last_called_at, excluded.last_called_at)`,
    values: columnsOf(counts, ['teamId', 'day', 'flagKey', 'value', 'calls', 'errors', 'lastCalledAt']),
  };
}

/**
 * Notes in the main database that flags were called, at most hourly, as their answers do (M194): nobody is told of it, and none waits for
 * whoever changes a flag. A call is not believed to be of the future.
 */
export function noteFlagCallsStatement(counts: readonly FlagCallCount[]): Statement {
  return {
    text: `with called as (
  select team_id, flag_key, least(to_timestamp(max(last_called_at) / 1000), now()) as at
    from unnest($1::int[], $2::text[], $3::float8[]) c (team_id, flag_key, last_called_at) group by team_id, flag_key
), due as (
  select f.id, c.at from called c join posthog_featureflag f on f.team_id = c.team_id and f.key = c.flag_key
   where not f.deleted and (f.last_called_at is null or f.last_called_at < c.at - interval '1 hour')
   order by f.id for no key update of f skip locked
)
update posthog_featureflag f set last_called_at = due.at from due where f.id = due.id`,
    values: columnsOf(counts, ['teamId', 'flagKey', 'lastCalledAt']),
  };
}

/** Events that are forgotten at a time (I151). */
export const forgottenAtOnce = 5_000;

/** Forgets some of the events that came before: one row `forgotten`; null when another process is at it. */
export function forgetEventsStatement(olderThan: number): Statement {
  return {
    text: `with gone as (
  delete from halyard_ingested_event where ctid = any (array(
    select ctid from halyard_ingested_event where seen_at < to_timestamp($1::float8 / 1000)
       and (select pg_try_advisory_xact_lock(hashtext('halyard forgets events'), 0)) limit ${forgottenAtOnce}))
  returning 1
)
select count(*)::text as forgotten from gone`,
    values: [olderThan],
  };
}
