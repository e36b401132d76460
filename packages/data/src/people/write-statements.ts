import { jsonText } from '@halyard/json';
import type { AttachedId, ChangedPerson, GroupChange, NewPerson } from '@halyard/people';
import type { Statement } from '../statements/statement.ts';
import { cookielessSentinel } from '../sticky-keys.ts';
import { columnsOf } from './columns.ts';

export type OfTeam<Row> = Row & { readonly teamId: number };

/** The column's own check (D20). A document is at its largest while it is written, before it is compressed. */
const mostBytes = 655_360;

/** A document that the column takes, or what else is stored (I77). */
const fitting = (document: string, otherwise: string): string =>
  `case when pg_column_size(${document}) <= ${mostBytes} then ${document} else ${otherwise} end`;

/**
 * Attaches distinct ids, sorted, and makes persons (I140, steps 6 and 7). One row `attached`: how many of the ids were not there.
 *
 * @param checksSize a person whose properties are too large gets none, instead of failing the batch (I77)
 */
export function createStatement(
  attached: readonly (OfTeam<AttachedId> & { readonly personId: string })[],
  persons: readonly (OfTeam<NewPerson> & { readonly id: string })[],
  checksSize: boolean,
): Statement {
  const rows = persons.map((person) => ({ ...person, properties: jsonText(person.properties) }));
  const properties = checksSize ? fitting('properties::jsonb', `'{}'`) : 'properties::jsonb';
  return {
    text: `with made as (
  insert into posthog_person (team_id, id, uuid, properties, is_identified, created_at, version, last_seen_at)
  select team_id, id, uuid, ${properties}, is_identified, to_timestamp(created_at / 1000), version, to_timestamp(last_seen_at / 1000)
    from unnest($5::int[], $6::bigint[], $7::uuid[], $8::text[], $9::boolean[], $10::float8[], $11::bigint[], $12::float8[])
      n (team_id, id, uuid, properties, is_identified, created_at, version, last_seen_at)
), attached as (
  insert into posthog_persondistinctid (team_id, distinct_id, person_id, version)
  select team_id, distinct_id, person_id, version
    from unnest($1::int[], $2::text[], $3::bigint[], $4::bigint[]) a (team_id, distinct_id, person_id, version)
   order by team_id, distinct_id collate "C"
  on conflict (team_id, distinct_id) do nothing returning 1
)
select count(*)::text as attached from attached`,
    values: [
      ...columnsOf(attached, ['teamId', 'distinctId', 'personId', 'version']),
      ...columnsOf(rows, ['teamId', 'id', 'uuid', 'properties', 'isIdentified', 'createdAt', 'version', 'lastSeenAt']),
    ],
  };
}

/** Attaches ids of which tombstones are there (I90): one row `attached`. @param gone persons that left their ids behind */
export function reviveStatement(
  attached: readonly (OfTeam<AttachedId> & { readonly personId: string })[],
  gone: readonly string[],
): Statement {
  return {
    text: `with wanted as (
  select a.*, d.id from unnest($1::int[], $2::text[], $3::bigint[], $4::bigint[]) a (team_id, distinct_id, person_id, version)
    join posthog_persondistinctid d on d.team_id = a.team_id and d.distinct_id = a.distinct_id
   where d.is_deleted or d.person_id = any ($5::bigint[])
   order by a.team_id, a.distinct_id collate "C" for no key update of d
), revived as (
  update posthog_persondistinctid d set person_id = w.person_id, version = w.version, is_deleted = false from wanted w
   where d.id = w.id returning 1
)
select count(*)::text as attached from revived`,
    values: [...columnsOf(attached, ['teamId', 'distinctId', 'personId', 'version']), gone],
  };
}

/** One source of sticky keys: a person that is merged, or a hash key for every continuity flag. */
export interface StickyKeyRow {
  readonly teamId: number;
  readonly into: string;
  readonly merged: string | null;
  readonly hashKey: string | null;
}

/**
 * Gives persons the sticky keys that they have not, sorted (I87, I91): of several for one flag the first, the cookieless sentinel last
 * of all (D53).
 */
