import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answered, answeredExactly, api } from '../api/client.ts';
import { queryClient } from '../api/queries.ts';
import type { Cohort } from './cohort.ts';

export interface CohortListWish {
  readonly search?: string | undefined;
  readonly type?: string | undefined;
  readonly page?: number | undefined;
}

export const COHORT_PAGE = 50;

export const cohortsQuery = (project: string, { search, type, page = 1 }: CohortListWish) =>
  queryOptions({
    queryKey: ['cohorts', project, 'list', search, type, page],
    queryFn: async ({ signal }) => {
      const query = {
        limit: String(COHORT_PAGE),
        offset: String((page - 1) * COHORT_PAGE),
        ...(search === undefined ? {} : { search }),
        ...(type === undefined ? {} : { type }),
      };
      const answer = await answered(
        api.GET('/api/projects/{project_id}/cohorts/', { params: { path: { project_id: project }, query }, signal }),
      );
      return { count: answer.count, cohorts: answer.results as unknown as readonly Cohort[] };
    },
    placeholderData: keepPreviousData,
  });

const one = (project: string, id: number) => ({ path: { project_id: project, id: String(id) } });

export const cohortQuery = (project: string, id: number) =>
  queryOptions({
    queryKey: ['cohorts', project, 'one', id],
    // Numbers of its filters keep their digits: they are sent back with what is changed.
    queryFn: () =>
      answeredExactly<Cohort>(
        api.GET('/api/projects/{project_id}/cohorts/{id}/', { params: one(project, id), parseAs: 'text' }),
      ),
  });

/** A thing that uses a cohort. */
export interface CohortUser {
  readonly id: number;
  readonly key?: string;
  readonly name?: string | null;
  readonly active?: boolean;
}

/** What uses a cohort: flags and other cohorts (M113). */
export const cohortUsersQuery = (project: string, id: number) =>
  queryOptions({
    queryKey: ['cohorts', project, 'users', id],
    queryFn: async () => {
      const answer = (await answered(
        api.GET('/api/projects/{project_id}/cohorts/{id}/used_in/', { params: one(project, id) }),
      )) as unknown as Record<'feature_flags' | 'cohorts', { readonly results: readonly CohortUser[] }>;
      return { flags: answer.feature_flags.results, cohorts: answer.cohorts.results };
    },
  });

/** Somebody who is stored. */
export interface StoredPerson {
  readonly uuid: string;
  readonly name: string;
  readonly distinct_ids: readonly string[];
}

export const MEMBER_PAGE = 50;

export const membersQuery = (project: string, id: number, page: number) =>
  queryOptions({
    queryKey: ['cohorts', project, 'members', id, page],
    queryFn: async () =>
      (await answered(
        api.GET('/api/projects/{project_id}/cohorts/{id}/persons/', {
          params: {
            ...one(project, id),
            query: { limit: String(MEMBER_PAGE), offset: String((page - 1) * MEMBER_PAGE) },
          },
        }),
      )) as unknown as { results: readonly StoredPerson[]; next: string | null },
    placeholderData: keepPreviousData,
  });

export const personsQuery = (project: string, search: string) =>
  queryOptions({
    queryKey: ['persons', project, search],
    queryFn: async ({ signal }) => {
      const answer = await answered(
        api.GET('/api/projects/{project_id}/persons/', {
          params: { path: { project_id: project }, query: { search, limit: '10' } },
          signal,
        }),
      );
      return answer.results as unknown as readonly StoredPerson[];
    },
    enabled: search.trim() !== '',
    placeholderData: keepPreviousData,
  });

/** What a write answers; of a list of people also how many of them nobody knows (M111). */
export interface WrittenCohort extends Cohort {
  readonly unknown_people?: number;
}

async function written(project: string, pending: Promise<unknown>): Promise<WrittenCohort> {
  const cohort = (await pending) as WrittenCohort;
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['cohorts', project] }),
    queryClient.invalidateQueries({ queryKey: ['names', project] }),
  ]);
  return cohort;
}

/** @throws {ApiProblem} */
export function createCohort(project: string, body: Readonly<Record<string, unknown>>): Promise<WrittenCohort> {
  const params = { path: { project_id: project } };
  return written(project, answered(api.POST('/api/projects/{project_id}/cohorts/', { params, body })));
}

/** @throws {ApiProblem} */
export function changeCohort(
  project: string,
  id: number,
  body: Readonly<Record<string, unknown>>,
): Promise<WrittenCohort> {
  const params = one(project, id);
  return written(project, answered(api.PATCH('/api/projects/{project_id}/cohorts/{id}/', { params, body })));
}

/** Adds the people of a file. @throws {ApiProblem} */
export function uploadPeople(project: string, id: number, file: File): Promise<WrittenCohort> {
  const form = new FormData();
  form.set('csv', file);
  return written(
    project,
    answered(
      api.PATCH('/api/projects/{project_id}/cohorts/{id}/', {
        params: one(project, id),
        body: form as never,
        bodySerializer: (body) => body as unknown as FormData,
      }),
    ),
  );
}

/** @throws {ApiProblem} */
export async function changeMembership(project: string, id: number, person: string, isMember: boolean): Promise<void> {
  const params = one(project, id);
  await written(
    project,
    isMember
      ? answered(
          api.PATCH('/api/projects/{project_id}/cohorts/{id}/add_persons_to_static_cohort/', {
            params,
            body: { person_ids: [person] },
          }),
        )
      : answered(
          api.PATCH('/api/projects/{project_id}/cohorts/{id}/remove_person_from_static_cohort/', {
            params,
            body: { person_id: person },
          }),
        ),
  );
}
