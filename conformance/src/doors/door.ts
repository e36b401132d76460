import type { JsonObject, JsonValue } from '@halyard/json';
import type { DateSettings, Definitions, MatchPropertyOptions } from '@halyard/engine';

/** One flag of an answer, as every door can tell it. */
export interface FlagAnswer {
  readonly enabled: boolean;
  readonly variant: string | null;
  readonly payload: JsonValue;
  readonly code: string;
  readonly conditionIndex: number | null;
  /** The typed record, where the door shows it and the case asks for it. */
  readonly typed?: TypedAnswer;
}

/** What a typed record says (H64). */
export interface TypedAnswer {
  readonly value: JsonValue;
  readonly code: string;
  readonly conditionIndex: number | null;
  readonly ruleType: string | null;
  readonly ruleId: string | null;
  /** The arm that an experiment assigned; absent where the door hides it. */
  readonly variant?: string | null;
}

export interface Answer {
  readonly flags: ReadonlyMap<string, FlagAnswer>;
  readonly errors: boolean;
}

/** Parts of the engine behind a door, for the vectors that are about parts. */
export interface Parts {
  bucketingHash(prefix: string, identifier: string, salt: string): Promise<number>;
  isInRollout(hash: number, percentage: number): Promise<boolean>;
  variantBoundaries(percentages: readonly number[]): Promise<readonly number[]>;
  /** Position of the variant, or -1. */
  pickVariant(hash: number, percentages: readonly number[]): Promise<number>;
  matchProperty(filter: JsonObject, properties: JsonObject, options: MatchPropertyOptions): Promise<boolean | 'error'>;
  readDate(text: string, settings: DateSettings): Promise<number | null>;
  readRelativeDate(text: string, settings: DateSettings): Promise<number | null>;
  /** The value of the only flag for each distinct id. */
  valuesFor(definitions: Definitions, distinctIds: readonly string[]): Promise<readonly JsonValue[]>;
}

/** A way into the product that can answer whole evaluations. */
export interface Door {
  /** Told all cases beforehand, so that a door on a database can load them in bulk. */
  prepare(cases: readonly JsonObject[]): Promise<void>;
  /** The answer to a prepared case, or why this door cannot express it. */
  answer(data: JsonObject): Promise<Answer | { readonly skipped: string }>;
  /** Absent: this door shows whole evaluations only. */
  readonly parts?: Parts;
  close(): Promise<void>;
}
