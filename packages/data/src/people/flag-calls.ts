/** Calls of a flag with one value on one day (I110). */
export interface FlagCallCount {
  readonly teamId: number;
  /** Of `flagCallDay`. */
  readonly day: string;
  readonly flagKey: string;
  /** `true`, `false`, a variant or `(none)` (I111). */
  readonly value: string;
  readonly calls: number;
  /** How many of them reported an error. */
  readonly errors: number;
  /** Milliseconds since the epoch. */
  readonly lastCalledAt: number;
}

const dayMs = 86_400_000;

/** SDKs may keep calls so long while they have no network. */
const keptDays = 7;

/**
 * The UTC day that a call counts for, as `2026-12-01`: that of the call, unless it is more than a week before or a day after now. What
 * a client says of time is not believed further, or it could make rows for any day that ever was.
 *
 * @param time when the flag was called, and now: milliseconds since the epoch
 */
export function flagCallDay(time: number, now: number): string {
  const isBelieved = time > now - keptDays * dayMs && time <= now + dayMs;
  return new Date(isBelieved ? time : now).toISOString().slice(0, 10);
}
