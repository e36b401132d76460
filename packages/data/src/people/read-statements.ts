import type { Statement } from '../statements/statement.ts';
import { columnsOf } from './columns.ts';

/**
 * Remembers events (I150), sorted, so that two batches wait for each other in one order (I141): a row `team_id uuid` for each that was not
 * there before.
 */
export function rememberEventsStatement(
  events: readonly { readonly teamId: number; readonly uuid: string }[],
  now: number,
): Statement {
  return {
    text: `insert into halyard_ingested_event (team_id, uuid, seen_at)
select team_id, uuid, to_timestamp($3::float8 / 1000) from unnest($1::int[], $2::uuid[]) e (team_id, uuid) order by team_id, uuid
on conflict do nothing returning team_id::text, uuid::text`,
    values: [...columnsOf(events, ['teamId', 'uuid']), now],
  };
}

/** Types of groups: rows `project_id group_type group_type_index`. They are one project's, whichever team named them (I106). */
export function groupTypesStatement(projectIds: readonly number[]): Statement {
  return {
    text: `select project_id::text, group_type, group_type_index::text from posthog_grouptypemapping where project_id = any ($1::bigint[])`,
    values: [projectIds],
  };
}

/**
 * Whose distinct ids are (I140, steps 2 and 4): rows `team_id distinct_id version person_id row_person_id`, `person_id` null where the
 * row is a tombstone, or its person is one or gone (I90). And `newIds` rows with a fresh `new_id`, for persons that are to be made.
 */
export function resolveStatement(
  ids: readonly { readonly teamId: number; readonly distinctId: string }[],
  newIds: number,
): Statement {
  return {
    text: `select w.team_id::text, w.distinct_id, d.version::text, p.id::text as person_id, d.person_id::text as row_person_id,
  null::text as new_id
  from unnest($1::int[], $2::text[]) w (team_id, distinct_id)
  join posthog_persondistinctid d on d.team_id = w.team_id and d.distinct_id = w.distinct_id
  left join posthog_person p on p.team_id = d.team_id and p.id = d.person_id and not p.is_deleted and not d.is_deleted
union all
select null, null, null, null, null, nextval('posthog_person_id_seq')::text from generate_series(1, $3::int)`,
    values: [...columnsOf(ids, ['teamId', 'distinctId']), newIds],
  };
}

/**
 * A document as a list: how many keys it has, its bytes, and all of it or some keys. Of a large one each part is taken from memory: it is
 * read from where it lies once. All stands in one expression of the row: where a lock had to wait, the row is read anew, and with it only
 * what stands there; a subquery beside it would still tell of the row before.
 */
const documentOf = (column: string, keys: string, whole: string): string => `(select json_build_array(
    (select count(*) from jsonb_object_keys(x.document)), octet_length(x.document::text), case when ${whole} then x.document
      else (select coalesce(jsonb_object_agg(k, x.document -> k), '{}') from unnest(${keys}::text[]) k where x.document ? k) end)
    from (select ${column} || '{}' as document offset 0) x)::text as document`;
const milliseconds = (column: string): string => `(extract(epoch from ${column}) * 1000)::text`;

/**
 * Locks persons, in the order of their ids, and reads them (I140, step 3): rows `team_id id is_identified created_at version document`.
 * Of persons that are not read `whole`, only some keys.
 *
 * @param mayMerge whether some of them may be deleted, which needs the stronger lock from the start (I143)
 */
export function lockPersonsStatement(
  persons: readonly { readonly teamId: number; readonly id: string; readonly whole: boolean }[],
  keys: readonly string[],
  mayMerge: boolean,
): Statement {
  return {
    text: `select p.team_id::text, p.id::text, p.is_identified::text, ${milliseconds('p.created_at')} as created_at, p.version::text,
  ${documentOf('p.properties', '$4', 'w.whole')}
  from unnest($1::int[], $2::bigint[], $3::boolean[]) w (team_id, id, whole)
  join posthog_person p on p.team_id = w.team_id and p.id = w.id
 where not p.is_deleted order by p.id for ${mayMerge ? 'update' : 'no key update'} of p`,
    values: [...columnsOf(persons, ['teamId', 'id', 'whole']), keys],
  };
}

/**
 * Reads groups: rows `team_id index key created_at version document`, of which some keys. Those that are to be changed are
 * locked, in one order; a group that many events name and none changes makes nobody wait.
 */
export function groupsStatement(
  groups: readonly { readonly teamId: number; readonly index: number; readonly key: string }[],
  keys: readonly string[],
  locks: boolean,
): Statement {
  return {
    text: `select g.team_id::text, g.group_type_index::text as index, g.group_key as key, ${milliseconds('g.created_at')} as created_at,
  g.version::text, ${documentOf('g.group_properties', '$4', 'false')}
  from unnest($1::int[], $2::int[], $3::text[]) w (team_id, index, key)
  join posthog_group g on g.team_id = w.team_id and g.group_key = w.key and g.group_type_index = w.index
 order by g.team_id, g.group_type_index, g.group_key collate "C"${locks ? ' for no key update of g' : ''}`,
    values: [...columnsOf(groups, ['teamId', 'index', 'key']), keys],
  };
}

/** Active flags with experience continuity: rows `team_id key` (I91). */
export function continuityFlagsStatement(teamIds: readonly number[]): Statement {
  return {
    text: `select team_id::text, key from posthog_featureflag
 where team_id = any ($1::int[]) and active and not deleted and ensure_experience_continuity order by team_id, id`,
    values: [teamIds],
  };
}
