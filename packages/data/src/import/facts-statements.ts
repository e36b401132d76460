import type { Statement } from '../statements/statement.ts';
import type { StoredFacts } from '../stored-facts.ts';
import { storableJson } from './storable-json.ts';

const partSize = 2_000;

/**
 * The statements that store persons, groups, memberships and sticky keys of a team. Persons are new ones: a distinct id
 * that is already in use fails them all.
 *
 * @throws {Error} naming the person or group whose properties cannot be stored
 */
export function factsImportStatements(
  teamId: number,
  { persons = [], groups = [], staticMembers = [], stickyKeys = [] }: StoredFacts,
): readonly Statement[] {
  const personRows = persons.map(({ distinctIds, properties, createdAt }) => {
    const json = storableJson(properties);
    if (json === null)
      throw new Error(`the properties of ${String(distinctIds[0])} hold characters that cannot be stored`);
    return `{"ids":${JSON.stringify(distinctIds)},"created_at":${JSON.stringify(createdAt ?? null)},"properties":${json}}`;
  });
  const groupRows = groups.map(({ index, key, properties }) => {
    const json = storableJson(properties);
    if (json === null) throw new Error(`the properties of group ${key} hold characters that cannot be stored`);
    return `{"index":${index},"key":${JSON.stringify(key)},"properties":${json}}`;
  });
  const statements = [
    ...inParts(personRows).map((rows) => personsStatement(teamId, rows)),
    ...inParts(groupRows).map((rows) => groupsStatement(teamId, rows)),
  ];
  if (staticMembers.length > 0) {
    const pairs = staticMembers.flatMap(({ cohortId, distinctIds }) =>
      distinctIds.map((id) => [cohortId, id] as const),
    );
    statements.push(membersStatement(teamId, pairs));
  }
  if (stickyKeys.length > 0) statements.push(stickyKeysImportStatement(teamId, stickyKeys));
  return statements;
}

/** JSON lists of a size that keeps one parameter far from PostgreSQL's limits. */
function inParts(rows: readonly string[]): string[] {
  const lists: string[] = [];
  for (let start = 0; start < rows.length; start += partSize) {
    lists.push(`[${rows.slice(start, start + partSize).join(',')}]`);
  }
  return lists;
}

function personsStatement(teamId: number, rows: string): Statement {
  return {
    name: 'import_persons',
    text: `with rows as materialized (
  select nextval('posthog_person_id_seq') as id, ids, created_at, properties
    from jsonb_to_recordset($2::jsonb) as r (ids jsonb, created_at timestamptz, properties jsonb)
), persons as (
  insert into posthog_person (id, team_id, uuid, properties, created_at, is_identified, version)
  select id, $1, gen_random_uuid(), properties, coalesce(created_at, now()), true, 0 from rows
)
insert into posthog_persondistinctid (team_id, distinct_id, person_id, version)
select $1, distinct_id, id, 0 from rows cross join lateral jsonb_array_elements_text(ids) as d (distinct_id)`,
    values: [teamId, rows],
  };
}

function groupsStatement(teamId: number, rows: string): Statement {
  return {
    name: 'import_groups',
    text: `insert into posthog_group (team_id, group_type_index, group_key, group_properties, created_at,
  properties_last_updated_at, properties_last_operation, version)
select $1, index, key, properties, now(), '{}', '{}', 0
  from jsonb_to_recordset($2::jsonb) as r (index int, key text, properties jsonb)
on conflict (team_id, group_key, group_type_index) do update set group_properties = excluded.group_properties`,
    values: [teamId, rows],
  };
}

function membersStatement(
  teamId: number,
  pairs: readonly (readonly [cohortId: number, distinctId: string])[],
): Statement {
  return {
    name: 'import_members',
    text: `insert into posthog_cohortpeople (cohort_id, person_id)
select distinct w.cohort_id, d.person_id
  from unnest($2::int[], $3::text[]) as w (cohort_id, distinct_id)
  join posthog_persondistinctid d on d.team_id = $1 and d.distinct_id = w.distinct_id
on conflict do nothing`,
    values: [teamId, pairs.map(([cohortId]) => cohortId), pairs.map(([, distinctId]) => distinctId)],
  };
}

function stickyKeysImportStatement(teamId: number, keys: NonNullable<StoredFacts['stickyKeys']>): Statement {
  return {
    name: 'import_sticky_keys',
    text: `insert into posthog_featureflaghashkeyoverride (team_id, person_id, feature_flag_key, hash_key)
select $1, d.person_id, w.flag_key, w.hash_key
  from unnest($2::text[], $3::text[], $4::text[]) as w (distinct_id, flag_key, hash_key)
  join posthog_persondistinctid d on d.team_id = $1 and d.distinct_id = w.distinct_id
on conflict do nothing`,
    values: [
      teamId,
      keys.map(({ distinctId }) => distinctId),
      keys.map(({ flagKey }) => flagKey),
      keys.map(({ hashKey }) => hashKey),
    ],
  };
}
