import type { PayloadSecrets, Transactions } from '@halyard/manage';
import type { CompiledProject, Definitions, OpenProjects } from 'halyard/host';
import type { ChangeStreams } from '../changes/change-streams.ts';
import type { RecentOfProject, Traffic } from '../observe.ts';
import type { Background } from './background.ts';
import type { SignInLimits } from './sign-in-limits.ts';
import type { WritePolicy } from './write-policy.ts';

/** What endpoints work with. */
export interface Services {
  readonly database: Transactions;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The project of a public token as it is evaluated here; `null`: there is none. Rejects with a `StoreError`. */
  readonly compiled: (token: string) => Promise<CompiledProject | null>;
  /** The same with a change, for one question. */
  readonly recompiled: (
    token: string,
    change: (definitions: Definitions) => Definitions,
  ) => Promise<CompiledProject | null>;
  /** Persons of a team behind an id, in the order of ids. Rejects with a `StoreError`. */
  readonly persons: OpenProjects['persons'];
  /** After so long a question about everybody is answered from a sample (M100). */
  readonly sampleAfterMs: number;
  /** Resolves when this process evaluates with what was written of a project's definitions (M53). Never rejects. */
  readonly definitionsWritten: (teamId: number) => Promise<void>;
  /** The requests that are remembered of each project (M195); null: a setting turns that off. */
  readonly recent: RecentOfProject | null;
  /** What is counted of evaluations (M194); null: nothing. */
  readonly traffic: Traffic | null;
  /** Open pages that hear of changes. */
  readonly streams: ChangeStreams;
  readonly signIn: SignInLimits;
  /** What may be written here. Rejects while the database is away and that was never found out. */
  readonly writes: () => Promise<WritePolicy>;
  readonly background: Background;
  /** For encrypted payloads; undefined: no key is configured. */
  readonly secrets: PayloadSecrets | undefined;
}
