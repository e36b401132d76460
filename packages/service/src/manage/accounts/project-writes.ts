import { z } from '@hono/zod-openapi';
import {
  changeProject,
  createProject,
  deleteProject,
  findProject,
  levels,
  type Organization,
  type Project,
  Refusal,
} from '@halyard/manage';
import { type Call, created, endpoint, nothing, ok } from '../frame/endpoint.ts';
import { booleanField, textField, textListField } from '../frame/fields.ts';
import { projectBody, projectSettings, projectShape } from './shapes.ts';

const settings = {
  autocapture_opt_out: booleanField().nullable(),
  autocapture_exceptions_opt_in: booleanField().nullable(),
  autocapture_web_vitals_opt_in: booleanField().nullable(),
  heatmaps_opt_in: booleanField().nullable(),
  surveys_opt_in: booleanField().nullable(),
  inject_web_apps: booleanField().nullable(),
  capture_performance_opt_in: booleanField().nullable(),
  capture_console_log_opt_in: booleanField().nullable(),
  capture_dead_clicks: booleanField().nullable(),
  session_recording_opt_in: booleanField(),
  app_urls: textListField({ longest: 200 }),
  recording_domains: textListField({ longest: 200 }).nullable(),
};

const changeBody = z
  .object({ name: textField({ longest: 200 }), timezone: textField({ longest: 240 }), ...settings })
  .partial();
const writing = { access: { scopes: ['project:write'], level: levels.admin }, changes: 'accounts' } as const;

const createEndpoint = endpoint({
  ...writing,
  method: 'post',
  place: 'organization',
  path: '/projects/',
  summary: 'Make a project',
  body: z.object({ name: textField({ longest: 200 }), timezone: textField({ longest: 240 }).optional() }),
  answers: { 201: projectShape },
  handle: async ({ caller, organization, body, services: { database } }) =>
    created(projectBody(await database.write(() => createProject(caller, organization, body)))),
});

const inOrganization = '/projects/{id}/';

/** A project that a path names below its organization: of another one, it is not there (M4). */
function* projectIn(call: Call<'organization', unknown>, organization: Organization) {
  const project = yield* findProject(call.params['id'] ?? '', call.caller, () => undefined);
  if (project.organizationId !== organization.id) throw Refusal.notFound('Project not found.');
  return project;
}

const retrieveInEndpoint = endpoint({
  method: 'get',
  place: 'organization',
  path: inOrganization,
  access: { scopes: ['project:read'] },
  changes: 'nothing',
  summary: 'A project of an organization',
  answers: { 200: projectShape },
  handle: async (call) => ok(detailed(await call.services.database.read(() => projectIn(call, call.organization)))),
});

const changeInEndpoint = endpoint({
  ...writing,
  method: 'patch',
  place: 'organization',
  path: inOrganization,
  summary: 'Change a project of an organization',
  body: changeBody,
  answers: { 200: projectShape },
  handle: async (call) => {
    const changed = await call.services.database.write(function* () {
      return yield* changeProject(call.caller, yield* projectIn(call, call.organization), call.body);
    });
    return ok(detailed(changed));
  },
});

const deleteInEndpoint = endpoint({
  ...writing,
  method: 'delete',
  place: 'organization',
  path: inOrganization,
  summary: 'Delete a project with everything in it',
  answers: { 204: 'Deleted.' },
  handle: async (call) => {
    await call.services.database.write(function* () {
      yield* deleteProject(yield* projectIn(call, call.organization));
    });
    return nothing();
  },
});

const changeEndpoint = endpoint({
  ...writing,
  method: 'patch',
  place: 'project',
  path: '/',
  summary: 'Change what is set of a project',
  body: changeBody,
  answers: { 200: projectShape },
  handle: async ({ caller, project, body, services: { database } }) =>
    ok(detailed(await database.write(() => changeProject(caller, project, body)))),
});

const deleteEndpoint = endpoint({
  ...writing,
  method: 'delete',
  place: 'project',
  path: '/',
  summary: 'Delete a project with everything in it',
  answers: { 204: 'Deleted.' },
  handle: async ({ project, services: { database } }) => {
    await database.write(() => deleteProject(project));
    return nothing();
  },
});

function detailed(project: Project) {
  return { ...projectBody(project), ...projectSettings(project) };
}

/** Making, changing and deleting projects (M147, M148). */
export const projectWriteEndpoints = [
  createEndpoint,
  retrieveInEndpoint,
  changeInEndpoint,
  deleteInEndpoint,
  changeEndpoint,
  deleteEndpoint,
];
