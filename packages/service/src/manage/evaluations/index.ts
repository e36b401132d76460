import type { JsonValue } from '@halyard/json';
import { type Flag, maskedFilters } from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { anyObject } from '../flags/shapes.ts';
import { invalid } from '../frame/api-error.ts';
import { type Endpoint, endpoint, ok } from '../frame/endpoint.ts';
import { flagKeysOf, groupsOf, resultsFor, storedFlags } from './ask.ts';
import { blastRadiusEndpoint } from './blast-radius.ts';
import { cohortOfFlagEndpoint } from './cohort-of-flag.ts';
import { testEvaluationEndpoint } from './test-evaluation.ts';
import { flagValuesEndpoint } from './values-endpoint.ts';

const reading = { scopes: ['feature_flag:read'] } as const;
const query = { groups: 'JSON object of group types and keys.', flag_keys: 'Only these: repeated, or one JSON list.' };

/** M91. */
function briefOf(flag: Flag): Record<string, JsonValue> {
  return {
    id: flag.id,
    team_id: flag.team_id,
    name: flag.name,
    key: flag.key,
    filters: maskedFilters(flag),
    deleted: flag.deleted,
    active: flag.active,
    ensure_experience_continuity: flag.ensure_experience_continuity,
    version: flag.version,
    evaluation_runtime: flag.evaluation_runtime,
    bucketing_identifier: flag.bucketing_identifier,
    evaluation_contexts: flag.evaluation_contexts,
  };
}

const myFlagsEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/feature_flags/my_flags/',
  access: reading,
  changes: 'nothing',
  summary: 'Flags as they are for the caller, newest first',
  query,
  answers: { 200: z.array(anyObject) },
  handle: async (call) => {
    const keys = flagKeysOf(call.query);
    const groups = groupsOf(call.query);
    const flags = (await storedFlags(call)).filter((flag) => keys === null || keys.has(flag.key));
    const results = await resultsFor(call, { distinctId: call.caller.user.distinctId, groups });
    return ok(flags.map((flag) => ({ feature_flag: briefOf(flag), value: results.get(flag.key)?.value ?? false })));
  },
});

/** Failures of loading, as opposed to those of definitions (E163). */
const lost = new Set([
  'timeout',
  'no_more_connections',
  'query_wait_timeout',
  'database_unavailable',
  'database_error',
  'hash_key_override_error',
]);

const reasonsEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/feature_flags/evaluation_reasons/',
  access: reading,
  changes: 'nothing',
  summary: 'Why flags are as they are for somebody',
  query: { distinct_id: 'For whom.', ...query },
  answers: { 200: anyObject, 503: 'What is stored of the person could not be loaded.' },
  handle: async (call) => {
    const distinctId = call.query.get('distinct_id') ?? '';
    if (distinctId === '') throw invalid('This field is required.', 'distinct_id', 'required');
    const keys = flagKeysOf(call.query);
    const groups = groupsOf(call.query);
    const flags = (await storedFlags(call)).filter((flag) => keys === null || keys.has(flag.key));
    const results = await resultsFor(call, { distinctId, groups });
    const reasons = flags.map((flag): [string, JsonValue] => {
      const result = results.get(flag.key);
      const { code, conditionIndex, description } = result?.reason ?? {
        code: flag.active ? 'unknown' : 'disabled',
        conditionIndex: null,
        description: null,
      };
      const evaluation = { reason: code, condition_index: conditionIndex, description };
      return [flag.key, { value: result?.value ?? false, evaluation }];
    });
    if ([...results.values()].some(({ failed, reason }) => failed && lost.has(reason.code))) {
      return { status: 503, body: { error: 'What is stored could not be loaded. Ask again later.' } };
    }
    return ok(Object.fromEntries(reasons));
  },
});

/** Evaluations for people and their tools (section 9 of the management rules). */
export const evaluationEndpoints: readonly Endpoint[] = [
  myFlagsEndpoint,
  reasonsEndpoint,
  testEvaluationEndpoint,
  blastRadiusEndpoint,
  flagValuesEndpoint,
  cohortOfFlagEndpoint,
];
