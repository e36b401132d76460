import type { Statement } from '../statements/statement.ts';

/** One import at a time: ids are chosen and written in two steps. */
export const lockStatement: Statement = {
  text: `select pg_advisory_xact_lock(hashtext('halyard import'))`,
  values: [],
};

export interface TeamColumns {
  readonly token: string;
  readonly name: string;
  readonly timezone: string | null;
  readonly propertyMatchingVersion: number | null;
}

/** Finds or makes the project behind a token: one row `team_id project_id created`. */
export function ensureTeamStatement({ token, name, timezone, propertyMatchingVersion }: TeamColumns): Statement {
  return {
    name: 'import_team',
    text: `with found as (
  select id, project_id from posthog_team where api_token = $1
), changed as (
  update posthog_team set timezone = coalesce($3, timezone), property_matching_version = coalesce($4::int, property_matching_version)
   where api_token = $1 and (timezone <> coalesce($3, timezone)
     or property_matching_version <> coalesce($4::int, property_matching_version))
), organization as (
  insert into posthog_organization (name) select 'Halyard' where not exists (select from found) returning id
), project as (
  insert into posthog_project (organization_id, name) select id, $2 from organization returning id, organization_id
), team as (
  insert into posthog_team (id, api_token, name, project_id, organization_id, timezone, property_matching_version)
  select id, $1, $2, id, organization_id, coalesce($3, 'UTC'), coalesce($4::int, 1) from project
  returning id, project_id
)
select id::text as team_id, project_id::text as project_id, 'false' as created from found
union all select id::text, project_id::text, 'true' from team`,
    values: [token, name, timezone, propertyMatchingVersion],
  };
}

/** The flags and cohorts that the team has, and which of the document's ids are taken elsewhere: one row of JSON lists. */
export function existingStatement(teamId: number, flagIds: readonly number[], cohortIds: readonly number[]): Statement {
  return {
    name: 'import_existing',
    text: `select
  (select coalesce(json_agg(json_build_array(id, key)), '[]') from posthog_featureflag where team_id = $1)::text as flags,
  (select coalesce(json_agg(id), '[]') from posthog_featureflag
    where id = any ($2::int[]) and team_id <> $1)::text as taken_flags,
  (select coalesce(json_agg(json_build_array(id, description)), '[]') from posthog_cohort where team_id = $1)::text as cohorts,
  (select coalesce(json_agg(id), '[]') from posthog_cohort
    where id = any ($3::int[]) and team_id <> $1)::text as taken_cohorts`,
    values: [teamId, flagIds, cohortIds],
  };
}

/** Fresh ids from the tables' own sequences: one row of JSON lists. */
export function newIdsStatement(flags: number, cohorts: number): Statement {
  return {
    name: 'import_ids',
    text: `select
  (select coalesce(json_agg(nextval(pg_get_serial_sequence('posthog_featureflag', 'id'))), '[]')
     from generate_series(1, $1::int))::text as flags,
  (select coalesce(json_agg(nextval(pg_get_serial_sequence('posthog_cohort', 'id'))), '[]')
     from generate_series(1, $2::int))::text as cohorts`,
    values: [flags, cohorts],
  };
}

/** Keeps a sequence ahead of ids that came from a document. */
export function advanceSequenceStatement(table: 'posthog_featureflag' | 'posthog_cohort', highest: number): Statement {
  return {
    name: `import_advance_${table}`,
    text: `select setval(pg_get_serial_sequence('${table}', 'id'), $1::int)
 where $1::int >= (select last_value from ${table}_id_seq)`,
    values: [highest],
  };
}

/** @param rows JSON list of `cohortColumns` */
export function cohortsImportStatement(teamId: number, rows: string): Statement {
  return {
    name: 'import_cohorts',
    text: `insert into posthog_cohort as c (id, team_id, name, description, deleted, is_static, cohort_type,
  last_backfill_person_properties_at, last_backfill_events_at, filters, groups)
select id, $1, name, description, deleted, is_static, cohort_type,
  last_backfill_person_properties_at, last_backfill_events_at, filters, groups
from jsonb_to_recordset($2::jsonb) as r (id int, name text, description text, deleted boolean, is_static boolean,
  cohort_type text, last_backfill_person_properties_at timestamptz, last_backfill_events_at timestamptz,
  filters jsonb, groups jsonb)
on conflict (id) do update set (name, description, deleted, is_static, cohort_type,
    last_backfill_person_properties_at, last_backfill_events_at, filters, groups)
  = (excluded.name, excluded.description, excluded.deleted, excluded.is_static, excluded.cohort_type,
     excluded.last_backfill_person_properties_at, excluded.last_backfill_events_at, excluded.filters, excluded.groups)
  where (c.name, c.description, c.deleted, c.is_static, c.cohort_type, c.last_backfill_person_properties_at,
         c.last_backfill_events_at, c.filters::text, c.groups::text)
    is distinct from (excluded.name, excluded.description, excluded.deleted, excluded.is_static, excluded.cohort_type,
         excluded.last_backfill_person_properties_at, excluded.last_backfill_events_at, excluded.filters::text,
         excluded.groups::text)
returning id::text as id`,
    values: [teamId, rows],
  };
}

