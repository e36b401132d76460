import { type Caller, copyFlag, type Project, readCopyWish, Refusal, visibleProjects } from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { endpoint, ok } from '../frame/endpoint.ts';
import type { Services } from '../frame/services.ts';
import { contextIn } from './run.ts';
import { anyObject } from './shapes.ts';

/** Copies a flag to other projects of the organization (M102). */
export const copyEndpoint = endpoint({
  method: 'post',
  place: 'organization',
  path: '/feature_flags/copy_flags/',
  access: { scopes: ['feature_flag:write'] },
  changes: 'definitions',
  summary: 'Copies a flag to other projects',
  body: z.looseObject({}),
  answers: { 200: anyObject },
  handle: async ({ caller, organization, sent, services }) => {
    try {
      const wish = readCopyWish(sent);
      const projects = await services.database.read(() => visibleProjects(caller, [organization.id]));
      const outcome = await copyFlag(services.database, wish, contexts(caller, projects, services));
      const written = new Set(outcome.success.map((flag) => flag['team_id']));
      await Promise.all(
        projects.filter(({ teamId }) => written.has(teamId)).map(({ teamId }) => services.definitionsWritten(teamId)),
      );
      return ok(outcome);
    } catch (error) {
      // M22.
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      return { status: error.status, body: { error: error.message } };
    }
  },
});

function contexts(caller: Caller, projects: readonly Project[], services: Services) {
  const byTeam = new Map(projects.map((project) => [project.teamId, project]));
  return (teamId: number) => {
    const project = byTeam.get(teamId);
    return project === undefined || project.level === 0 ? null : contextIn(caller, project, services);
  };
}
