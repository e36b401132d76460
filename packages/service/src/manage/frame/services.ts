import type { Transactions } from '@halyard/manage';
import type { CompiledProject, OpenProjects } from 'halyard/host';
import type { SignInLimits } from './sign-in-limits.ts';

/** What endpoints work with. */
export interface Services {
  readonly database: Transactions;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The project of a public token as it is evaluated here; `null`: there is none. Rejects with a `StoreError`. */
  readonly compiled: (token: string) => Promise<CompiledProject | null>;
  /** The same with a change, for one question. */
  readonly recompiled: OpenProjects['recompiled'];
  /** Persons of a team behind an id, in the order of ids. Rejects with a `StoreError`. */
  readonly persons: OpenProjects['persons'];
  /** Resolves when this process evaluates with what was written of a project's definitions (M53). Never rejects. */
  readonly definitionsWritten: (teamId: number) => Promise<void>;
  readonly signIn: SignInLimits;
}
