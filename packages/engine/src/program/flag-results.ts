import type { FiltersV1 } from '../definitions/filters-v1.ts';
import { type JsonObject, type JsonValue, member } from '@halyard/json';
import {
  ENROLLMENT,
  FAILURE_TEXTS,
  type FailureCode,
  HOLDOUT,
  MISSING_DEPENDENCY,
  type MissReason,
  matchReason,
  missReason,
} from '../reasons.ts';
import type { FlagInfo, FlagResult, Reason } from '../result.ts';

/** Hands out the dense ids of one Program's results. */
export class ResultIds {
  next = 0;
}

/**
 * The results that one flag can have, each made when it first occurs and shared from then on. A result depends on the definition
 * alone, so this memory is not visible to anybody: it holds nothing of a request.
 */
export class FlagResults {
  readonly #flag: FlagInfo;
  readonly #ids: ResultIds;
  readonly #payloads: JsonObject | null;
  readonly #variants: readonly string[];
  readonly #matches: (FlagResult | undefined)[] = [];
  readonly #others = new Map<string, FlagResult>();
  readonly #misses: (FlagResult | undefined)[] = [];

  constructor(flag: FlagInfo, filters: FiltersV1 | null, ids: ResultIds) {
    this.#flag = flag;
    this.#ids = ids;
    this.#payloads = filters?.payloads ?? null;
    this.#variants = filters?.variants.map((variant) => variant.key) ?? [];
  }

  /** A condition matched; `variant` is its position, or -1 for none (E30, E70). */
  matched(condition: number, variant: number): FlagResult {
    const slot = condition * (this.#variants.length + 1) + variant + 1;
    return this.#matches[slot] ?? this.#firstMatch(slot, condition, variant);
  }

  /** No condition matched; `condition` -1 for no index (E27). */
  missed(reason: MissReason, condition: number): FlagResult {
    const slot = (condition + 1) * 8 + reason;
    return this.#misses[slot] ?? this.#firstMiss(slot, reason, condition);
  }

  /** E51, E52: the payload of `true` comes with both decisions. */
  enrolled(on: boolean): FlagResult {
    return this.#once(`enrolled ${on}`, () => this.#make(on, null, this.#payload('true'), ENROLLMENT, false));
  }

  /** E53. */
  heldOut(variant: string): FlagResult {
    return this.#once('holdout', () => this.#on(variant, HOLDOUT));
  }

  /** E140. */
  missingDependency(): FlagResult {
    return this.#once('missing', () => this.#make(false, null, undefined, MISSING_DEPENDENCY, false));
  }

  /** A failure that evaluation itself found (E161). */
  failure(code: FailureCode): FlagResult {
    return this.failed(code, FAILURE_TEXTS[code]);
  }

  /** E143: the answer hangs on the value of a flag that failed. */
  dependencyFailed(target: string): FlagResult {
    return this.failed('dependency_failed', `Flag dependency failed: ${target}`);
  }

  /** E171. */
  unsupported(problem: string): FlagResult {
    return this.failed('flag_data_parsing_error', `Failed to parse flag data: ${problem}`);
  }

  /** E163. */
  failed(code: string, description: string): FlagResult {
    return this.#once(`failed ${code} ${description}`, () =>
      this.#make(false, null, undefined, { code, conditionIndex: null, description }, true),
    );
  }

  #firstMatch(slot: number, condition: number, variant: number): FlagResult {
    const key = variant < 0 ? null : (this.#variants[variant] as string);
    return (this.#matches[slot] = this.#on(key, matchReason(condition)));
  }

  #firstMiss(slot: number, reason: MissReason, condition: number): FlagResult {
    return (this.#misses[slot] = this.#make(false, null, undefined, missReason(reason, condition), false));
  }

  #on(variant: string | null, reason: Reason): FlagResult {
    return this.#make(true, variant, this.#payload(variant ?? 'true'), reason, false);
  }

  #payload(key: string): JsonValue | undefined {
    return this.#payloads === null ? undefined : member(this.#payloads, key);
  }

  #once(name: string, make: () => FlagResult): FlagResult {
    let result = this.#others.get(name);
    if (result === undefined) {
      result = make();
      this.#others.set(name, result);
    }
    return result;
  }

  #make(
    enabled: boolean,
    variant: string | null,
    payload: JsonValue | undefined,
    reason: Reason,
    failed: boolean,
  ): FlagResult {
    return Object.freeze({
      id: this.#ids.next++,
      flag: this.#flag,
      enabled,
      variant,
      value: variant ?? enabled,
      payload,
      reason: Object.freeze(reason),
      failed,
    });
  }
}
