import { draftWarnings } from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { nearest } from '../../nearest.ts';
import { read } from '../flags/run.ts';
import { endpoint, ok } from '../frame/endpoint.ts';
import { draftMembers, readDraft } from './draft.ts';

const problem = z.object({ type: z.string(), code: z.string(), detail: z.string(), attr: z.string().nullable() });
const warning = z.object({ code: z.string(), path: z.string(), message: z.string() });

/** What would be refused of a draft, and what its author hardly meant (M180). */
export const checkEndpoint = endpoint({
  method: 'post',
  place: 'project',
  own: true,
  path: '/check/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'Judges a draft of a flag as if it were written',
  body: z.looseObject(draftMembers),
  answers: { 200: z.object({ errors: z.array(problem), warnings: z.array(warning) }) },
  handle: async (call) => {
    const { requests = [], properties = [] } = (await call.services.recent?.(call.project.teamId)) ?? {};
    const sent = { requests: requests.length, has: (key: string) => properties.includes(key) };
    const { judged, warnings } = await read(call, function* judge(context) {
      const draft = yield* readDraft(call);
      return { judged: draft, warnings: yield* draftWarnings(context, draft, { sent, nearest }) };
    });
    return ok({ errors: judged.problems, warnings });
  },
});
