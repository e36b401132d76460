import { judgeDraft, readFlag } from '@halyard/manage';
import type { JsonObject } from '@halyard/json';
import { z } from '@hono/zod-openapi';
import type { CompiledProject, EvaluationRequest } from 'halyard/host';
import { readFields } from '../../posthog/request-fields.ts';
import { Failure } from '../../posthog/wire/failure.ts';
import { compiledProject } from '../evaluations/ask.ts';
import { read } from '../flags/run.ts';
import { invalid } from '../frame/api-error.ts';
import { type Call, endpoint, ok } from '../frame/endpoint.ts';
import { draftMembers, projectWith, readDrafted, refuseUnusable } from './draft.ts';
import { explanationBody, explanationShape } from './explanation.ts';

const told = (type: 'string' | 'object', description: string) => z.unknown().optional().openapi({ type, description });

/** How a flag, or a draft of one, comes to its value for somebody, by the code that evaluates (M181). */
export const explainEndpoint = endpoint({
  method: 'post',
  place: 'project',
  own: true,
  path: '/explain/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'Says how a flag or a draft comes to its value, or every flag where none is named',
  body: z.looseObject({
    ...draftMembers,
    distinct_id: told('string', 'For whom.'),
    groups: told('object', 'Group types and keys.'),
    person_properties: told('object', 'Laid over what is stored.'),
    group_properties: told('object', 'By group type, laid over what is stored.'),
    device_id: told('string', 'For flags that are drawn by device.'),
    runtime: told('string', 'client, server or all. Default: all.'),
  }),
  answers: { 200: z.object({ flags: z.array(explanationShape) }) },
  handle: async (call) => {
    const request = requestOf(call.sent, call.services.clock());
    const asked = await read(call, function* find(context) {
      const { id, draft } = yield* readDrafted(call);
      if (draft !== null) return { judged: yield* judgeDraft(context, id, draft) };
      return id === null ? {} : { key: (yield* readFlag(context, id)).key };
    });
    if (asked.judged !== undefined) refuseUnusable(asked.judged);
    const project = await (asked.judged === undefined ? compiledProject(call) : projectWith(call, asked.judged));
    const key = asked.judged?.fields.key ?? asked.key;
    return ok({ flags: await explained(project, key, request) });
  },
});

async function explained(project: CompiledProject | null, key: string | undefined, request: EvaluationRequest) {
  if (project === null) return [];
  if (key !== undefined) return [explanationBody(await project.explainFlag(key, request))];
  return (await project.explain(request)).flags.map(explanationBody);
}

/** The fields of a `/flags` body, by the reader of `/flags` (H40). @throws {ApiError} */
function requestOf(sent: Call<'project', unknown>['sent'], now: number): EvaluationRequest {
  const { runtime = 'all' } = sent;
  if (typeof runtime !== 'string' || !['client', 'server', 'all'].includes(runtime)) {
    throw invalid('Must be client, server or all.', 'runtime', 'invalid_choice');
  }
  const body: JsonObject = { ...sent, evaluation_runtime: runtime };
  const fields = readFields(body);
  if (fields instanceof Failure) throw invalid(fields.detail);
  if (!fields.distinctId) throw invalid('This field is required.', 'distinct_id', 'required');
  return {
    distinctId: fields.distinctId,
    now,
    groups: fields.groups,
    personProperties: fields.personProperties,
    groupProperties: fields.groupProperties,
    deviceId: fields.deviceId,
    anonDistinctId: fields.anonDistinctId,
    evaluationContexts: fields.evaluationContexts,
    runtime: fields.runtime,
    skipWrites: true,
  };
}
