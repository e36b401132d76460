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
  /** What it is configured by: 1 conditions, 2 ordered rules (E4). An unknown format counts as 1. */
  readonly configVersion: 1 | 2;
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

/** Kinds of ordered rules (E174). */
export type RuleType = 'targeted_release' | 'percentage_rollout' | 'experiment';

/** What a flag of ordered rules answers in its own terms (E186). `FlagResult` has the same in the terms of conditions (E187). */
export interface TypedResult {
  /** A value of the flag's return type (E173); `null`: the caller's own default. */
  readonly value: JsonValue;
  /** A code of E186, and the index of the rule that decided. */
  readonly reason: Reason;
  /** The rule that decided; `null` where none did. */
  readonly rule: { readonly id: string; readonly type: RuleType } | null;
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
  /** The result as ordered rules state it; absent for flags of conditions, and for failed ones. */
  readonly typed?: TypedResult;
}

export interface Evaluation {
  /** Every flag of the response, in evaluation order. */
  readonly results: readonly FlagResult[];
  /** `errorsWhileComputingFlags` (E162). */
  readonly errors: boolean;
}
