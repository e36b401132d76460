import type { DefinitionSource, FactSource } from '@halyard/data';
import { defaultLimits, type FreshnessLimits } from '@halyard/data/conversation';
import type { DefinitionProblem } from '@halyard/engine';
import type { CompiledProject } from '../compiled-project.ts';
import { memoryHere, memoryLimits } from './memory-limits.ts';
import type { FreshnessChange } from './freshness-report.ts';

/** How long things last, and how many there may be. */
export interface RegistryLimits extends FreshnessLimits {
  /** Bound on projects held; the least recently used goes. Default 10 000. */
  readonly maxProjects: number;
  /** Bound on the estimated memory of the projects held. Default: what `memoryLimits` says for this process. */
  readonly maxBytes: number;
  /** Bound on unknown tokens remembered. Default 10 000. */
  readonly maxUnknownTokens: number;
  /** Look-ups per second of tokens that belong to nobody, by one address; ten times as many in all (H95a). Default: any number. */
  readonly unknownPerSecond: number;
  /** Bound on looks under way at the same time. Default 4. */
  readonly maxChecks: number;
  /** How often idle and stale projects are gone through; 0: only when `sweep` is called. Default 1 s. */
  readonly sweepEveryMs: number;
}

export const registryLimits: RegistryLimits = {
  ...defaultLimits,
  maxProjects: 10_000,
  maxBytes: memoryLimits(memoryHere(1)).maxBytes,
  maxUnknownTokens: 10_000,
  unknownPerSecond: Number.POSITIVE_INFINITY,
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
  readonly onFreshness?: (change: FreshnessChange) => void;
}
