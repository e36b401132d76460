import type { JsonValue } from '@halyard/json';
import { keepPreviousData, QueryClient, queryOptions } from '@tanstack/react-query';
import type { components } from '../../generated/management-api.ts';
import type { Flag } from '../flag/flag.ts';
import { answered, answeredExactly, api, rememberCsrfToken } from './client.ts';
import { writeJson } from './exact-json.ts';
import { personalKey } from './personal-key.ts';
import { ApiProblem } from './problem.ts';

/** What has been read, and how long it counts as fresh. What the API refused is not asked for again; what could not be reached is, twice. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) =>
        count < 2 && (!(error instanceof ApiProblem) || error.status === 0 || error.status >= 500),
    },
  },
});

/** How people sign in here, and where flags are changed (K74). */
export const instanceQuery = queryOptions({
  queryKey: ['instance'],
  queryFn: () => answered(api.GET('/api/halyard/instance/')),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Whose browser this is. Fails with 401 where nobody has signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => {
    // A key stands for a session, when it is good.
    if (personalKey() !== null) {
      await queryClient.query({ ...meQuery, staleTime: 'static' });
      return null;
    }
    const session = await answered(api.GET('/api/halyard/session/'));
    rememberCsrfToken(session.csrf_token);
    return session;
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => answered(api.GET('/api/users/@me/')),
  staleTime: 60_000,
});

export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: async () =>
    (await answered(api.GET('/api/projects/', { params: { query: { limit: '200' } } }))).results as Project[],
  staleTime: 60_000,
});

/** A project as the API lists it (M146). */
export interface Project {
  readonly id: number;
  readonly name: string;
  readonly api_token: string | null;
  readonly is_demo: boolean;
  readonly timezone: string;
}

export const flagQuery = (project: string, key: string) =>
  queryOptions({
    queryKey: ['flags', project, 'one', key],
    queryFn: () =>
      answeredExactly<Flag>(
        api.GET('/api/projects/{project_id}/feature_flags/{id}/', {
          params: { path: { project_id: project, id: key } },
          parseAs: 'text',
        }),
      ),
  });

export const historyQuery = (project: string, id: number, page: number) =>
  queryOptions({
    queryKey: ['flags', project, 'history', id, page],
    queryFn: () =>
      answered(
        api.GET('/api/projects/{project_id}/feature_flags/{id}/activity/', {
          params: { path: { project_id: project, id: String(id) }, query: { page: String(page), limit: '20' } },
        }),
      ) as Promise<unknown> as Promise<HistoryPage>,
    placeholderData: keepPreviousData,
  });

export interface HistoryPage {
  readonly results: readonly HistoryEntry[];
  readonly next: string | null;
  readonly total_count: number;
}

/** One write (M160). */
export interface HistoryEntry {
  readonly id: string;
  readonly activity: string;
  readonly created_at: string;
  readonly item_id: string;
  readonly user: { readonly first_name: string; readonly email: string | null; readonly is_system?: boolean };
  readonly detail: {
    readonly name: string | null;
    readonly changes?: readonly HistoryChange[] | null;
    readonly context?: { readonly via?: string; readonly note?: string | null } | null;
  };
}

export interface HistoryChange {
  readonly field: string;
  readonly action: string;
  readonly before: unknown;
  readonly after: unknown;
}

