import type { Transactions } from '@halyard/manage';

/** What endpoints work with. */
export interface Services {
  readonly database: Transactions;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}
