import type { JsonValue } from '@halyard/json';
import type { Evaluation, FlagResult } from '@halyard/engine';
import { kindOf } from './arguments.ts';

/** The flags of one evaluation. */
export class Flags {
  /** Every flag with its reason, in evaluation order. */
  readonly results: readonly FlagResult[];
  /** Some flag could not be evaluated; it is among the results with `failed` set. */
  readonly errors: boolean;
  #byKey: Map<string, FlagResult> | undefined;

  /** @internal */
  constructor(evaluation: Evaluation) {
    this.results = evaluation.results;
    this.errors = evaluation.errors;
  }

  /** The flag's result with its reason; `undefined` when it took no part. Throws `TypeError` when the key is no string. */
  get(key: string): FlagResult | undefined {
    if (typeof key !== 'string') throw new TypeError(`a flag's key must be a string, not ${kindOf(key)}`);
    this.#byKey ??= new Map(this.results.map((result) => [result.flag.key, result]));
    return this.#byKey.get(key);
  }

  /** The variant, or whether the flag is on; `undefined` when it took no part. */
  value(key: string): boolean | string | undefined {
    return this.get(key)?.value;
  }

  /** Whether the flag is on, with or without a variant. An unknown flag is off. */
  isEnabled(key: string): boolean {
    return this.get(key)?.enabled === true;
  }

  /** The payload of the value served: a string that holds JSON is parsed, as the SDKs do; anything else comes as stored. */
  payload(key: string): JsonValue | undefined {
    const payload = this.get(key)?.payload;
    if (typeof payload !== 'string') return payload;
    try {
      return JSON.parse(payload) as JsonValue;
    } catch {
      return payload;
    }
  }

  /** Flag key → value. */
  values(): Record<string, boolean | string> {
    return Object.fromEntries(this.results.map((result) => [result.flag.key, result.value]));
  }
}
