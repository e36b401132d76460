import { z } from '@hono/zod-openapi';
import {
  changeProjectKey,
  createProjectKey,
  deleteProjectKey,
  levels,
  type ProjectKey,
  projectKey,
  projectKeys,
  requireFresh,
  rollProjectKey,
} from '@halyard/manage';
import { created, endpoint, nothing, ok } from '../frame/endpoint.ts';
import { textField, textListField } from '../frame/fields.ts';
import { pageOfAll } from '../frame/page.ts';
import { apiTime } from '../frame/times.ts';
import { pageShape, textIn } from './shapes.ts';

const keyShape = z
  .object({
    id: z.string(),
    label: z.string(),
    value: z.string().nullable().openapi({ description: 'Shown once, when the key is made or rolled.' }),
    mask_value: z.string().nullable(),
    scopes: z.array(z.string()),
    created_at: z.string().nullable(),
    last_used_at: z.string().nullable(),
    last_rolled_at: z.string().nullable(),
  })
  .openapi('ProjectSecretApiKey');

function keyBody(key: ProjectKey, value: string | null = null) {
  return {
    id: key['id'],
    label: key['label'],
    value,
    mask_value: key['mask_value'] ?? null,
    scopes: key['scopes'] ?? [],
    created_at: apiTime(textIn(key['created_at'])),
    last_used_at: apiTime(textIn(key['last_used_at'])),
    last_rolled_at: apiTime(textIn(key['last_rolled_at'])),
  };
}

const root = '/project_secret_api_keys/';
const reading = {
  place: 'project',
  access: { scopes: ['project:read'], level: levels.admin },
  changes: 'nothing',
} as const;
const writing = {
  place: 'project',
  access: { scopes: ['project:write'], level: levels.admin },
  changes: 'accounts',
} as const;

const listEndpoint = endpoint({
  ...reading,
  method: 'get',
  path: root,
  summary: 'Secret keys of a project',
  answers: { 200: pageShape(keyShape) },
  handle: async ({ project, url, services: { database } }) => {
    const keys = await database.read(() => projectKeys(project));
    return ok(
      pageOfAll(
        url,
        keys.map((key) => keyBody(key)),
      ),
    );
  },
});

const createEndpoint = endpoint({
  ...writing,
  method: 'post',
  path: root,
  summary: 'Make a secret key; its value is shown this once',
  body: z.object({ label: textField({ longest: 40 }), scopes: textListField({ longest: 100 }).optional() }),
  answers: { 201: keyShape },
  handle: async ({ caller, project, body, services: { database, clock } }) => {
    requireFresh(caller, clock());
    const { key, value } = await database.write(() => createProjectKey(caller, project, body));
    return created(keyBody(key, value));
  },
});

const retrieveEndpoint = endpoint({
  ...reading,
  method: 'get',
  path: `${root}{id}/`,
  summary: 'One of them',
  answers: { 200: keyShape },
  handle: async ({ project, params, services: { database } }) =>
    ok(keyBody(await database.read(() => projectKey(project, params['id'] ?? '')))),
});

const changeEndpoint = endpoint({
  ...writing,
  method: 'patch',
  path: `${root}{id}/`,
  summary: 'Change what a secret key is called and may do',
  body: z.object({ label: textField({ longest: 40 }), scopes: textListField({ longest: 100 }) }).partial(),
  answers: { 200: keyShape },
  handle: async ({ caller, project, params, body, services: { database, clock } }) => {
    requireFresh(caller, clock());
    return ok(keyBody(await database.write(() => changeProjectKey(project, params['id'] ?? '', body))));
  },
});

const deleteEndpoint = endpoint({
  ...writing,
  method: 'delete',
  path: `${root}{id}/`,
  summary: 'Revoke a secret key',
  answers: { 204: 'It opens nothing any more.' },
  handle: async ({ project, params, services: { database } }) => {
    await database.write(() => deleteProjectKey(project, params['id'] ?? ''));
    return nothing();
  },
});

const rollEndpoint = endpoint({
  ...writing,
  method: 'post',
  path: `${root}{id}/roll/`,
  summary: 'Give a secret key a new value; the old one is dead at once',
  answers: { 200: keyShape },
  handle: async ({ caller, project, params, services: { database, clock } }) => {
    requireFresh(caller, clock());
    const { key, value } = await database.write(() => rollProjectKey(project, params['id'] ?? ''));
    return ok(keyBody(key, value));
  },
});

/** Secret keys of projects (M151), for those who may write the project. */
export const projectKeyEndpoints = [
  listEndpoint,
  createEndpoint,
  retrieveEndpoint,
  changeEndpoint,
  deleteEndpoint,
  rollEndpoint,
];
