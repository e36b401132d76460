import { z } from '@hono/zod-openapi';
import { currentOrganization, currentTeam, visibleOrganizationRows, visibleProjects } from '@halyard/manage';
import { endpoint, ok } from '../frame/endpoint.ts';
import { apiTime } from '../frame/times.ts';
import { organizationBrief, organizationShape, projectBody, projectShape, userBrief } from './shapes.ts';

const me = z
  .object({
    id: z.number().int(),
    uuid: z.string(),
    distinct_id: z.string(),
    email: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    is_email_verified: z.boolean().nullable(),
    date_joined: z.string().nullable(),
    organization: organizationShape.partial().nullable(),
    organizations: z.array(organizationShape.partial()),
    team: projectShape.nullable(),
    scopes: z.array(z.string()).nullable(),
  })
  .openapi('Me');

/** `GET /api/users/@me/` (M145): also for keys that are restricted to projects (M15). */
export const meEndpoint = endpoint({
  method: 'get',
  place: 'root',
  path: '/users/@me/',
  access: { only: 'credential', scopes: ['user:read'] },
  changes: 'nothing',
  summary: 'Who asks, and where it works',
  answers: { 200: me },
  handle: async ({ caller, services: { database } }) => {
    const { user, via } = caller;
    const { organizations, projects, team } = await database.read(function* () {
      return {
        organizations: yield* visibleOrganizationRows(caller),
        projects: yield* visibleProjects(caller),
        team: yield* currentTeam(caller),
      };
    });
    const home = currentOrganization(caller);
    const current = organizations.find(({ id }) => id === home);
    const project = projects.find(({ id }) => id === team);
    return ok({
      ...userBrief(user),
      date_joined: apiTime(user.dateJoined),
      organization: current === undefined ? null : { ...organizationBrief(current), membership_level: current.level },
      organizations: organizations.map(organizationBrief),
      team: project === undefined ? null : projectBody(project),
      scopes: via.kind === 'personal_key' ? via.scopes : null,
    });
  },
});