export const versionQuery = (project: string, id: number, version: number) =>
  queryOptions({
    queryKey: ['flags', project, 'version', id, version],
    queryFn: () =>
      answeredExactly<Flag>(
        api.GET('/api/projects/{project_id}/feature_flags/{id}/versions/{version}/', {
          params: { path: { project_id: project, id: String(id), version: String(version) } },
          parseAs: 'text',
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Names of cohorts, group types and flags: what a definition names by number. */
export const namesQuery = (project: string) =>
  queryOptions({
    queryKey: ['names', project],
    queryFn: async () => {
      const path = { project_id: project };
      const [cohorts, types] = await Promise.all([
        answered(api.GET('/api/projects/{project_id}/cohorts/', { params: { path, query: { limit: '1000' } } })),
        answered(api.GET('/api/projects/{project_id}/groups_types/', { params: { path } })),
      ]);
      const named = (cohorts as { results: readonly { id: number; name: string | null }[] }).results;
      const groups = types as unknown as readonly { group_type: string; group_type_index: number }[];
      return {
        cohorts: named.map(({ id, name }) => ({ id, name: name ?? '' })),
        groupTypes: groups.map(({ group_type: name, group_type_index: index }) => ({ index, name })),
      };
    },
    staleTime: 30_000,
  });

/** Keys of flags by their ids: filters name other flags so (M96). */
export const flagKeysQuery = (project: string, ids: readonly number[]) =>
  queryOptions({
    queryKey: ['flags', project, 'keys', ids],
    queryFn: async () => {
      const body = { ids: [...ids] };
      const answer = await answered(
        api.POST('/api/projects/{project_id}/feature_flags/bulk_keys/', {
          params: { path: { project_id: project } },
          body,
        }),
      );
      return new Map(Object.entries((answer as { keys: Readonly<Record<string, string>> }).keys));
    },
    enabled: ids.length > 0,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

export type Explanation = components['schemas']['Explanation'];

/** For whom an explanation is: what a `/flags` body would say. */
export interface Asked {
  readonly distinctId: string;
  readonly personProperties: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<Record<string, unknown>>;
}

/**
 * How flags come to their values for somebody (M181).
 *
 * @param flag key of the one flag that is asked about; absent: all
 * @param draft what of it would differ; absent: as it is stored
 */
export const explainQuery = (project: string, asked: Asked, flag?: string, draft?: Readonly<Record<string, unknown>>) =>
  queryOptions({
    queryKey: ['flags', project, 'explain', asked, flag, writeJson(draft ?? null)],
    queryFn: async ({ signal }) => {
      const body = {
        ...(flag === undefined ? {} : { flag }),
        ...(draft === undefined ? {} : { draft }),
        distinct_id: asked.distinctId,
        person_properties: asked.personProperties,
        groups: asked.groups,
      };
      const answer = await answered(
        api.POST('/api/halyard/projects/{project_id}/explain/', {
          params: { path: { project_id: project } },
          body: body as never,
          signal,
        }),
      );
      return answer.flags;
    },
    enabled: asked.distinctId !== '',
    placeholderData: keepPreviousData,
  });

/** What would be refused of a draft, and what its author hardly meant (M180). */
export const checkQuery = (project: string, flag: number | null, draft: Readonly<Record<string, unknown>>) =>
  queryOptions({
    queryKey: ['flags', project, 'check', flag, writeJson(draft)],
    queryFn: ({ signal }) => {
      const body = { ...(flag === null ? {} : { flag }), draft };
      return answered(
        api.POST('/api/halyard/projects/{project_id}/check/', {
          params: { path: { project_id: project } },
          body: body as never,
          signal,
        }),
      );
    },
  });

export type Impact = Awaited<ReturnType<typeof readImpact>>;

/** Whose value a draft changes (M182). @throws {ApiProblem} */
export async function readImpact(
  project: string,
  flag: number | null,
  draft: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  more: { readonly persons?: false } = {},
) {
  const body = { ...(flag === null ? {} : { flag }), draft, ...more };
  return answered(
    api.POST('/api/halyard/projects/{project_id}/impact/', {
      params: { path: { project_id: project } },
      body: body as never,
      signal,
    }),
  );
}

/** Whose value a draft changes, among recent requests and stored persons (M182). */
export const impactQuery = (project: string, flag: number | null, draft: Readonly<Record<string, unknown>>) =>
  queryOptions({
    queryKey: ['flags', project, 'impact', flag, writeJson(draft)],
    queryFn: ({ signal }) => readImpact(project, flag, draft, signal),
  });

/** For how many of the sample the value changes. */
export function flipsOf({ transitions }: Pick<Impact, 'transitions'>): number {
  return transitions.reduce((sum, { subjects }) => sum + subjects, 0);
}

/** The same with how many were compared; null: that is not known, for nobody was (K13). */
export function countedFlips({ sample, transitions }: Impact): { readonly flips: number; readonly of: number } | null {
  if (sample.state === 'off' || sample.state === 'empty') return null;
  return { flips: flipsOf({ transitions }), of: sample.compared };
}

/** How many recent requests are remembered, and whether any are (K13, K72). */
export const recentQuery = (project: string) =>
  queryOptions({
    queryKey: ['recent', project],
    queryFn: async ({ signal }) => {
      const draft = { key: 'halyard-recent', filters: { groups: [{ properties: [], rollout_percentage: 0 }] } };
      return (await readImpact(project, null, draft, signal, { persons: false })).sample;
    },
    retry: false,
  });

/** Whether anything is stored of people. */
export const storedPersonsQuery = (project: string) =>
  queryOptions({
    queryKey: ['persons', project, 'any'],
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: project }, query: { limit: '1' } };
      const page = await answered(api.GET('/api/projects/{project_id}/persons/', { params, signal }));
      return (page as unknown as { results: readonly unknown[] }).results.length > 0;
    },
    staleTime: 30_000,
    retry: false,
  });

/** What is looked for while somebody types (M184). */
export type SuggestWish =
  | { readonly kind: 'property' | 'cohort' | 'flag' }
  | { readonly kind: 'value'; readonly property?: string }
  | { readonly kind: 'group_key'; readonly groupType: number };

/** Something that may be meant; which members it has depends on what was looked for. */
export interface Suggestion {
  readonly value: JsonValue;
  readonly id?: number;
  readonly name?: string | null;
  readonly type?: string | null;
  readonly sources?: readonly string[];
  readonly active?: boolean;
}

/** Words that are known for what somebody types (M184). */
export const suggestQuery = (project: string, wish: SuggestWish, typed: string) =>
  queryOptions({
    queryKey: ['suggest', project, wish, typed],
    queryFn: async ({ signal }) => {
      const query = {
        kind: wish.kind,
        q: typed.slice(0, 200),
        ...('property' in wish ? { property: wish.property } : {}),
        ...('groupType' in wish ? { group_type_index: String(wish.groupType) } : {}),
      };
      const answer = await answered(
        api.GET('/api/halyard/projects/{project_id}/suggest/', {
          params: { path: { project_id: project }, query },
          signal,
        }),
      );
      return (answer as unknown as { results: readonly Suggestion[] }).results;
    },
    staleTime: 30_000,
    retry: false,
    placeholderData: keepPreviousData,
  });

/** Flags that ask about this one (M88). */
export const dependentsQuery = (project: string, id: number) =>
  queryOptions({
    queryKey: ['flags', project, 'dependents', id],
    queryFn: async () =>
      (await answered(
        api.GET('/api/projects/{project_id}/feature_flags/{id}/dependent_flags/', {
          params: { path: { project_id: project, id: String(id) } },
        }),
      )) as unknown as readonly { readonly id: number; readonly key: string }[],
  });

/** A cohort, as far as the editor shows it (M105). */
export interface CohortPeek {
  readonly id: number;
  readonly name: string | null;
  readonly count: number | null;
  readonly is_static: boolean;
  readonly filters: JsonValue;
}

export const cohortQuery = (project: string, id: number) =>
  queryOptions({
    queryKey: ['names', project, 'cohort', id],
    queryFn: () =>
      answeredExactly<CohortPeek>(
        api.GET('/api/projects/{project_id}/cohorts/{id}/', {
          params: { path: { project_id: project, id: String(id) } },
          parseAs: 'text',
        }),
      ),
    staleTime: 30_000,
    retry: false,
  });

/** One question at a time, as the service answers them (M182). */
let lastEstimate: Promise<unknown> = Promise.resolve();

/** How many recent users the filters of a condition let in (K34); null: that is not known. */
export const estimateQuery = (project: string, condition: Readonly<Record<string, unknown>>) =>
  queryOptions({
    queryKey: ['estimate', project, writeJson(condition)],
    queryFn: async ({ signal }) => {
      const draft = { key: 'halyard-estimate', filters: { groups: [{ ...condition, rollout_percentage: 100 }] } };
      const asked = lastEstimate.then(() => readImpact(project, null, draft, signal, { persons: false }));
      lastEstimate = asked.catch(() => undefined);
      const counted = countedFlips(await asked);
      return counted === null ? null : { matching: counted.flips, of: counted.of };
    },
    staleTime: 60_000,
    retry: false,
  });