export function stickyKeysStatement(
  sources: readonly StickyKeyRow[],
  flags: readonly { readonly teamId: number; readonly key: string }[],
): Statement {
  return {
    text: `with sources as (
  select * from unnest($1::int[], $2::bigint[], $3::bigint[], $4::text[]) with ordinality s (team_id, into_id, merged_id, hash_key, place)
), found as (
  select s.team_id, s.into_id, s.place, k.feature_flag_key, k.hash_key
    from sources s join posthog_featureflaghashkeyoverride k on k.team_id = s.team_id and k.person_id = s.merged_id
  union all
  select s.team_id, s.into_id, s.place, f.key, s.hash_key
    from sources s join unnest($5::int[], $6::text[]) f (team_id, key) on f.team_id = s.team_id where s.hash_key is not null
)
insert into posthog_featureflaghashkeyoverride as k (team_id, person_id, feature_flag_key, hash_key)
select distinct on (into_id, feature_flag_key collate "C") team_id, into_id, feature_flag_key, hash_key
  from found order by into_id, feature_flag_key collate "C", hash_key = '${cookielessSentinel}', place
on conflict (team_id, person_id, feature_flag_key) do update set hash_key = excluded.hash_key
 where k.hash_key = '${cookielessSentinel}'`,
    values: [...columnsOf(sources, ['teamId', 'into', 'merged', 'hashKey']), ...columnsOf(flags, ['teamId', 'key'])],
  };
}

/**
 * Moves what hangs on persons that are merged, named or not, and deletes them with what is left (I86, I87). Their sticky keys were copied
 * before.
 */
export function mergeStatement(
  merged: readonly { readonly teamId: number; readonly id: string; readonly into: string; readonly steps: number }[],
): Statement {
  return {
    text: `with merged as (
  select * from unnest($1::int[], $2::bigint[], $3::bigint[], $4::int[]) m (team_id, id, into_id, steps)
), moved as (
  update posthog_persondistinctid d set person_id = m.into_id, version = coalesce(d.version, 0) + m.steps from merged m
   where d.person_id = m.id and d.team_id = m.team_id and not d.is_deleted
), left_behind as (
  delete from posthog_cohortpeople c using merged m where c.person_id = m.id returning c.cohort_id, c.version, m.into_id
), joined as (
  insert into posthog_cohortpeople (cohort_id, person_id, version)
  select distinct on (cohort_id, into_id) cohort_id, into_id, version from left_behind order by cohort_id, into_id
  on conflict (cohort_id, person_id) do nothing
)
delete from posthog_person p using merged m where p.team_id = m.team_id and p.id = m.id`,
    values: columnsOf(merged, ['teamId', 'id', 'into', 'steps']),
  };
}

/** Writes what changed of persons, which are locked (I140, step 9): only the keys that did. @param checksSize as of `createStatement` */
export function changePersonsStatement(
  persons: readonly (OfTeam<ChangedPerson> & { readonly isOlder: boolean })[],
  checksSize: boolean,
): Statement {
  const rows = persons.map((person) => ({
    ...person,
    set: jsonText(person.set),
    unset: person.unset.length === 0 ? null : jsonText(person.unset),
    createdAt: person.isOlder ? person.createdAt : null,
  }));
  const changed = `(case when c.unset is null then p.properties
    else p.properties - array(select jsonb_array_elements_text(c.unset::jsonb)) end || c.set::jsonb)`;
  return {
    text: `update posthog_person p set
  properties = case when c.set = '{}' and c.unset is null then p.properties
    else ${checksSize ? fitting(changed, 'p.properties') : changed} end,
  is_identified = c.is_identified, version = c.version,
  created_at = case when c.created_at is null then p.created_at else to_timestamp(c.created_at / 1000) end,
  last_seen_at = greatest(p.last_seen_at, to_timestamp(c.last_seen_at / 1000))
  from unnest($1::int[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::bigint[], $7::float8[], $8::float8[])
    c (team_id, id, set, unset, is_identified, version, created_at, last_seen_at)
 where p.team_id = c.team_id and p.id = c.id`,
    values: columnsOf(rows, ['teamId', 'id', 'set', 'unset', 'isIdentified', 'version', 'createdAt', 'lastSeenAt']),
  };
}

/** Makes groups and changes those that are there, which are locked (I103): one row `made`. */
export function groupChangesStatement(groups: readonly OfTeam<GroupChange>[]): Statement {
  const rows = groups.map((group) => ({ ...group, set: jsonText(group.set) }));
  return {
    text: `with wanted as (
  select * from unnest($1::int[], $2::int[], $3::text[], $4::boolean[], $5::text[], $6::float8[], $7::bigint[])
    w (team_id, index, key, is_new, set, created_at, version)
), changed as (
  update posthog_group g set group_properties = g.group_properties || w.set::jsonb, version = w.version,
      created_at = least(g.created_at, to_timestamp(w.created_at / 1000))
    from wanted w where not w.is_new and g.team_id = w.team_id and g.group_key = w.key and g.group_type_index = w.index
), made as (
  insert into posthog_group (team_id, group_type_index, group_key, group_properties, created_at, version)
  select team_id, index, key, set::jsonb, to_timestamp(created_at / 1000), version from wanted where is_new
   order by team_id, index, key collate "C"
  on conflict do nothing returning 1
)
select count(*)::text as made from made`,
    values: columnsOf(rows, ['teamId', 'index', 'key', 'isNew', 'set', 'createdAt', 'version']),
  };
}
