import type { JsonValue } from '@halyard/json';

/** What a result says about its flag. */
export interface FlagInfo {
  /** Its id in the definitions. */
  readonly id: number;
  /** What callers ask for. */
  readonly key: string;
  /** Row revision; 0 when the flag has none. */
  readonly version: number;
  /** An experiment is made of it. */
  readonly hasExperiment: boolean;
}

/** Why a flag has its value. */
export interface Reason {
  /** A code of E26 or E163. */
  readonly code: string;
  /** The condition that decided, from 0; `null` where none did. */
  readonly conditionIndex: number | null;
  /** The same for people, in English. */
  readonly description: string | null;
}

/**
 * The result of one flag (E2). Immutable and shared between requests: a flag has one object per possible outcome,
 * so `id` can index a cache of whatever is derived from it.
 */
export interface FlagResult {
  /** Dense within its Program, from 0. */
  readonly id: number;
  /** Which flag. */
  readonly flag: FlagInfo;
  /** Whether it is on. */
  readonly enabled: boolean;
  /** The variant served; `null` where the flag has none or is off. */
  readonly variant: string | null;
  /** The variant, or else `enabled`. */
  readonly value: boolean | string;
  /** As stored; `undefined` when there is none (E10). */
  readonly payload: JsonValue | undefined;
  /** Why. */
  readonly reason: Reason;
  /** The flag could not be evaluated; `reason` says why (E163). */
  readonly failed: boolean;
}

export interface Evaluation {
  /** Every flag of the response, in evaluation order. */
  readonly results: readonly FlagResult[];
  /** `errorsWhileComputingFlags` (E162). */
  readonly errors: boolean;
}
