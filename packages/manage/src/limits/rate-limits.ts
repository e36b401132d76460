import { countStatement, digestOf, forgetCountStatement, type Work } from '@halyard/data/management';
import { ask } from '../command.ts';

/** How often something may happen within a stretch of time, which begins with the first. */
export interface RateLimit {
  /** Of what is counted. */
  readonly name: string;
  readonly most: number;
  readonly seconds: number;
}

/**
 * Counts once more under each limit, for all processes, in the order given and up to the first that is used up: what is refused there takes
 * nothing from those after it.
 *
 * @returns seconds to wait; 0: it may happen
 */
export function* countWithin(limits: readonly RateLimit[]): Work<number> {
  for (const { name, most, seconds } of limits) {
    const [row] = yield* ask(countStatement(stored(name), seconds));
    if (Number(row?.['count']) > most) return Math.max(1, Number(row?.['wait']));
  }
  return 0;
}

/** Counting under this limit begins anew. */
export function* forgetCount({ name }: Pick<RateLimit, 'name'>): Work<void> {
  yield forgetCountStatement(stored(name));
}

/** Addresses of people are in no row. */
function stored(name: string): string {
  return digestOf(name);
}
