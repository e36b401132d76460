import type { PayloadSecrets } from '@halyard/manage';
import type { CompiledProject, Definitions, OpenProjects } from 'halyard/host';
import type { Remembered } from '../observe/recent-requests.ts';
import type { Subscribe } from './changes/change-streams.ts';
import type { KeyRate } from './frame/key-limits.ts';

/** What the management API is opened with. */
export interface ManagementOptions {
  /** The writer: what was just changed has to be seen. */
  readonly databaseUrl: string;
  /** Connections at the same time. */
  readonly connections: number;
  readonly version: string;
  /** Whether the tables are PostHog's own. Rejects while the database is away. */
  readonly belongsToPostHog: () => Promise<boolean>;
  /** What may be written where they are (M200 to M202). */
  readonly onPostHog: 'refuse' | 'forward' | 'direct';
  readonly posthogUrl: string | undefined;
  readonly readOnly: boolean;
  /** Requests with keys that a project may have (M17), the shortest stretch first; none: any number. */
  readonly keyRates: readonly KeyRate[];
  /** Take personal keys from the query (M10). */
  readonly keysInQuery: boolean;
  /** Address under which callers reach this service; undefined: as they say themselves. */
  readonly publicUrl: string | undefined;
  readonly trustProxy: boolean;
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
  /** Resolves when this process evaluates with what was written of a project's definitions (M53). Never rejects. */
  readonly definitionsWritten: (teamId: number) => Promise<void>;
  /** Remember recent requests, in memory (M195). */
  readonly recentRequests: boolean;
  /** The same of all processes of a service that has several; without it this one is the only one. Never rejects. */
  readonly recentOfAll?: (teamId: number) => Promise<Remembered>;
  /** Count how often flags are asked for (M194). */
  readonly flagTraffic: boolean;
  /** Tells when something of a team may have changed. */
  readonly onTeamChange: Subscribe;
  /** For encrypted payloads (H189); undefined: no key is configured. */
  readonly secrets?: PayloadSecrets;
  /** After so long a question about everybody is answered from a sample (M100, M182). Default: three seconds, half of it where requests are asked first. */
  readonly sampleAfterMs?: number;
  /** How often planned changes are looked for. Default: once a minute (M139). */
  readonly scheduleEveryMs?: number;
  /** Hears of failures that are not the caller's. */
  readonly onError: (error: unknown) => void;
}
