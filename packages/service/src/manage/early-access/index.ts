import {
  createEarlyAccess,
  deleteEarlyAccess,
  listEarlyAccess,
  readEarlyAccess,
  updateEarlyAccess,
} from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { pageShape } from '../accounts/shapes.ts';
import { read, write } from '../flags/run.ts';
import { anyObject } from '../flags/shapes.ts';
import { type Endpoint, endpoint, ok } from '../frame/endpoint.ts';
import { pageOf, pageWish } from '../frame/page.ts';

const reading = { scopes: ['early_access_feature:read'] } as const;
// M14: it changes the flag, too.
const writing = { scopes: ['early_access_feature:write', 'feature_flag:write'] } as const;

const one = { place: 'project', path: '/early_access_feature/{id}/', changes: 'definitions', access: writing } as const;
const all = { place: 'project', path: '/early_access_feature/' } as const;
const body = z.looseObject({});

/** Early access features (section 12 of the management rules). */
export const earlyAccessEndpoints: readonly Endpoint[] = [
  endpoint({
    ...all,
    method: 'get',
    access: reading,
    changes: 'nothing',
    summary: 'Early access features, newest first',
    query: { limit: 'How many at most.', offset: 'How many to leave out.' },
    answers: { 200: pageShape(anyObject) },
    handle: async (call) => {
      const wish = pageWish(call.query);
      const { count, results } = await read(call, (context) => listEarlyAccess(context, wish));
      return ok(pageOf(call.url, wish, count, results));
    },
  }),
  endpoint({
    ...all,
    method: 'post',
    access: writing,
    changes: 'definitions',
    summary: 'Offers a flag to people who want it early',
    body,
    answers: { 201: anyObject },
    handle: async (call) => ({
      status: 201,
      body: await write(call, (context) => createEarlyAccess(context, call.sent)),
    }),
  }),
  endpoint({
    ...one,
    method: 'get',
    access: reading,
    changes: 'nothing',
    summary: 'An early access feature',
    answers: { 200: anyObject },
    handle: async (call) => ok(await read(call, (context) => readEarlyAccess(context, call.params['id'] ?? ''))),
  }),
  endpoint({
    ...one,
    method: 'patch',
    summary: 'Changes the fields that are sent',
    body,
    answers: { 200: anyObject },
    handle: async (call) =>
      ok(await write(call, (context) => updateEarlyAccess(context, call.params['id'] ?? '', call.sent))),
  }),
  endpoint({
    ...one,
    method: 'delete',
    summary: 'Takes the offer back; the flag stays',
    answers: { 204: 'Gone.' },
    handle: async (call) => {
      await write(call, (context) => deleteEarlyAccess(context, call.params['id'] ?? ''));
      return { status: 204 };
    },
  }),
];
