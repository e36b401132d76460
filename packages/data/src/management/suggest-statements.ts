import type { Statement } from '../statements/statement.ts';

/*
 * What a person who types may mean. Each read has a bound: the newest rows are looked at, however many there are.
 */

const NEWEST_PERSONS = 1_000;
const NEWEST_GROUPS = 5_000;
/** Longer values are nothing to choose from. */
const LONGEST_VALUE = 200;

const newestPersons = `select case jsonb_typeof(properties) when 'object' then properties else '{}' end as properties
    from posthog_person where team_id = $1 and not is_deleted order by id desc limit ${NEWEST_PERSONS}`;

/** Property names of the newest persons that have `search` in them, the most frequent first: rows `value type`, `type` as JSON has it. */
export function suggestPropertiesStatement(teamId: number, search: string, limit: number): Statement {
  return {
    text: `with newest as (${newestPersons})
select e.key as value, mode() within group (order by jsonb_typeof(e.value)) as type
  from newest cross join lateral jsonb_each(properties) e
 where strpos(lower(e.key), lower($2)) > 0 group by e.key order by count(*) desc, e.key limit $3`,
    values: [teamId, search, limit],
  };
}

/** Values of one property of the newest persons, the most frequent first: rows `value` (JSON) `count`. */
export function suggestValuesStatement(teamId: number, property: string, search: string, limit: number): Statement {
  return {
    text: `with newest as (${newestPersons})
select (properties -> $2)::text as value, count(*)::text as count from newest
 where jsonb_typeof(properties -> $2) in ('string', 'number', 'boolean') and length(properties ->> $2) <= ${LONGEST_VALUE}
   and strpos(lower(properties ->> $2), lower($3)) > 0
 group by properties -> $2 order by count(*) desc, 1 limit $4`,
    values: [teamId, property, search, limit],
  };
}

/** Keys of the newest groups of a type that have `search` in the key or name: rows `value name`. */
export function suggestGroupsStatement(teamId: number, index: number, search: string, limit: number): Statement {
  return {
    text: `with newest as (select group_key, group_properties ->> 'name' as name from posthog_group
    where team_id = $1 and group_type_index = $2 order by id desc limit ${NEWEST_GROUPS})
select group_key as value, name from newest
 where strpos(lower(group_key), lower($3)) > 0 or strpos(lower(coalesce(name, '')), lower($3)) > 0 limit $4`,
    values: [teamId, index, search, limit],
  };
}

/** Cohorts by name: rows `id name`. */
export function suggestCohortsStatement(teamId: number, search: string, limit: number): Statement {
  return {
    text: `select id::text, name from posthog_cohort where team_id = $1 and not deleted
   and strpos(lower(coalesce(name, '')), lower($2)) > 0 order by name, id limit $3`,
    values: [teamId, search, limit],
  };
}

/** Tags of flags, the most used first: rows `value count`. */
export function suggestTagsStatement(teamId: number, search: string, limit: number): Statement {
  return {
    text: `select t.name as value, count(*)::text as count from posthog_tag t join posthog_taggeditem i on i.tag_id = t.id
  join posthog_featureflag f on f.id = i.feature_flag_id and f.team_id = $1 and not f.deleted
 where t.team_id = $1 and strpos(lower(t.name), lower($2)) > 0 group by t.name order by count(*) desc, t.name limit $3`,
    values: [teamId, search, limit],
  };
}

/** Who made flags that are there, those of most flags first: rows `id value count`, `value` the address. */
export function suggestCreatorsStatement(teamId: number, search: string, limit: number): Statement {
  return {
    text: `select u.id::text, u.email as value, count(*)::text as count from posthog_featureflag f join posthog_user u on u.id = f.created_by_id
 where f.team_id = $1 and not f.deleted and strpos(lower(u.email), lower($2)) > 0
 group by u.id, u.email order by count(*) desc, u.email limit $3`,
    values: [teamId, search, limit],
  };
}

/** Flags by key or description: rows `id key name active`; those whose key begins with it first. */
export function suggestFlagsStatement(teamId: number, search: string, limit: number): Statement {
  return {
    text: `select id::text, key, name, active::text from posthog_featureflag where team_id = $1 and not deleted
   and (strpos(lower(key), lower($2)) > 0 or strpos(lower(coalesce(name, '')), lower($2)) > 0)
 order by not starts_with(lower(key), lower($2)), key limit $3`,
    values: [teamId, search, limit],
  };
}
