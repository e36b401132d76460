import type { Statement } from '../statements/statement.ts';
import { timeText, userBrief } from './shared-sql.ts';
import { cell, type Cells, insertion, rowChange } from './write-statement.ts';

/** Cohorts as filters name them: rows `id name is_static deleted filters groups` of those that there are. */
export function cohortNamesStatement(teamId: number, ids: readonly number[]): Statement {
  return {
    text: `select id::text, name, deleted::text from posthog_cohort where team_id = $1 and id = any ($2::int[]) order by id`,
    values: [teamId, ids],
  };
}

/** All cohorts of the project that are not deleted, with what they are made of: rows `id is_static filters groups`, JSON texts. */
export function cohortDefinitionsStatement(teamId: number): Statement {
  return {
    text: `select id::text, is_static::text, filters::text as filters, groups::text as groups
  from posthog_cohort where team_id = $1 and not deleted`,
    values: [teamId],
  };
}

/** What groups call themselves: rows `index key name` of those with a name (M31). */
export function groupNamesStatement(teamId: number, keys: readonly string[]): Statement {
  return {
    text: `select group_type_index::text as index, group_key as key, group_properties ->> 'name' as name
  from posthog_group where team_id = $1 and group_key = any ($2::text[]) and group_properties ->> 'name' is not null`,
    values: [teamId, keys],
  };
}

/** One cohort as JSON (M105), with the number of members of a static one. */
const cohortJson = `json_build_object('id', c.id, 'team_id', c.team_id, 'name', c.name, 'description', c.description, 'deleted', c.deleted,
  'filters', c.filters, 'version', c.version, 'pending_version', c.pending_version, 'created_by', ${userBrief('c.created_by_id')},
  'created_at', ${timeText('c.created_at')}, 'last_calculation', ${timeText('c.last_calculation')},
  'errors_calculating', c.errors_calculating, 'is_static', c.is_static, 'cohort_type', to_jsonb(c) -> 'cohort_type',
  'count', case when c.is_static then (select count(*) from posthog_cohortpeople p where p.cohort_id = c.id) end)::text as cohort`;

export interface CohortSelection {
  /** Part of the name, whatever its case. */
  readonly search: string | null;
  readonly isStatic: boolean | null;
  readonly createdBy: number | null;
  /** Leave out those with a leaf about behaviour. */
  readonly hideBehavioural: boolean;
}

function cohortsWhere(teamId: number, { search, isStatic, createdBy, hideBehavioural }: CohortSelection) {
  return {
    where: `c.team_id = $1 and not c.deleted and ($2::text is null or strpos(lower(c.name), lower($2)) > 0)
   and ($3::boolean is null or c.is_static = $3) and ($4::int is null or c.created_by_id = $4)
   and not ($5 and coalesce(c.filters @? '$.** ? (@.type == "behavioral")', false))`,
    values: [teamId, search, isStatic, createdBy, hideBehavioural] as const,
  };
}