/**
 * Writes flags; one row `key created` for each that is new or different. Texts of the filters are compared, because
 * `1` and `1.0` are equal as jsonb and not as definitions (E95).
 *
 * @param rows JSON list of `flagColumns`
 */
export function flagsImportStatement(teamId: number, rows: string): Statement {
  return {
    name: 'import_flags',
    text: `insert into posthog_featureflag as f (id, team_id, key, name, filters, active, deleted,
  ensure_experience_continuity, version, evaluation_runtime, bucketing_identifier, is_remote_configuration,
  has_encrypted_payloads, has_experiment)
select id, $1, key, name, filters, active, deleted, ensure_experience_continuity, version, evaluation_runtime,
  bucketing_identifier, is_remote_configuration, has_encrypted_payloads, has_experiment
from jsonb_to_recordset($2::jsonb) as r (id int, key text, name text, filters jsonb, active boolean, deleted boolean,
  ensure_experience_continuity boolean, version int, evaluation_runtime text, bucketing_identifier text,
  is_remote_configuration boolean, has_encrypted_payloads boolean, has_experiment boolean)
on conflict (team_id, key) do update set (name, filters, active, deleted, ensure_experience_continuity, version,
    evaluation_runtime, bucketing_identifier, is_remote_configuration, has_encrypted_payloads, has_experiment, updated_at)
  = (excluded.name, excluded.filters, excluded.active, excluded.deleted, excluded.ensure_experience_continuity,
     excluded.version, excluded.evaluation_runtime, excluded.bucketing_identifier, excluded.is_remote_configuration,
     excluded.has_encrypted_payloads, excluded.has_experiment, now())
  where (f.name, f.filters::text, f.active, f.deleted, f.ensure_experience_continuity, f.version, f.evaluation_runtime,
         f.bucketing_identifier, f.is_remote_configuration, f.has_encrypted_payloads, f.has_experiment)
    is distinct from (excluded.name, excluded.filters::text, excluded.active, excluded.deleted,
         excluded.ensure_experience_continuity, excluded.version, excluded.evaluation_runtime,
         excluded.bucketing_identifier, excluded.is_remote_configuration, excluded.has_encrypted_payloads,
         excluded.has_experiment)
returning key, (xmax = 0)::text as created`,
    values: [teamId, rows],
  };
}

/** Makes the flags' links to evaluation contexts what the document says; one row `key` for each flag that changed. */
export function contextsImportStatement(teamId: number, rows: string): Statement {
  return {
    name: 'import_contexts',
    text: `with wanted as materialized (
  select f.id, f.key, c.name
    from jsonb_to_recordset($2::jsonb) as r (key text, contexts jsonb)
    join posthog_featureflag f on f.team_id = $1 and f.key = r.key
    left join lateral jsonb_array_elements_text(r.contexts) as c (name) on true
), made as (
  insert into posthog_evaluationcontext (team_id, name) select distinct $1::int, name from wanted where name is not null
  on conflict (team_id, name) do nothing returning id, name
), named as (
  select id, name from made
  union all select id, name from posthog_evaluationcontext where team_id = $1 and name in (select name from wanted)
), added as (
  insert into posthog_featureflagevaluationcontext (feature_flag_id, evaluation_context_id)
  select w.id, n.id from wanted w join named n on n.name = w.name
  on conflict do nothing returning feature_flag_id
), removed as (
  delete from posthog_featureflagevaluationcontext l
   where l.feature_flag_id in (select id from wanted)
     and not exists (select from wanted w join named n on n.name = w.name
                      where w.id = l.feature_flag_id and n.id = l.evaluation_context_id)
  returning feature_flag_id
)
select distinct w.key from wanted w
 where w.id in (select feature_flag_id from added union select feature_flag_id from removed)`,
    values: [teamId, rows],
  };
}

/** Marks the team's flags that the document does not have as deleted; one row `key` each. */
export function removeOthersStatement(teamId: number, keys: readonly string[]): Statement {
  return {
    name: 'import_remove_others',
    text: `update posthog_featureflag set deleted = true, updated_at = now()
 where team_id = $1 and not deleted and key <> all ($2::text[]) returning key`,
    values: [teamId, keys],
  };
}

/** Drops group types whose index or name the document uses otherwise. */
export function clearGroupTypesStatement(
  projectId: number,
  indexes: readonly number[],
  types: readonly string[],
): Statement {
  return {
    name: 'import_clear_group_types',
    text: `delete from posthog_grouptypemapping m
 where m.project_id = $1 and (m.group_type_index = any ($2::int[]) or m.group_type = any ($3::text[]))
   and not exists (select from unnest($2::int[], $3::text[]) as w (index, type)
                    where w.index = m.group_type_index and w.type = m.group_type)`,
    values: [projectId, indexes, types],
  };
}

export function groupTypesImportStatement(
  teamId: number,
  projectId: number,
  indexes: readonly number[],
  types: readonly string[],
): Statement {
  return {
    name: 'import_group_types',
    text: `insert into posthog_grouptypemapping (team_id, project_id, group_type_index, group_type)
select $1, $2, index, type from unnest($3::int[], $4::text[]) as w (index, type)
on conflict do nothing`,
    values: [teamId, projectId, indexes, types],
  };
}
