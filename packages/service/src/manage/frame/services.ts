import type { Transactions } from '@halyard/manage';

/** What endpoints work with. */
export interface Services {
  readonly database: Transactions;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Resolves when this process evaluates with what was written of a project's definitions (M53). Never rejects. */
  readonly definitionsWritten: (teamId: number) => Promise<void>;
}
