import type { Statement } from '../statements/statement.ts';
import { timeText } from './shared-sql.ts';

/** An early access feature with the flag that it uses, as JSON (M128). */
const featureJson = `json_build_object('id', e.id, 'name', e.name, 'description', e.description, 'stage', e.stage,
  'documentation_url', e.documentation_url, 'created_at', ${timeText('e.created_at')},
  'feature_flag', (select json_build_object('id', f.id, 'team_id', f.team_id, 'name', f.name, 'key', f.key, 'filters', f.filters,
      'deleted', f.deleted, 'active', f.active, 'ensure_experience_continuity', f.ensure_experience_continuity)
    from posthog_featureflag f where f.id = e.feature_flag_id))::text as feature`;

/** A page of features, newest first: rows `feature`. */
export function earlyAccessStatement(
  teamId: number,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Statement {
  return {
    text: `select ${featureJson} from posthog_earlyaccessfeature e where e.team_id = $1
 order by e.created_at desc, e.id desc limit $2 offset $3`,
    values: [teamId, limit, offset],
  };
}

/** How many there are: one row `total`. */
export function earlyAccessCountStatement(teamId: number): Statement {
  return {
    text: 'select count(*)::text as total from posthog_earlyaccessfeature where team_id = $1',
    values: [teamId],
  };
}

/** One of them: a row `feature`. */
export function earlyAccessFeatureStatement(teamId: number, id: string): Statement {
  return {
    text: `select ${featureJson} from posthog_earlyaccessfeature e where e.team_id = $1 and e.id = $2::uuid`,
    values: [teamId, id],
  };
}

export interface EarlyAccessColumns {
  readonly name: string;
  readonly description: string;
  readonly stage: string;
  readonly documentationUrl: string;
}

/** Adds one: a row `id`. */
export function insertEarlyAccessStatement(
  teamId: number,
  flagId: number,
  at: string,
  { name, description, stage, documentationUrl }: EarlyAccessColumns,
): Statement {
  return {
    text: `insert into posthog_earlyaccessfeature (id, team_id, feature_flag_id, created_at, name, description, stage, documentation_url)
values (gen_random_uuid(), $1, $2, $3::timestamptz, $4, $5, $6, $7) returning id::text`,
    values: [teamId, flagId, at, name, description, stage, documentationUrl],
  };
}

export function updateEarlyAccessStatement(
  id: string,
  { name, description, stage, documentationUrl }: EarlyAccessColumns,
): Statement {
  return {
    text: `update posthog_earlyaccessfeature set name = $2, description = $3, stage = $4, documentation_url = $5 where id = $1::uuid`,
    values: [id, name, description, stage, documentationUrl],
  };
}

export function deleteEarlyAccessStatement(id: string): Statement {
  return { text: 'delete from posthog_earlyaccessfeature where id = $1::uuid', values: [id] };
}
