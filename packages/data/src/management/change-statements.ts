import type { Statement } from '../statements/statement.ts';

/**
 * What a project's flags, cohorts and early access features are at: rows `kind id key version state`, of which `state` differs whenever
 * somebody has changed the row. That a flag was called is no change.
 */
export function projectStateStatement(teamId: number): Statement {
  return {
    text: `select 'flag' as kind, id::text, key, version::text,
    concat_ws(' ', version, extract(epoch from updated_at), active, deleted, md5(filters::text)) as state
  from posthog_featureflag where team_id = $1
 union all
select 'cohort', id::text, null, version::text, xmin::text from posthog_cohort where team_id = $1
 union all
select 'early_access_feature', id::text, null, null, xmin::text from posthog_earlyaccessfeature where team_id = $1`,
    values: [teamId],
  };
}
