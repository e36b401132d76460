import { HOLDOUT, type MissReason, matchReason, missReason, NO_CONDITION_MATCH, OUT_OF_ROLLOUT } from '../reasons.ts';
import type { Reason } from '../result.ts';

/** How ordered rules end a flag (E186). */
export type RuleCode = 'targeting_match' | 'rollout_miss' | 'experiment_paused' | 'holdout' | 'no_rule_match';

/** The reason on a typed record; `index` -1: no rule decided. */
export function ruleReason(code: RuleCode, index: number): Reason {
  return { code, conditionIndex: index < 0 ? null : index, description: describe(code, index + 1) };
}

function describe(code: RuleCode, number: number): string {
  switch (code) {
    case 'targeting_match':
      return `Matched rule ${number}`;
    case 'rollout_miss':
      return `Rule ${number} rollout miss`;
    case 'experiment_paused':
      return `Rule ${number} is paused`;
    case 'holdout':
      return `Rule ${number} holdout`;
    case 'no_rule_match':
      return 'No rule matched';
  }
}

const AS_MISS: Partial<Readonly<Record<RuleCode, MissReason>>> = {
  rollout_miss: OUT_OF_ROLLOUT,
  experiment_paused: NO_CONDITION_MATCH,
  no_rule_match: NO_CONDITION_MATCH,
};

/** The same in the terms of conditions, which older response shapes speak (E187). It follows the rule, not the value. */
export function reasonInOldTerms(code: RuleCode, index: number): Reason {
  const miss = AS_MISS[code];
  if (miss !== undefined) return missReason(miss, index);
  return code === 'holdout' ? { ...HOLDOUT, conditionIndex: index } : matchReason(index);
}

/** Why a predicate could not be decided (E183). */
export type PredicateFailure = 'missing_context' | 'invalid_property' | 'invalid_regex';

/** The code of all three (E183). */
export const RULE_ERROR = 'error';

const FAILURES: Readonly<Record<PredicateFailure, string>> = {
  missing_context: 'needs a property that is not known',
  invalid_property: 'cannot compare the property',
  invalid_regex: 'has a pattern that cannot be searched for',
};

/** For people; names neither property nor value. */
export function failureText(failure: PredicateFailure, index: number): string {
  return `Rule ${index + 1} ${FAILURES[failure]}`;
}
