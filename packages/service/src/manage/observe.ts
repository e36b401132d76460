import { RecentRequests, type Remembered } from '../observe/recent-requests.ts';
import { TrafficCounter } from '../observe/traffic-counter.ts';
import type { Observer } from '../posthog/observer.ts';
import type { ManagementOptions } from './options.ts';
import { startTrafficClock } from './traffic/traffic-clock.ts';

/** What management hears of evaluations in this process. */
export interface Observed {
  /** Null: it wants to hear nothing. */
  readonly observer: Observer | null;
  /** Null: a setting turns it off. */
  readonly recent: RecentOfProject | null;
  /** What this process alone remembers of a project, for the others. */
  readonly ownRecent: (teamId: number) => Remembered;
  /** Null: nothing is counted, since a setting says so or nothing may be written. */
  readonly traffic: Traffic | null;
  close(): Promise<void>;
}

/** What all processes remember of a project. Never rejects. */
export type RecentOfProject = (teamId: number) => Promise<Remembered>;

/** The counting of calls, for whoever shows it. */
export interface Traffic {
  /** Whether there is a table for it (M202). Rejects while the database is away. */
  isCounted(): Promise<boolean>;
  /** Resolves when what this process counted is written, unless that was done a moment ago. Never rejects. */
  flushed(): Promise<void>;
}

/** Pages that look again and again do not make it written each time. */
const FLUSHED_MS = 2_000;

/** Begins to hear of evaluations, as the settings want it. */
export function observe(options: ManagementOptions): Observed {
  const recent = options.recentRequests ? new RecentRequests(options.clock) : null;
  const counter = options.flagTraffic && !options.readOnly ? new TrafficCounter() : null;
  const clock = counter === null ? null : startTrafficClock(options, counter);
  let flushedAt = Number.NEGATIVE_INFINITY;
  return {
    recent: recent === null ? null : (options.recentOfAll ?? (async (teamId) => recent.of(teamId))),
    ownRecent: (teamId) => recent?.of(teamId) ?? { requests: [], properties: [] },
    observer:
      recent === null && counter === null
        ? null
        : {
            asked: (project, request, bytes) => recent?.note(project, request, bytes),
            answered: ({ teamId, program }, { results }) => counter?.count(teamId, program, results),
          },
    traffic:
      clock === null
        ? null
        : {
            isCounted: async () => !(await options.belongsToPostHog()),
            flushed: async () => {
              if (performance.now() - flushedAt < FLUSHED_MS) return;
              flushedAt = performance.now();
              await clock.flush();
            },
          },
    close: async () => {
      recent?.close();
      await clock?.close();
    },
  };
}
