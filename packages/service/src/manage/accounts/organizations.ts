import { visibleOrganizationRows, visibleProjects } from '@halyard/manage';
import { endpoint, ok } from '../frame/endpoint.ts';
import { pageOfAll } from '../frame/page.ts';
import { apiTime } from '../frame/times.ts';
import {
  organizationBrief,
  organizationShape,
  pageShape,
  projectBody,
  projectSettings,
  projectShape,
  textIn,
} from './shapes.ts';

const pages = { limit: 'How many at most; 100 unless said, 1000 at most.', offset: 'How many to leave out.' };

const listEndpoint = endpoint({
  method: 'get',
  place: 'root',
  path: '/organizations/',
  access: { scopes: ['organization:read'] },
  changes: 'nothing',
  summary: 'Organizations of the caller',
  query: pages,
  answers: { 200: pageShape(organizationShape) },
  handle: async ({ caller, url, services: { database } }) => {
    const all = await database.read(() => visibleOrganizationRows(caller));
    const bodies = all.map((each) => ({
      ...organizationBrief(each),
      ...times(each.row),
      membership_level: each.level,
    }));
    return ok(pageOfAll(url, bodies));
  },
});

const retrieveEndpoint = endpoint({
  method: 'get',
  place: 'organization',
  path: '/',
  access: { scopes: ['organization:read'] },
  changes: 'nothing',
  summary: 'An organization with its projects',
  answers: { 200: organizationShape },
  handle: async ({ caller, organization, services: { database } }) => {
    const projects = (await database.read(() => visibleProjects(caller, [organization.id]))).map(projectBody);
    return ok({
      ...organizationBrief(organization),
      ...times(organization.row),
      membership_level: organization.level,
      teams: projects,
      projects,
    });
  },
});

const projectsEndpoint = endpoint({
  method: 'get',
  place: 'organization',
  path: '/projects/',
  access: { scopes: ['project:read'] },
  changes: 'nothing',
  summary: 'Projects of an organization',
  query: pages,
  answers: { 200: pageShape(projectShape) },
  handle: async ({ caller, organization, url, services: { database } }) => {
    const all = await database.read(() => visibleProjects(caller, [organization.id]));
    return ok(pageOfAll(url, all.map(projectBody)));
  },
});

const allProjectsEndpoint = endpoint({
  method: 'get',
  place: 'root',
  path: '/projects/',
  access: { scopes: ['project:read'] },
  changes: 'nothing',
  summary: 'Projects of the caller',
  query: pages,
  answers: { 200: pageShape(projectShape) },
  handle: async ({ caller, url, services: { database } }) =>
    ok(pageOfAll(url, (await database.read(() => visibleProjects(caller))).map(projectBody))),
});

const projectEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/',
  access: { scopes: ['project:read'] },
  changes: 'nothing',
  summary: 'A project',
  answers: { 200: projectShape },
  handle: ({ project }) => Promise.resolve(ok({ ...projectBody(project), ...projectSettings(project) })),
});

function times(row: Readonly<Record<string, unknown>>) {
  return { created_at: apiTime(textIn(row['created_at'])) };
}

/** Reading organizations and projects (M146). */
export const organizationEndpoints = [
  listEndpoint,
  retrieveEndpoint,
  projectsEndpoint,
  allProjectsEndpoint,
  projectEndpoint,
];
