import type { Transactions } from '@halyard/manage';
import type { CompiledProject } from 'halyard/host';

/** What endpoints work with. */
export interface Services {
  readonly database: Transactions;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The project of a public token as it is evaluated here; `null`: there is none. Rejects with a `StoreError`. */
  readonly compiled: (token: string) => Promise<CompiledProject | null>;
  /** Resolves when this process evaluates with what was written of a project's definitions (M53). Never rejects. */
  readonly definitionsWritten: (teamId: number) => Promise<void>;
}
