import type { PackedText } from '../bucketing/packed-text.ts';
import type { PersonFilter } from '../program/filter.ts';
import type { PredicateDefinition, RuleDefinition } from './definition.ts';
import type { RuleResults } from './rule-results.ts';

/** Version 2: ordered rules, of which the first that ends the flag counts (E180). */
export interface ConfigurationV2 {
  readonly version: 2;
  readonly results: RuleResults;
  readonly rules: readonly CompiledRule[];
}

/** One rule, ready to be judged. What it does beyond its predicates depends on its definition's type (E181). */
export interface CompiledRule {
  readonly definition: RuleDefinition;
  readonly predicates: readonly CompiledPredicate[];
  /** What comes before the subject where this rule draws for rollout and variant: its seed and a dot. `null`: it draws nothing. */
  readonly prefix: PackedText | null;
  /** The same for the holdout: its seed without a dot. `null`: there is none. */
  readonly holdoutPrefix: PackedText | null;
  /** The point below which each variant begins to end (E18). */
  readonly boundaries: readonly number[];
}

/** A test of a person property; `matches` is its outcome before negation. */
export interface CompiledPredicate extends PersonFilter {
  readonly definition: PredicateDefinition;
}
