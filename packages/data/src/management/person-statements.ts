import type { Statement } from '../statements/statement.ts';
import { timeText } from './shared-sql.ts';

const personJson = `json_build_object('id', p.id, 'uuid', p.uuid, 'properties', p.properties, 'created_at', ${timeText('p.created_at')},
  'distinct_ids', (select coalesce(json_agg(d.distinct_id order by d.id), '[]') from posthog_persondistinctid d
    where d.team_id = p.team_id and d.person_id = p.id and not d.is_deleted))::text as person`;

/** The person with this uuid: a row `person`. */
export function personByUuidStatement(teamId: number, uuid: string): Statement {
  return {
    text: `select ${personJson} from posthog_person p where p.team_id = $1 and p.uuid = $2::uuid and not p.is_deleted`,
    values: [teamId, uuid],
  };
}

/** The person with this distinct id: a row `person`. */
export function personByDistinctIdStatement(teamId: number, distinctId: string): Statement {
  return {
    text: `select ${personJson} from posthog_persondistinctid i join posthog_person p on p.team_id = i.team_id and p.id = i.person_id
 where i.team_id = $1 and i.distinct_id = $2 and not i.is_deleted and not p.is_deleted`,
    values: [teamId, distinctId],
  };
}

export interface PersonSelection {
  /** Part of a name or address, or a whole distinct id. */
  readonly search: string | null;
  /** Members of this static cohort. */
  readonly cohortId: number | null;
}

/** A page of persons, newest first: rows `person` (M113, M122). */
export function personsStatement(
  teamId: number,
  { search, cohortId }: PersonSelection,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Statement {
  return {
    text: `select ${personJson} from posthog_person p where p.team_id = $1 and not p.is_deleted
   and ($2::text is null or strpos(lower(coalesce(p.properties ->> 'email', '')), lower($2)) > 0
     or strpos(lower(coalesce(p.properties ->> 'name', '')), lower($2)) > 0
     or exists (select from posthog_persondistinctid d
         where d.team_id = p.team_id and d.person_id = p.id and d.distinct_id = $2 and not d.is_deleted))
   and ($3::int is null or exists (select from posthog_cohortpeople m where m.cohort_id = $3 and m.person_id = p.id))
 order by p.id desc limit $4 offset $5`,
    values: [teamId, search, cohortId, limit, offset],
  };
}

/** The project's group types: rows `type index singular plural`. */
export function groupTypeListStatement(teamId: number): Statement {
  return {
    text: `select group_type as type, group_type_index::text as index, name_singular as singular, name_plural as plural
  from posthog_grouptypemapping where team_id = $1 order by group_type_index`,
    values: [teamId],
  };
}

/** A page of groups of one type, newest first: rows `found`, JSON (M121). */
export function groupsStatement(
  teamId: number,
  index: number,
  search: string | null,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Statement {
  return {
    text: `select json_build_object('group_type_index', g.group_type_index, 'group_key', g.group_key,
    'group_properties', g.group_properties, 'created_at', ${timeText('g.created_at')})::text as found
  from posthog_group g where g.team_id = $1 and g.group_type_index = $2
   and ($3::text is null or strpos(lower(g.group_key), lower($3)) > 0
     or strpos(lower(coalesce(g.group_properties ->> 'name', '')), lower($3)) > 0)
 order by g.id desc limit $4 offset $5`,
    values: [teamId, index, search, limit, offset],
  };
}

/** How many persons, or groups of a type (`index` not null), the project has: one row `total`. */
export function subjectCountStatement(teamId: number, index: number | null): Statement {
  const text =
    index === null
      ? `select count(*)::text as total from posthog_person where team_id = $1 and not is_deleted and $2::int is null`
      : `select count(*)::text as total from posthog_group where team_id = $1 and group_type_index = $2`;
  return { text, values: [teamId, index] };
}

/** Where pages of persons begin that are `size` long, in the order of ids: one row `starts`, a JSON list of ids. */
export function personPageStartsStatement(teamId: number, size: number): Statement {
  return {
    text: `select coalesce(json_agg(id order by id), '[]')::text as starts
  from (select id, row_number() over (order by id) as place from posthog_person where team_id = $1 and not is_deleted) p
 where place % $2::int = 1 % $2::int`,
    values: [teamId, size],
  };
}
