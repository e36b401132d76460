import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answered, api } from '../api/client.ts';

/** Spans that are shown; by hours up to a week, by days (UTC) beyond. */
export const ranges = {
  day: { text: '24 hours', hours: 24, by: 'hour' },
  week: { text: '7 days', hours: 168, by: 'hour' },
  month: { text: '30 days', hours: 720, by: 'day' },
  quarter: { text: '90 days', hours: 2160, by: 'day' },
} as const;

export type Range = keyof typeof ranges;

/** Counts of a flag's values over time: a number for each step, also where there was none. */
export interface Traffic {
  /** Beginnings of the steps, seconds since the epoch, oldest first. */
  readonly times: readonly number[];
  readonly values: readonly TrafficOfValue[];
  readonly total: number;
}

export interface TrafficOfValue {
  readonly value: string;
  readonly total: number;
  /** ISO 8601. */
  readonly lastSeen: string;
  /** By step. */
  readonly counts: readonly number[];
}

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** How often a flag was evaluated, and to what (M183). Null: nothing is counted here. */
export const trafficQuery = (project: string, flag: number, range: Range) =>
  queryOptions({
    queryKey: ['traffic', project, 'flag', flag, range],
    queryFn: async ({ signal }): Promise<Traffic | null> => {
      const { hours, by } = ranges[range];
      const { counted, flags } = await answered(
        api.GET('/api/halyard/projects/{project_id}/traffic/', {
          params: { path: { project_id: project }, query: { flags: String(flag), hours: String(hours), by } },
          signal,
        }),
      );
      if (!counted) return null;
      const step = by === 'hour' ? HOUR : DAY;
      const last = Math.floor(Date.now() / 1000 / step) * step;
      const steps = (hours * HOUR) / step;
      const times = Array.from({ length: steps }, (_, i) => last - (steps - 1 - i) * step);
      const values = (flags[0]?.values ?? []).map(({ value, count, last_seen: lastSeen, hours: counts }) => {
        const byTime = new Map(counts.map(({ hour, count: calls }) => [Date.parse(hour) / 1000, calls]));
        return { value, total: count, lastSeen, counts: times.map((time) => byTime.get(time) ?? 0) };
      });
      values.sort((a, b) => b.total - a.total);
      return { times, values, total: values.reduce((sum, { total }) => sum + total, 0) };
    },
    staleTime: 30_000,
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
