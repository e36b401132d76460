import type { JsonValue } from '@halyard/json';
import type { FilterDefinition } from '../definitions/filter.ts';
import type { RuleType } from '../result.ts';

/** What the values of a flag are (E172, E173). */
export type ReturnType = 'boolean' | 'string' | 'number' | 'object';

/** One test on one property of the person (E177). Without an operator it is `exact`. */
export interface PredicateDefinition extends FilterDefinition {
  readonly type: 'person';
  readonly operator: string;
  /** The outcome counts the other way round; an error stays one (E180, E183). */
  readonly negation: boolean;
}

interface RuleBase {
  /** A UUID, as it is written. */
  readonly id: string;
  readonly type: RuleType;
  readonly predicates: readonly PredicateDefinition[];
}

/** How a rule lets in a share of the subjects (E174, E182). */
export interface RolloutDefinition {
  /** In percent, from 0 to 100. */
  readonly percentage: number;
  readonly onMiss: 'continue' | 'return_default';
  readonly seed: string;
}

export interface TargetedRelease extends RuleBase {
  readonly type: 'targeted_release';
  readonly value: JsonValue;
}

export interface PercentageRollout extends RuleBase {
  readonly type: 'percentage_rollout';
  readonly value: JsonValue;
  readonly rollout: RolloutDefinition;
}

/** One arm of an experiment. */
export interface RuleVariant {
  readonly key: string;
  /** In percent. */
  readonly weight: number;
  readonly value: JsonValue;
}

export interface Experiment extends RuleBase {
  readonly type: 'experiment';
  readonly paused: boolean;
  readonly rollout: RolloutDefinition;
  readonly variants: readonly RuleVariant[];
  readonly holdout: { readonly seed: string; readonly percentage: number } | null;
}

export type RuleDefinition = TargetedRelease | PercentageRollout | Experiment;

/** The `filters` of a flag in configuration version 2: ordered rules (E172). */
export interface FiltersV2 {
  readonly version: 2;
  readonly returnType: ReturnType;
  /** `null`: the caller's own default. */
  readonly defaultValue: JsonValue;
  readonly rules: readonly RuleDefinition[];
}
