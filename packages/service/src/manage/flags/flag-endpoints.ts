import {
  createFlag,
  dependentFlags,
  listFlags,
  matchingIds,
  readFlag,
  renderFlags,
  renderOne,
  statusOf,
  countedSince,
  updateFlag,
} from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { pageShape } from '../accounts/shapes.ts';
import { type Call, endpoint, ok, type Reply } from '../frame/endpoint.ts';
import { pageOf, pageWish } from '../frame/page.ts';
import { namedFlag, read, write } from './run.ts';
import { anyObject, flagBody, flagShape } from './shapes.ts';

const reading = { scopes: ['feature_flag:read'] } as const;
const writing = { scopes: ['feature_flag:write'] } as const;

/** Parameters of lists (M36). */
const listQuery = {
  limit: 'How many at most; 100 unless said, 1000 at most.',
  offset: 'How many to leave out.',
  search: 'Part of key or name.',
  key: 'The whole key.',
  active: 'true, false or STALE.',
  archived: 'true or false; without it archived flags are left out.',
  type: 'boolean, multivariant, experiment or remote_config.',
  evaluation_runtime: 'all, client or server.',
  created_by_id: 'One id, or several with commas between them.',
  tags: 'JSON list: any of these.',
  excluded_tags: 'JSON list: none of these.',
  excluded_properties: 'JSON list of keys to leave out.',
  has_evaluation_contexts: 'true or false.',
  eligible_for_experiment: 'true or false.',
  depends_on: 'Id of a flag that they ask about.',
  uses_cohort: 'Id of a cohort that they name.',
  order: 'A field, rollout, variants or tags, with "-" before it for descending order.',
};

const listEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/feature_flags/',
  access: reading,
  changes: 'nothing',
  summary: 'Flags of a project, newest first',
  query: listQuery,
  answers: { 200: pageShape(flagShape) },
  handle: async (call) => {
    const wish = pageWish(call.query);
    const page = await read(call, function* list(context) {
      const { count, flags } = yield* listFlags(context, Object.fromEntries(call.query), wish);
      return { count, results: yield* renderFlags(context, flags) };
    });
    return ok(pageOf(call.url, wish, page.count, page.results));
  },
});

const createEndpoint = endpoint({
  method: 'post',
  place: 'project',
  path: '/feature_flags/',
  access: writing,
  changes: 'definitions',
  summary: 'Makes a flag',
  body: flagBody,
  answers: { 201: flagShape },
  handle: async (call) => {
    const body = await write(call, function* create(context) {
      return yield* renderOne(context, yield* createFlag(context, call.sent));
    });
    return { status: 201, body };
  },
});

const retrieveEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/feature_flags/{id}/',
  access: reading,
  changes: 'nothing',
  summary: 'A flag by its id or key, a deleted one too',
  answers: { 200: flagShape },
  handle: async (call) =>
    ok(
      await read(call, function* retrieve(context) {
        return yield* renderOne(context, yield* readFlag(context, yield* namedFlag(call, context)));
      }),
    ),
});

const update =
  (needsKey: boolean) =>
  (call: Call<'project', unknown>): Promise<Reply> =>
    write(call, function* change(context) {
      const flag = yield* updateFlag(context, yield* namedFlag(call, context), call.sent, { needsKey });
      return yield* renderOne(context, flag);
    }).then(ok);

const changing = {
  place: 'project',
  path: '/feature_flags/{id}/',
  access: writing,
  changes: 'definitions',
  body: flagBody,
  answers: { 200: flagShape, 409: 'Somebody else changed the same fields.' },
} as const;

const patchEndpoint = endpoint({
  ...changing,
  method: 'patch',
  summary: 'Changes the fields that are sent',
  handle: update(false),
});

const putEndpoint = endpoint({
  ...changing,
  method: 'put',
  summary: 'The same; the key is needed',
  handle: update(true),
});

/** M22, M50: flags are deleted by a change; this way is closed, without a word. */
const deleteEndpoint = endpoint({
  ...changing,
  method: 'delete',
  changes: 'nothing',
  summary: 'Not possible: change "deleted" instead',
  answers: { 405: 'Always.' },
  handle: () => Promise.resolve({ status: 405, headers: { allow: 'GET, PUT, PATCH, HEAD, OPTIONS' } }),
});

const statusEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/feature_flags/{id}/status/',
  access: reading,
  changes: 'nothing',
  summary: 'Whether a flag is still of use',
  answers: { 200: anyObject },
  handle: async (call) =>
    ok(
      await read(call, function* status(context) {
        const flag = yield* readFlag(context, yield* namedFlag(call, context));
        return statusOf(flag, context.now, yield* countedSince(context));
      }),
    ),
});

const dependentsEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/feature_flags/{id}/dependent_flags/',
  access: reading,
  changes: 'nothing',
  summary: 'Active flags that ask about this one',
  answers: { 200: z.array(anyObject) },
  handle: async (call) =>
    ok(
      await read(call, function* dependents(context) {
        return yield* dependentFlags(context, yield* namedFlag(call, context));
      }),
    ),
});

const matchingEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/feature_flags/matching_ids/',
  access: reading,
  changes: 'nothing',
  summary: 'Ids of all flags that a list would hold',
  query: listQuery,
  answers: { 200: anyObject },
  handle: async (call) => {
    const ids = await read(call, (context) => matchingIds(context, Object.fromEntries(call.query)));
    return ok({ ids, total: ids.length });
  },
});

/** Reading and writing flags one by one (sections 4 to 6 of the management rules). */
export const flagEndpoints = [
  listEndpoint,
  createEndpoint,
  retrieveEndpoint,
  patchEndpoint,
  putEndpoint,
  deleteEndpoint,
  statusEndpoint,
  dependentsEndpoint,
  matchingEndpoint,
];
