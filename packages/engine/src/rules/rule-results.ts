import { type JsonValue, textOf } from '@halyard/json';
import type { FlagResults, ResultIds } from '../program/flag-results.ts';
import type { FlagInfo, FlagResult } from '../result.ts';
import type { FiltersV2 } from './definition.ts';
import {
  failureText,
  type PredicateFailure,
  RULE_ERROR,
  type RuleCode,
  reasonInOldTerms,
  ruleReason,
} from './rule-reasons.ts';

/** The results that one flag of ordered rules can have, each made when it first occurs, like those of `FlagResults`. */
export class RuleResults {
  readonly #flag: FlagInfo;
  readonly #filters: FiltersV2;
  readonly #ids: ResultIds;
  readonly #failures: FlagResults;
  readonly #made = new Map<string, FlagResult>();

  constructor(flag: FlagInfo, filters: FiltersV2, ids: ResultIds, failures: FlagResults) {
    this.#flag = flag;
    this.#filters = filters;
    this.#ids = ids;
    this.#failures = failures;
  }

  /** The rule at `index` gives its value; of an experiment, that of the variant at that position. */
  matched(index: number, variant = 0): FlagResult {
    return this.#once('targeting_match', index, variant, () => this.#valueOf(index, variant));
  }

  /** The default value, for this reason; `index` -1: no rule decided. */
  default(code: Exclude<RuleCode, 'targeting_match'>, index: number): FlagResult {
    return this.#once(code, index, 0, () => this.#filters.defaultValue);
  }

  /** E183. */
  failed(failure: PredicateFailure, index: number): FlagResult {
    return this.#failures.failed(RULE_ERROR, failureText(failure, index));
  }

  #valueOf(index: number, variant: number): JsonValue {
    const rule = this.#filters.rules[index];
    if (rule?.type === 'experiment') return rule.variants[variant]?.value ?? null;
    return rule?.value ?? null;
  }

  #once(code: RuleCode, index: number, variant: number, value: () => JsonValue): FlagResult {
    const name = `${code} ${index} ${variant}`;
    let result = this.#made.get(name);
    if (result === undefined) {
      result = this.#make(value(), code, index);
      this.#made.set(name, result);
    }
    return result;
  }

  /** E187: what older shapes see of a value. */
  #make(value: JsonValue, code: RuleCode, index: number): FlagResult {
    const enabled = value !== null && value !== false;
    const variant = typeof value === 'string' ? value : null;
    const plain = value === null || typeof value === 'boolean' || typeof value === 'string';
    const rule = this.#filters.rules[index];
    return Object.freeze({
      id: this.#ids.next++,
      flag: this.#flag,
      enabled,
      variant,
      value: variant ?? enabled,
      payload: plain ? undefined : textOf(value),
      reason: Object.freeze(reasonInOldTerms(code, index)),
      failed: false,
      typed: Object.freeze({
        value,
        reason: Object.freeze(ruleReason(code, index)),
        rule: rule === undefined ? null : Object.freeze({ id: rule.id, type: rule.type }),
      }),
    });
  }
}
