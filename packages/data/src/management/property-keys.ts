import type { Work } from './transactions.ts';

/** The properties of some persons. */
export interface PropertyKeys {
  /** How many persons were looked at. */
  readonly persons: number;
  readonly keys: readonly string[];
}

/** As many persons are looked at: enough to know which properties are in use, and read within milliseconds. */
const MOST_PERSONS = 1000;

/** The property keys of a team's newest persons; nobody where persons are in another database. */
export function* newestPropertyKeys(teamId: number): Work<PropertyKeys> {
  const [table] = yield { text: `select to_regclass('posthog_person')::text as name`, values: [] };
  if ((table?.['name'] ?? null) === null) return { persons: 0, keys: [] };
  const [row] = yield {
    text: `with newest as (select properties from posthog_person where team_id = $1 order by id desc limit $2)
select (select count(*) from newest)::text as persons,
  (select coalesce(json_agg(distinct key), '[]') from newest
    cross join lateral jsonb_object_keys(case jsonb_typeof(properties) when 'object' then properties else '{}' end) key)::text as keys`,
    values: [teamId, MOST_PERSONS],
  };
  return { persons: Number(row?.['persons'] ?? 0), keys: JSON.parse(row?.['keys'] ?? '[]') as string[] };
}
