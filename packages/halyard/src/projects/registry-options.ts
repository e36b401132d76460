import type { DefinitionSource, FactSource } from '@halyard/data';
import type { DefinitionProblem } from '@halyard/engine';
import type { CompiledProject } from '../compiled-project.ts';
import type { FreshnessTurn } from './freshness.ts';

/** How long things last, and how many there may be. Times are in milliseconds and are spread by a tenth, so that projects do not march in step. */
export interface RegistryLimits {
  /** How long a snapshot is used before a request causes a look at its revision. Default 2 s. */
  readonly checkAfterMs: number;
  /** The same while notices arrive. Default 30 s. */
  readonly listeningCheckAfterMs: number;
  /** How long a snapshot that nobody asks for goes without a look. Default 60 s (H223: at most 90). */
  readonly idleCheckAfterMs: number;
  /** Pause after a failed look; it doubles up to `longestRetryMs`. Default 1 s. */
  readonly retryAfterMs: number;
  /** Default 15 s. */
  readonly longestRetryMs: number;
  /** How long an unknown token is remembered (H43). Default 30 s. */
  readonly unknownForMs: number;
  /** Bound on projects held; the least recently used goes. Default 10 000. */
  readonly maxProjects: number;
  /** Bound on the estimated memory of the projects held. Default 512 MiB. */
  readonly maxBytes: number;
  /** Bound on unknown tokens remembered. Default 10 000. */
  readonly maxUnknownTokens: number;
  /** Bound on looks under way at the same time. Default 4. */
  readonly maxChecks: number;
  /** How often idle and stale projects are gone through; 0: only when `sweep` is called. Default 1 s. */
  readonly sweepEveryMs: number;
}

export const defaultLimits: RegistryLimits = {
  checkAfterMs: 2_000,
  listeningCheckAfterMs: 30_000,
  idleCheckAfterMs: 60_000,
  retryAfterMs: 1_000,
  longestRetryMs: 15_000,
  unknownForMs: 30_000,
  maxProjects: 10_000,
  maxBytes: 512 * 1024 * 1024,
  maxUnknownTokens: 10_000,
  maxChecks: 4,
  sweepEveryMs: 1_000,
};

export interface RegistryOptions extends Partial<RegistryLimits> {
  readonly definitions: DefinitionSource;
  readonly facts: FactSource | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1, for spreading looks. Default `Math.random`. */
  readonly random?: () => number;
  /** Told of broken definitions whenever a new revision is compiled. */
  readonly onProblems?: (project: CompiledProject, problems: readonly DefinitionProblem[]) => void;
  /** Told, at most once a second, that a project could not be read and no snapshot of it is held. */
  readonly onStoreFailure?: (error: unknown) => void;
  /** Told when a snapshot becomes stale and when it is the newest again. */
  readonly onTurn?: (turn: FreshnessTurn) => void;
}
