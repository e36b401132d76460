import type { Statement } from '../statements/statement.ts';

/** Makes a flag's tags these, and makes those that there are not (M43). */
export function setTagsStatement(teamId: number, flagId: number, names: readonly string[]): Statement {
  return {
    text: `with made as (
  insert into posthog_tag (id, team_id, name) select gen_random_uuid(), $1::int, name from unnest($3::text[]) as w (name)
  on conflict (name, team_id) do nothing returning id
), wanted as (
  select id from made union all select id from posthog_tag where team_id = $1 and name = any ($3::text[])
), removed as (
  delete from posthog_taggeditem where feature_flag_id = $2 and tag_id not in (select id from wanted)
)
insert into posthog_taggeditem (id, tag_id, feature_flag_id) select gen_random_uuid(), id, $2::int from wanted w
 where not exists (select from posthog_taggeditem i where i.tag_id = w.id and i.feature_flag_id = $2)
on conflict do nothing`,
    values: [teamId, flagId, names],
  };
}

/** The same for a flag's evaluation contexts (M44). */
export function setContextsStatement(teamId: number, flagId: number, names: readonly string[], at: string): Statement {
  return {
    text: `with made as (
  insert into posthog_evaluationcontext (id, team_id, name, created_at)
  select gen_random_uuid(), $1::int, name, $4::timestamptz from unnest($3::text[]) as w (name)
  on conflict (team_id, name) do nothing returning id
), wanted as (
  select id from made union all select id from posthog_evaluationcontext where team_id = $1 and name = any ($3::text[])
), removed as (
  delete from posthog_featureflagevaluationcontext
   where feature_flag_id = $2 and evaluation_context_id not in (select id from wanted)
)
insert into posthog_featureflagevaluationcontext (feature_flag_id, evaluation_context_id, created_at)
select $2::int, id, $4::timestamptz from wanted on conflict do nothing`,
    values: [teamId, flagId, names, at],
  };
}
