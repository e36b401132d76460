import type { Statement } from '../statements/statement.ts';

/** How often a flag had a value within an hour. */
export interface TrafficCount {
  readonly flagId: number;
  /** Beginning of the hour, ISO 8601. */
  readonly hour: string;
  /** `true`, `false` or a variant. */
  readonly value: string;
  readonly count: number;
}

/**
 * Adds counts of one project, and notes that its flags were called, at most hourly (M194). Flags that are gone are left out. Processes
 * that add at the same time lock rows in one order, and none waits for whoever changes a flag.
 *
 * @param at when they were last called, ISO 8601
 */
export function addTrafficStatement(teamId: number, counts: readonly TrafficCount[], at: string): Statement {
  return {
    text: `with counted as (
  select t.flag_id, t.hour, t.value, t.count
    from unnest($2::int[], $3::timestamptz[], $4::text[], $5::bigint[]) t (flag_id, hour, value, count)
    join posthog_featureflag f on f.id = t.flag_id and f.team_id = $1
), added as (
  insert into halyard_flag_traffic (team_id, flag_id, hour, value, count)
  select $1, flag_id, hour, value, count from counted order by flag_id, hour, value
  on conflict (team_id, flag_id, hour, value) do update set count = halyard_flag_traffic.count + excluded.count
), due as (
  select f.id from posthog_featureflag f where f.team_id = $1 and f.id in (select flag_id from counted)
    and (f.last_called_at is null or f.last_called_at < $6::timestamptz - interval '1 hour')
   order by f.id for no key update skip locked
)
update posthog_featureflag f set last_called_at = $6::timestamptz from due where f.id = due.id`,
    values: [
      teamId,
      counts.map(({ flagId }) => flagId),
      counts.map(({ hour }) => hour),
      counts.map(({ value }) => value),
      counts.map(({ count }) => count),
      at,
    ],
  };
}

export type TrafficStep = 'hour' | 'day';

/** Counts of some flags of a project, of all where none are named, by hours or days (UTC): rows `flag_id hour value count`, oldest first. */
export function trafficStatement(
  teamId: number,
  flagIds: readonly number[] | null,
  since: string,
  step: TrafficStep,
): Statement {
  return {
    text: `select flag_id::text, to_char(date_trunc($4, hour at time zone 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour, value,
  sum(count)::text as count
  from halyard_flag_traffic where team_id = $1 and hour >= $3::timestamptz and ($2::int[] is null or flag_id = any ($2))
 group by flag_id, value, 2 order by 1, value, 2`,
    values: [teamId, flagIds, since, step],
  };
}

/** Forgets what is older (M194). */
export function forgetTrafficStatement(before: string): Statement {
  return { text: 'delete from halyard_flag_traffic where hour < $1::timestamptz', values: [before] };
}

/** Since when SDKs report calls of a project's flags (M87): one row `since`, null when they do not. Of the first day nobody knows the hour. */
export function countedSinceStatement(teamId: number): Statement {
  return {
    text: `select to_char(min(day) + 1, 'YYYY-MM-DD"T00:00:00Z"') as since from halyard_flag_calls where team_id = $1`,
    values: [teamId],
  };
}

/**
 * Calls of flags as SDKs report them (I110), of all where no keys are named: rows `flag_key value day calls errors last_called_at`, oldest
 * first. They are no part of the counts above: an SDK that asks and then reports what it showed is in both (I112).
 *
 * @param sinceDay as `2026-12-01`
 */
export function flagCallsStatement(teamId: number, flagKeys: readonly string[] | null, sinceDay: string): Statement {
  return {
    text: `select flag_key, value, day::text, calls::text, errors::text,
  to_char(last_called_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last_called_at
  from halyard_flag_calls where team_id = $1 and day >= $3::date and ($2::text[] is null or flag_key = any ($2))
 order by flag_key, value, day`,
    values: [teamId, flagKeys, sinceDay],
  };
}
