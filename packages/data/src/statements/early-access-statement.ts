import type { Statement } from './statement.ts';

/** The early access features of a team that have a flag (D14), as one document in the column `features`. Columns that a database lacks are empty. */
export function earlyAccessStatement(teamId: number, ticket: string): Statement {
  return { text: TEXT, values: [teamId, ticket] };
}

const TEXT = `select coalesce(json_agg(json_build_object(
    'id', e.id, 'name', row -> 'name', 'description', coalesce(row -> 'description', '""'),
    'stage', row -> 'stage', 'documentationUrl', coalesce(row -> 'documentation_url', '""'),
    'payload', coalesce(row -> 'payload', '{}'), 'flagKey', f.key) order by row ->> 'name', e.id), '[]')::text as features,
  $2::text as asked
from posthog_earlyaccessfeature e cross join lateral (select to_jsonb(e) as row offset 0) r
join posthog_featureflag f on f.id = e.feature_flag_id and f.team_id = e.team_id and not f.deleted
where e.team_id = $1`;
