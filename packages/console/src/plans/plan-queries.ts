import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answered, api } from '../api/client.ts';
import { queryClient } from '../api/queries.ts';
import type { Plan } from './plan.ts';

export const PLAN_PAGE = 50;

/** Planned changes: those that wait, the next one first, or those that were carried out, the newest first (M135). */
export const plansQuery = (project: string, isDone: boolean, page: number) =>
  queryOptions({
    queryKey: ['plans', project, isDone, page],
    queryFn: async ({ signal }) => {
      const query = {
        executed: String(isDone),
        order: isDone ? '-scheduled_at' : 'scheduled_at',
        limit: String(PLAN_PAGE),
        offset: String((page - 1) * PLAN_PAGE),
      };
      const answer = await answered(
        api.GET('/api/projects/{project_id}/scheduled_changes/', {
          params: { path: { project_id: project }, query },
          signal,
        }),
      );
      return { count: answer.count, plans: answer.results as unknown as readonly Plan[] };
    },
    placeholderData: keepPreviousData,
  });

async function written(project: string, pending: Promise<unknown>): Promise<void> {
  await pending;
  await queryClient.invalidateQueries({ queryKey: ['plans', project] });
}

/** @throws {ApiProblem} */
export function createPlan(project: string, body: Readonly<Record<string, unknown>>): Promise<void> {
  const params = { path: { project_id: project } };
  return written(project, answered(api.POST('/api/projects/{project_id}/scheduled_changes/', { params, body })));
}

/** @throws {ApiProblem} */
export function changePlan(project: string, id: number, body: Readonly<Record<string, unknown>>): Promise<void> {
  const params = { path: { project_id: project, id: String(id) } };
  return written(project, answered(api.PATCH('/api/projects/{project_id}/scheduled_changes/{id}/', { params, body })));
}

/** @throws {ApiProblem} */
export function deletePlan(project: string, id: number): Promise<void> {
  const params = { path: { project_id: project, id: String(id) } };
  return written(project, answered(api.DELETE('/api/projects/{project_id}/scheduled_changes/{id}/', { params })));
}
