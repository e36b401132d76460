import type { Statement } from '../statements/statement.ts';

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

/** Since when calls of flags are counted (M87): a row `since`, none when they are not. */
export const countedSinceStatement: Statement = {
  text: `select value #>> '{}' as since from halyard_setting where name = 'flag_calls_counted_since'`,
  values: [],
};
