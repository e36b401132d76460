import type { Statement } from '../statements/statement.ts';
import { flagJson } from './flag-statements.ts';

/** Ids for new rows of flags: rows `id`. */
export function newFlagIdsStatement(count: number): Statement {
  return {
    text: `select nextval(pg_get_serial_sequence('posthog_featureflag', 'id'))::text as id from generate_series(1, $1::int)`,
    values: [count],
  };
}

/** Whoever holds one of these keys: rows `id key deleted`. */
export function keyHoldersStatement(teamId: number, keys: readonly string[]): Statement {
  return {
    text: `select id::text, key, deleted::text from posthog_featureflag where team_id = $1 and key = any ($2::text[])`,
    values: [teamId, keys],
  };
}

/** Flags locked against whoever writes rows without taking turns: rows `flag`. */
export function lockedFlagsStatement(teamId: number, ids: readonly number[]): Statement {
  return {
    text: `select ${flagJson} from posthog_featureflag f where f.team_id = $1 and f.id = any ($2::int[])
 order by f.id for no key update of f`,
    values: [teamId, ids],
  };
}

/**
 * Adds flags with version 1.
 *
 * @param columns names of the columns that the rows have besides
 * @param rows JSON text: a list of objects with these columns and `id`
 */
export function insertFlagsStatement(
  teamId: number,
  userId: number | null,
  at: string,
  columns: readonly string[],
  rows: string,
): Statement {
  const names = columns.map((name) => `"${name}"`).join(', ');
  return {
    text: `insert into posthog_featureflag (id, team_id, created_by_id, last_modified_by_id, created_at, updated_at, version, ${names})
select id, $1::int, $2::int, $2::int, $3::timestamptz, $3::timestamptz, 1, ${names}
  from jsonb_populate_recordset(null::posthog_featureflag, $4::jsonb)`,
    values: [teamId, userId, at, rows],
  };
}

/** Writes the same columns of many flags, each its own values, and makes each its next version; as `insertFlagsStatement` has them. */
export function updateFlagsStatement(
  userId: number | null,
  at: string,
  columns: readonly string[],
  rows: string,
): Statement {
  const changes = columns.map((name) => `"${name}" = r."${name}", `).join('');
  return {
    text: `update posthog_featureflag f set ${changes}version = coalesce(f.version, 1) + 1, last_modified_by_id = $1::int,
  updated_at = $2::timestamptz from jsonb_populate_recordset(null::posthog_featureflag, $3::jsonb) r where f.id = r.id`,
    values: [userId, at, rows],
  };
}

/** Names that flags are to have, such as tags. */
export interface FlagNames {
  readonly id: number;
  readonly names: readonly string[];
}

/** Makes the tags of many flags these (M43). */
export function setTagsOfFlagsStatement(teamId: number, flags: readonly FlagNames[]): Statement {
  return {
    text: `with ${wantedNames}, made as (
  insert into posthog_tag (id, team_id, name) select gen_random_uuid(), $1::int, name from (select distinct name from wanted) n
  on conflict (name, team_id) do nothing returning id, name
), known as (
  select id, name from made union all select t.id, t.name from posthog_tag t
   where t.team_id = $1 and t.name in (select name from wanted)
), links as (select w.id as flag_id, k.id from wanted w join known k on k.name = w.name), removed as (
  delete from posthog_taggeditem i using unnest($2::int[]) as f (id)
   where i.feature_flag_id = f.id and (i.feature_flag_id, i.tag_id) not in (select flag_id, id from links)
)
insert into posthog_taggeditem (id, tag_id, feature_flag_id) select gen_random_uuid(), id, flag_id from links on conflict do nothing`,
    values: [teamId, flags.map(({ id }) => id), JSON.stringify(flags)],
  };
}

/** The same for evaluation contexts (M44). */
export function setContextsOfFlagsStatement(teamId: number, flags: readonly FlagNames[], at: string): Statement {
  return {
    text: `with ${wantedNames}, made as (
  insert into posthog_evaluationcontext (id, team_id, name, created_at)
  select gen_random_uuid(), $1::int, name, $4::timestamptz from (select distinct name from wanted) n
  on conflict (team_id, name) do nothing returning id, name
), known as (
  select id, name from made union all select c.id, c.name from posthog_evaluationcontext c
   where c.team_id = $1 and c.name in (select name from wanted)
), links as (select w.id as flag_id, k.id from wanted w join known k on k.name = w.name), removed as (
  delete from posthog_featureflagevaluationcontext l using unnest($2::int[]) as f (id)
   where l.feature_flag_id = f.id and (l.feature_flag_id, l.evaluation_context_id) not in (select flag_id, id from links)
)
insert into posthog_featureflagevaluationcontext (feature_flag_id, evaluation_context_id, created_at)
select flag_id, id, $4::timestamptz from links on conflict do nothing`,
    values: [teamId, flags.map(({ id }) => id), JSON.stringify(flags), at],
  };
}

const wantedNames = `wanted as (
  select w.id, n.name from jsonb_to_recordset($3::jsonb) as w (id int, names jsonb), jsonb_array_elements_text(w.names) as n (name)
)`;
