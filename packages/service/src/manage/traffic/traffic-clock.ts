import type { TrafficCounter } from '../../observe/traffic-counter.ts';
import type { ManagementOptions } from '../options.ts';
import { startRepeating } from '../repeating.ts';
import { PendingCounts } from './pending-counts.ts';

/** Writes what is counted every half a minute (M194), beside everything else. */
export interface TrafficClock {
  /** Writes what was counted so far. Never rejects. */
  flush(): Promise<void>;
  /** Writes once more, and ends. */
  close(): Promise<void>;
}

const EVERY_MS = 30_000;
const FORGET_EVERY_MS = 6 * 3_600_000;

type Options = Pick<ManagementOptions, 'databaseUrl' | 'clock' | 'belongsToPostHog' | 'onError'>;

/** Starts to write; the first time half a minute from now. Nothing is loaded or connected before. */
export function startTrafficClock(options: Options, counter: TrafficCounter): TrafficClock {
  const { databaseUrl, clock, belongsToPostHog, onError } = options;
  const pending = new PendingCounts();
  let forgotAt: number | undefined;

  const write = async (): Promise<void> => {
    const lost = counter.takeLost() + pending.add(counter.take(), clock());
    if (lost > 0)
      onError(
        new Error(
          `${lost} calls of flags are not counted: too many wait for the database, or come of too many projects`,
        ),
      );
    const teams = pending.teams;
    if (teams.length === 0) return;
    // M202: such a database has no table for them.
    if (await belongsToPostHog()) return teams.forEach((teamId) => void pending.take(teamId));
    const { addTraffic, forgetOldTraffic, StoreError, Transactions } = await import('@halyard/manage');
    const store = new Transactions(databaseUrl, { size: 1 });
    // Closed after each time: a connection that is used twice a minute is nobody's need.
    try {
      for (const teamId of teams) {
        const rows = pending.take(teamId);
        try {
          await store.write(() => addTraffic(teamId, rows, clock()));
        } catch (error) {
          // What the database does not take now it may take later; what it refuses it will refuse again.
          if (!(error instanceof StoreError) || error.kind === 'query') {
            onError(error);
            continue;
          }
          pending.putBack(teamId, rows);
          throw error;
        }
      }
      if (forgotAt === undefined || clock() - forgotAt > FORGET_EVERY_MS) {
        await store.write(() => forgetOldTraffic(clock()));
        forgotAt = clock();
      }
    } finally {
      await store.close();
    }
  };
  const writing = startRepeating(write, EVERY_MS, onError);
  return {
    flush: writing.run,
    close: async () => {
      await writing.stop();
      await writing.run();
    },
  };
}
