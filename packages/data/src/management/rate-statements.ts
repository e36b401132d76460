import type { Statement } from '../statements/statement.ts';

/*
 * How often something happened within a stretch of time that begins with the first (M17, M185). The table is ours (M193).
 */

/** Counts once more under a name, and clears away some of what is over: one row `count wait`, with the seconds until counting begins anew. */
export function countStatement(name: string, seconds: number): Statement {
  return {
    text: `with over as (
  delete from halyard_rate_count where name in (
    select name from halyard_rate_count where ends_at <= now() and name <> $1 order by ends_at limit 100 for update skip locked)
)
insert into halyard_rate_count as c (name, count, ends_at) values ($1, 1, now() + make_interval(secs => $2::int))
on conflict (name) do update set
  count = case when c.ends_at <= now() then 1 else c.count + 1 end,
  ends_at = case when c.ends_at <= now() then excluded.ends_at else c.ends_at end
returning count::text, extract(epoch from ends_at - now())::text as wait`,
    values: [name, seconds],
  };
}

/** Counting under this name begins anew. */
export function forgetCountStatement(name: string): Statement {
  return { text: 'delete from halyard_rate_count where name = $1', values: [name] };
}