/** A page of cohorts that are not deleted, newest first: rows `cohort` (M106). */
export function cohortsPageStatement(
  teamId: number,
  selection: CohortSelection,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Statement {
  const { where, values } = cohortsWhere(teamId, selection);
  return {
    text: `select ${cohortJson} from posthog_cohort c where ${where}
 order by c.created_at desc nulls last, c.id desc limit $6 offset $7`,
    values: [...values, limit, offset],
  };
}

/** How many there are: one row `total`. */
export function cohortsCountStatement(teamId: number, selection: CohortSelection): Statement {
  const { where, values } = cohortsWhere(teamId, selection);
  return { text: `select count(*)::text as total from posthog_cohort c where ${where}`, values: [...values] };
}

/** One cohort, also a deleted one: a row `cohort`. */
export function cohortStatement(teamId: number, id: number): Statement {
  return {
    text: `select ${cohortJson} from posthog_cohort c where c.team_id = $1 and c.id = $2`,
    values: [teamId, id],
  };
}

/** What is decided about a cohort; `filters` is JSON text. */
export interface CohortColumns {
  readonly name: string | null;
  readonly description: string | null;
  readonly deleted: boolean;
  readonly filters: string | null;
}

/** Adds a cohort: one row `id`. */
export function insertCohortStatement(
  teamId: number,
  userId: number | null,
  at: string,
  isStatic: boolean,
  { name, description, deleted, filters }: CohortColumns,
): Statement {
  return insertion('posthog_cohort', {
    team_id: cell(teamId, 'int'),
    created_by_id: cell(userId, 'int'),
    created_at: cell(at, 'timestamptz'),
    is_static: cell(isStatic, 'boolean'),
    ...cellsOf({ name, description, deleted, filters }),
    groups: { sql: `'[]'` },
    is_calculating: { sql: 'false' },
    errors_calculating: { sql: '0' },
  });
}

export function updateCohortStatement(id: number, columns: CohortColumns): Statement {
  return rowChange('posthog_cohort', id, cellsOf(columns));
}

function cellsOf({ name, description, deleted, filters }: CohortColumns): Cells {
  return {
    name: cell(name, 'text'),
    // PostHog's column has no nulls.
    description: cell(description ?? '', 'text'),
    deleted: cell(deleted, 'boolean'),
    filters: cell(filters, 'jsonb'),
  };
}

/** Flags of the project, not deleted, whose filters name one of these cohorts: rows `id key name active`, by key. */
export function flagsOfCohortsStatement(teamId: number, ids: readonly number[]): Statement {
  return {
    text: `select f.id::text, f.key, f.name, f.active::text from posthog_featureflag f
 where f.team_id = $1 and not f.deleted and exists (
   select from jsonb_array_elements_text(
     jsonb_path_query_array(f.filters, '$.groups[*].properties[*] ? (@.type == "cohort").value')) as v (id)
    where v.id = any ($2::text[]))
 order by f.key, f.id`,
    values: [teamId, ids.map(String)],
  };
}

/** By what a list names people. */
export type PersonName = 'uuid' | 'distinct_id' | 'email';

const personBy: Readonly<Record<PersonName, string>> = {
  uuid: `p.uuid::text = lower(w.name)`,
  distinct_id: `exists (select from posthog_persondistinctid d
    where d.team_id = p.team_id and d.person_id = p.id and d.distinct_id = w.name)`,
  email: `p.properties ->> 'email' = w.name`,
};

/** Adds people to a static cohort: one row `known added`, how many of the names are somebody's and how many people are new in it. */
export function addMembersStatement(
  teamId: number,
  cohortId: number,
  by: PersonName,
  names: readonly string[],
): Statement {
  const found =
    by === 'distinct_id'
      ? `select distinct w.name, d.person_id as id from unnest($3::text[]) as w (name)
    join posthog_persondistinctid d on d.team_id = $1 and d.distinct_id = w.name`
      : `select distinct w.name, p.id from unnest($3::text[]) as w (name)
    join posthog_person p on p.team_id = $1 and ${personBy[by]}`;
  return {
    text: `with found as (${found}), added as (
  insert into posthog_cohortpeople (cohort_id, person_id) select $2::int, f.id from (select distinct id from found) f
   where not exists (select from posthog_cohortpeople m where m.cohort_id = $2 and m.person_id = f.id)
  returning person_id
)
select (select count(distinct name) from found)::text as known, (select count(*) from added)::text as added`,
    values: [teamId, cohortId, names],
  };
}

/** Takes somebody out of a static cohort: one row `known`, whether there is such a person. */
export function removeMemberStatement(teamId: number, cohortId: number, uuid: string): Statement {
  return {
    text: `with found as (select id from posthog_person where team_id = $1 and uuid::text = lower($3)), removed as (
  delete from posthog_cohortpeople where cohort_id = $2 and person_id in (select id from found)
)
select (exists (select from found))::text as known`,
    values: [teamId, cohortId, uuid],
  };
}

/** The oldest cohort of this name that is not deleted: a row `id`. */
export function cohortByNameStatement(teamId: number, name: string): Statement {
  return {
    text: `select id::text from posthog_cohort where team_id = $1 and name = $2 and not deleted order by id limit 1`,
    values: [teamId, name],
  };
}
