import { queryOptions } from '@tanstack/react-query';
import { answered, api } from '../api/client.ts';
import type { Project } from '../api/queries.ts';

export const levelWords: Readonly<Record<number, string>> = { 1: 'Member', 8: 'Admin', 15: 'Owner' };

/** A project with the organization that it belongs to. */
export interface ProjectDetail extends Project {
  readonly organization: string;
}

export const projectDetailQuery = (project: string) =>
  queryOptions({
    queryKey: ['project', project],
    queryFn: async () =>
      (await answered(
        api.GET('/api/projects/{project_id}/', { params: { path: { project_id: project } } }),
      )) as unknown as ProjectDetail,
  });

export const organizationsQuery = queryOptions({
  queryKey: ['organizations'],
  queryFn: async () => {
    const answer = await answered(api.GET('/api/organizations/', { params: { query: { limit: '1000' } } }));
    return answer.results;
  },
  staleTime: 60_000,
});

/** Secret keys of a project; for those who may write it (M151). */
export const secretKeysQuery = (project: string) =>
  queryOptions({
    queryKey: ['secret-keys', project],
    queryFn: async () => {
      const answer = await answered(
        api.GET('/api/projects/{project_id}/project_secret_api_keys/', { params: { path: { project_id: project } } }),
      );
      return answer.results;
    },
  });
