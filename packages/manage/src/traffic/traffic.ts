import {
  addTrafficStatement,
  forgetTrafficStatement,
  type TrafficCount,
  type TrafficStep,
  trafficStatement,
  type Work,
} from '@halyard/data/management';
import { ask, type CommandContext } from '../command.ts';

export type { TrafficCount, TrafficStep } from '@halyard/data/management';

const DAY_MS = 86_400_000;
const KEPT_DAYS = 90;

/** Adds counts of a project (M194). @param now milliseconds since the epoch */
export function* addTraffic(teamId: number, counts: readonly TrafficCount[], now: number): Work<void> {
  if (counts.length > 0) yield* ask(addTrafficStatement(teamId, counts, new Date(now).toISOString()));
}

/** Forgets what is older than 90 days, of all projects (M194). */
export function* forgetOldTraffic(now: number): Work<void> {
  yield* ask(forgetTrafficStatement(new Date(now - KEPT_DAYS * DAY_MS).toISOString()));
}

/** What a flag had of one value. */
export interface ValueTraffic {
  readonly value: string;
  readonly count: number;
  /** By the beginning of the hour or day, oldest first; those without any are left out. */
  readonly hours: readonly { readonly hour: string; readonly count: number }[];
  /** Beginning of the newest of them. */
  readonly lastSeen: string;
}

export interface FlagTraffic {
  readonly flagId: number;
  readonly values: readonly ValueTraffic[];
}

/**
 * Counts of the last hours, by flag and value (M183); by days they are whole days in UTC.
 *
 * @param flagIds `null`: all flags
 */
export function* readTraffic(
  { teamId, now }: CommandContext,
  flagIds: readonly number[] | null,
  hours: number,
  step: TrafficStep = 'hour',
): Work<readonly FlagTraffic[]> {
  const since = step === 'hour' ? now - hours * 3_600_000 : now - (now % DAY_MS) - (Math.ceil(hours / 24) - 1) * DAY_MS;
  const rows = yield* ask(trafficStatement(teamId, flagIds, new Date(since).toISOString(), step));
  const flags = new Map<number, Map<string, { hour: string; count: number }[]>>();
  for (const row of rows) {
    const id = Number(row['flag_id']);
    const values = flags.get(id) ?? new Map<string, { hour: string; count: number }[]>();
    flags.set(id, values);
    const counted = values.get(row['value'] ?? '') ?? [];
    values.set(row['value'] ?? '', counted);
    counted.push({ hour: row['hour'] ?? '', count: Number(row['count']) });
  }
  return [...flags].map(([flagId, values]) => ({
    flagId,
    values: [...values].map(([value, counted]) => ({
      value,
      count: counted.reduce((sum, { count }) => sum + count, 0),
      hours: counted,
      lastSeen: counted.at(-1)?.hour ?? '',
    })),
  }));
}
