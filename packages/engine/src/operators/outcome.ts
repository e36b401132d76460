import type { Budget } from '@halyard/pattern';

/** A filter did not match. */
export const MISS = 0;
/** A filter matched. */
export const MATCH = 1;
/** A filter could not be decided (E68, E92): a miss inside a condition, but it survives negation as a miss. */
export const ERROR = 2;

export type Outcome = typeof MISS | typeof MATCH | typeof ERROR;

/** What an operator may look at besides the property: the request's clock, and the work it may still do. */
export interface Moment {
  /** Evaluation time in milliseconds since the epoch. */
  now: number;
  /** What pattern searches of the request may still cost together (E105a). Without one, each search has its own. */
  readonly budget?: Budget;
}
