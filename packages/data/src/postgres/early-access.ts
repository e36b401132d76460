import { isObject, type JsonObject, parseStored } from '@halyard/json';
import type { Executor } from './executor.ts';
import { StoreError } from '../store-error.ts';

/** SQLSTATE of a table that is not there: some ages of PostHog's schema have no early access features. */
const UNDEFINED_TABLE = '42P01';

/**
 * The early access features of a team that have a flag (D14), in the order of their names: `id`, `name`, `description`, `stage`, `documentationUrl`,
 * `payload` and `flagKey`. Columns that a database lacks are empty.
 *
 * @throws {StoreError}
 */
export async function listEarlyAccess(mainReader: Executor, teamId: number): Promise<readonly JsonObject[]> {
  try {
    const [row] = await mainReader.query({ text: TEXT, values: [teamId] });
    const features = parseStored(row?.['features'] ?? '[]');
    return Array.isArray(features) ? features.filter(isObject) : [];
  } catch (error) {
    if (error instanceof StoreError && error.code === UNDEFINED_TABLE) return [];
    throw error;
  }
}

const TEXT = `select coalesce(json_agg(json_build_object(
    'id', e.id, 'name', row -> 'name', 'description', coalesce(row -> 'description', '""'),
    'stage', row -> 'stage', 'documentationUrl', coalesce(row -> 'documentation_url', '""'),
    'payload', coalesce(row -> 'payload', '{}'), 'flagKey', f.key) order by row ->> 'name', e.id), '[]')::text as features
from posthog_earlyaccessfeature e cross join lateral (select to_jsonb(e) as row offset 0) r
join posthog_featureflag f on f.id = e.feature_flag_id and f.team_id = e.team_id and not f.deleted
where e.team_id = $1`;
