import type { ManagementOptions } from '../options.ts';

/** Looks once a minute for planned changes that are due (M139), beside everything else. */
export interface ScheduleClock {
  /** Waits for the look that is under way. */
  close(): Promise<void>;
}

const EVERY_MS = 60_000;

/** Starts to look; the first time a minute from now. Nothing is loaded or connected before. */
export function startScheduleClock(options: ManagementOptions): ScheduleClock {
  const { databaseUrl, clock, onError, belongsToPostHog, secrets, scheduleEveryMs = EVERY_MS } = options;
  let looking: Promise<void> = Promise.resolve();
  let database: { close(): Promise<void> } | undefined;
  let isLooking = false;

  const look = async (): Promise<void> => {
    try {
      if (!(await isOurs(options))) return;
      const { runDueSchedules, Transactions } = await import('@halyard/manage');
      const store = new Transactions(databaseUrl, { size: 1, belongsToPostHog });
      database = store;
      // Closed after each look: a connection that is used once a minute is nobody's need.
      try {
        await runDueSchedules(store, { clock, onError, ...(secrets && { secrets }) });
      } finally {
        await store.close();
      }
    } catch (error) {
      onError(error);
    }
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    looking = look().finally(() => void (isLooking = false));
  }, scheduleEveryMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await looking;
      await database?.close();
    },
  };
}

/** M204: PostHog's own workers run the same table of theirs. */
async function isOurs({ readOnly, onPostHog, belongsToPostHog }: ManagementOptions): Promise<boolean> {
  if (readOnly) return false;
  return onPostHog === 'direct' || !(await belongsToPostHog());
}
