import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answered, api } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { countedFlips, readImpact } from '../api/queries.ts';
import type { Flag } from '../flag/flag.ts';
import { type FlagListWish, listParameters, selectionParameters } from './list-wish.ts';

export const flagsQuery = (project: string, wish: FlagListWish) =>
  queryOptions({
    queryKey: ['flags', project, 'list', wish],
    queryFn: async ({ signal }) => {
      const page = await answered(
        api.GET('/api/projects/{project_id}/feature_flags/', {
          params: { path: { project_id: project }, query: listParameters(wish) },
          signal,
        }),
      );
      return { count: page.count, flags: page.results as unknown as readonly Flag[] };
    },
    placeholderData: keepPreviousData,
  });

/** How many flags are stale: by the same question as the filter asks (K43). */
export const staleCountQuery = (project: string) =>
  queryOptions({
    queryKey: ['flags', project, 'list', 'stale'],
    queryFn: async ({ signal }) => {
      const query = { ...selectionParameters({ state: 'stale' }), limit: '1' };
      const page = await answered(
        api.GET('/api/projects/{project_id}/feature_flags/', {
          params: { path: { project_id: project }, query },
          signal,
        }),
      );
      return page.count;
    },
    staleTime: 30_000,
  });

/** Ids of all flags that the list would hold, whatever its page (M97). */
export async function matchingIds(project: string, wish: FlagListWish): Promise<readonly number[]> {
  const answer = await answered(
    api.GET('/api/projects/{project_id}/feature_flags/matching_ids/', {
      params: { path: { project_id: project }, query: selectionParameters(wish) },
    }),
  );
  return (answer as unknown as { ids: readonly number[] }).ids;
}

/** Calls of flags by whole days, the newest last (M183). */
export interface WeekOfFlag {
  readonly total: number;
  readonly days: readonly number[];
}

const DAYS = 7;
const DAY_MS = 86_400_000;

/** The last week of many flags in one request, by their ids; null: nothing is counted here. */
export const weekQuery = (project: string, flags: readonly number[]) =>
  queryOptions({
    queryKey: ['traffic', project, 'week', flags],
    queryFn: async ({ signal }) => {
      const query = { flags: flags.join(','), hours: String(DAYS * 24), by: 'day' };
      const { counted, flags: found } = await answered(
        api.GET('/api/halyard/projects/{project_id}/traffic/', {
          params: { path: { project_id: project }, query },
          signal,
        }),
      );
      if (!counted) return null;
      const today = Math.floor(Date.now() / DAY_MS);
      return new Map(
        found.map(({ flag, values }): [number, WeekOfFlag] => {
          const days = Array.from({ length: DAYS }, () => 0);
          for (const { hours } of values) {
            for (const { hour, count } of hours) {
              const at = DAYS - 1 - (today - Math.floor(Date.parse(hour) / DAY_MS));
              if (at >= 0 && at < DAYS) days[at] = (days[at] ?? 0) + count;
            }
          }
          return [flag, { days, total: days.reduce((sum, count) => sum + count, 0) }];
        }),
      );
    },
    enabled: flags.length > 0,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

/** How many flags are counted before they are switched off together; each is a question of its own. */
export const MOST_COUNTED = 20;

/** What switching a flag off would do; null: that is not known. */
export type SwitchedOff = { readonly flips: number; readonly of: number } | { readonly refused: string } | null;

/** For how many recent users the value changes when a flag is switched off, or why it cannot be, flag by flag (K44). */
export const switchedOffQuery = (project: string, ids: readonly number[]) =>
  queryOptions({
    queryKey: ['flags', project, 'switched-off', ids],
    queryFn: async ({ signal }) => {
      const counted = new Map<number, SwitchedOff>();
      // One after the other, as the service answers them (M182).
      for (const id of ids) counted.set(id, await switchedOff(project, id, signal));
      return counted;
    },
    retry: false,
  });

async function switchedOff(project: string, id: number, signal: AbortSignal): Promise<SwitchedOff> {
  try {
    return countedFlips(await readImpact(project, id, { active: false }, signal, { persons: false }));
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 400) return { refused: error.message };
    throw error;
  }
}

/** Tags and authors of flags, for filters (M184). */
export const choicesQuery = (project: string, kind: 'tag' | 'creator' | 'flag', typed: string) =>
  queryOptions({
    queryKey: ['flags', project, 'choices', kind, typed],
    queryFn: async ({ signal }) => {
      const { results } = await answered(
        api.GET('/api/halyard/projects/{project_id}/suggest/', {
          params: { path: { project_id: project }, query: { kind, q: typed } },
          signal,
        }),
      );
      return results as unknown as readonly { readonly value: string; readonly id?: number }[];
    },
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
