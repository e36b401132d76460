import type { ManagementOptions } from '../options.ts';
import { startRepeating } from '../repeating.ts';

/** Looks once a minute for planned changes that are due (M139), beside everything else. */
export interface ScheduleClock {
  /** Waits for the look that is under way. */
  close(): Promise<void>;
}

const EVERY_MS = 60_000;

/** Starts to look; the first time a minute from now. Nothing is loaded or connected before. */
export function startScheduleClock(options: ManagementOptions): ScheduleClock {
  const { databaseUrl, clock, onError, belongsToPostHog, secrets, scheduleEveryMs = EVERY_MS } = options;
  const look = async (): Promise<void> => {
    if (!(await isOurs(options))) return;
    const { runDueSchedules, Transactions } = await import('@halyard/manage');
    const store = new Transactions(databaseUrl, { size: 1, belongsToPostHog });
    // Closed after each look: a connection that is used once a minute is nobody's need.
    try {
      await runDueSchedules(store, { clock, onError, ...(secrets && { secrets }) });
    } finally {
      await store.close();
    }
  };
  return { close: startRepeating(look, scheduleEveryMs, onError).stop };
}

/** M204: PostHog's own workers run the same table of theirs. */
async function isOurs({ readOnly, onPostHog, belongsToPostHog }: ManagementOptions): Promise<boolean> {
  if (readOnly) return false;
  return onPostHog === 'direct' || !(await belongsToPostHog());
}
