import { z } from '@hono/zod-openapi';
import {
  type CallingKey,
  changePersonalKey,
  createPersonalKey,
  deletePersonalKey,
  personalKey,
  personalKeys,
  Refusal,
  requireFresh,
  rollPersonalKey,
} from '@halyard/manage';
import { created, endpoint, nothing, ok } from '../frame/endpoint.ts';
import { integerListField, textField, textListField } from '../frame/fields.ts';
import { apiTime } from '../frame/times.ts';

const keyShape = z
  .object({
    id: z.string(),
    label: z.string(),
    value: z.string().nullable().openapi({ description: 'Shown once, when the key is made or rolled.' }),
    mask_value: z.string().nullable(),
    scopes: z.array(z.string()),
    scoped_teams: z.array(z.number().int()),
    scoped_organizations: z.array(z.string()),
    created_at: z.string().nullable(),
    last_used_at: z.string().nullable(),
    last_rolled_at: z.string().nullable(),
    user_id: z.number().int(),
  })
  .openapi('PersonalApiKey');

const changeable = {
  scopes: textListField({ longest: 100 }),
  scoped_teams: integerListField().nullable(),
  scoped_organizations: textListField({ longest: 100 }).nullable(),
};

/** A key as its owner sees it (M149): the three lists are never null. */
function keyBody(key: CallingKey, userId: number, value: string | null = null) {
  return {
    id: key.id,
    label: key.label,
    value,
    mask_value: key.maskValue,
    scopes: key.scopes,
    scoped_teams: key.scopedTeams,
    scoped_organizations: key.scopedOrganizations,
    created_at: apiTime(key.createdAt),
    last_used_at: apiTime(key.lastUsedAt),
    last_rolled_at: apiTime(key.lastRolledAt),
    user_id: userId,
  };
}

const path = '/personal_api_keys/{id}/';
const forPeople = { place: 'root', access: { only: 'session' }, changes: 'accounts' } as const;

/** The key that asks, whatever it may do (M149). */
const currentEndpoint = endpoint({
  method: 'get',
  place: 'root',
  path: '/personal_api_keys/@current/',
  access: { only: 'credential' },
  changes: 'nothing',
  summary: 'The key that asks',
  answers: { 200: keyShape },
  handle: ({ caller: { user, via } }) => {
    if (via.kind !== 'personal_key') throw Refusal.notFound('You are signed in, and use no key.');
    return Promise.resolve(ok(keyBody(via, user.id)));
  },
});

const listEndpoint = endpoint({
  ...forPeople,
  method: 'get',
  path: '/personal_api_keys/',
  changes: 'nothing',
  summary: 'Personal keys of the caller',
  answers: { 200: z.array(keyShape) },
  handle: async ({ caller, services: { database } }) => {
    const keys = await database.read(() => personalKeys(caller));
    return ok(keys.map((key) => keyBody(key, caller.user.id)));
  },
});

const createEndpoint = endpoint({
  ...forPeople,
  method: 'post',
  path: '/personal_api_keys/',
  summary: 'Make a personal key; its value is shown this once',
  body: z.object({
    label: textField({ longest: 40 }),
    scopes: changeable.scopes,
    scoped_teams: changeable.scoped_teams.optional(),
    scoped_organizations: changeable.scoped_organizations.optional(),
  }),
  answers: { 201: keyShape },
  handle: async ({ caller, body, services: { database, clock } }) => {
    requireFresh(caller, clock());
    const input = {
      label: body.label,
      scopes: body.scopes,
      scopedTeams: body.scoped_teams ?? undefined,
      scopedOrganizations: body.scoped_organizations ?? undefined,
    };
    const { key, value } = await database.write(() => createPersonalKey(caller, input));
    return created(keyBody(key, caller.user.id, value));
  },
});

const retrieveEndpoint = endpoint({
  ...forPeople,
  method: 'get',
  path,
  changes: 'nothing',
  summary: 'One of them',
  answers: { 200: keyShape },
  handle: async ({ caller, params, services: { database } }) =>
    ok(keyBody(await database.read(() => personalKey(caller, params['id'] ?? '')), caller.user.id)),
});

const changeEndpoint = endpoint({
  ...forPeople,
  method: 'patch',
  path,
  summary: 'Change what a personal key is called and may do',
  body: z.object({ label: textField({ longest: 40 }), ...changeable }).partial(),
  answers: { 200: keyShape },
  handle: async ({ caller, params, body, services: { database, clock } }) => {
    requireFresh(caller, clock());
    const input = {
      label: body.label,
      scopes: body.scopes,
      // Null takes the restriction away.
      scopedTeams: body.scoped_teams === null ? [] : body.scoped_teams,
      scopedOrganizations: body.scoped_organizations === null ? [] : body.scoped_organizations,
    };
    const key = await database.write(() => changePersonalKey(caller, params['id'] ?? '', input));
    return ok(keyBody(key, caller.user.id));
  },
});

const deleteEndpoint = endpoint({
  ...forPeople,
  method: 'delete',
  path,
  summary: 'Revoke a personal key',
  answers: { 204: 'It opens nothing any more.' },
  handle: async ({ caller, params, services: { database } }) => {
    await database.write(() => deletePersonalKey(caller, params['id'] ?? ''));
    return nothing();
  },
});

const rollEndpoint = endpoint({
  ...forPeople,
  method: 'post',
  path: `${path}roll/`,
  summary: 'Give a personal key a new value; the old one is dead at once',
  answers: { 200: keyShape },
  handle: async ({ caller, params, services: { database, clock } }) => {
    requireFresh(caller, clock());
    const { key, value } = await database.write(() => rollPersonalKey(caller, params['id'] ?? ''));
    return ok(keyBody(key, caller.user.id, value));
  },
});

/** Personal keys (M149, M150). */
export const personalKeyEndpoints = [
  currentEndpoint,
  listEndpoint,
  createEndpoint,
  retrieveEndpoint,
  changeEndpoint,
  deleteEndpoint,
  rollEndpoint,
];
