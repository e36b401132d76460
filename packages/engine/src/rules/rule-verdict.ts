import type { PredicateFailure } from './rule-reasons.ts';

/** How one rule ended (E181). Whether the next one is asked after a rollout miss is for the rule to say (E182). */
export type RuleVerdict =
  | { readonly kind: 'targeting_missed' | 'rollout_missed' | 'paused' | 'held_out' }
  /** `variant` is the position of the assigned one; 0 where a rule has none. */
  | { readonly kind: 'matched'; readonly variant: number }
  /** The flag fails, whatever the rules after this one (E183). */
  | { readonly kind: 'failed'; readonly failure: PredicateFailure };

// Made once each: judging allocates nothing.
export const TARGETING_MISSED: RuleVerdict = Object.freeze({ kind: 'targeting_missed' });
export const ROLLOUT_MISSED: RuleVerdict = Object.freeze({ kind: 'rollout_missed' });
export const PAUSED: RuleVerdict = Object.freeze({ kind: 'paused' });
export const HELD_OUT: RuleVerdict = Object.freeze({ kind: 'held_out' });
export const MATCHED: RuleVerdict = matchedVariant(0);

export function matchedVariant(variant: number): RuleVerdict {
  return Object.freeze({ kind: 'matched', variant });
}

export function failedBy(failure: PredicateFailure): RuleVerdict {
  return { kind: 'failed', failure };
}
