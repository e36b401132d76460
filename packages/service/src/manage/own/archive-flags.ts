import { bulkArchive } from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { write } from '../flags/run.ts';
import { endpoint, ok } from '../frame/endpoint.ts';

/** Puts many flags away at once (M186), as the reference deletes them (M98). */
export const archiveFlagsEndpoint = endpoint({
  method: 'post',
  place: 'project',
  own: true,
  path: '/archive_flags/',
  access: { scopes: ['feature_flag:write'] },
  changes: 'definitions',
  summary: 'Turns many flags off and puts them away; says which could not be',
  body: z.looseObject({
    ids: z
      .unknown()
      .optional()
      .openapi({ type: 'array', items: { type: 'integer' }, description: 'Of at most 500 flags.' }),
    change_note: z.unknown().optional().openapi({ type: 'string', description: 'Why, for the history.' }),
  }),
  answers: {
    200: z.object({
      archived: z.array(z.object({ id: z.number().int(), key: z.string() })),
      errors: z.array(z.looseObject({ reason: z.string() })),
    }),
  },
  handle: async (call) => ok(await write(call, (context) => bulkArchive(context, call.sent))),
});
