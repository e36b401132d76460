import type { JsonObject, JsonValue } from '@halyard/engine';

/** One flag of an answer, as every door can tell it. */
export interface FlagAnswer {
  readonly enabled: boolean;
  readonly variant: string | null;
  readonly payload: JsonValue;
  readonly code: string;
  readonly conditionIndex: number | null;
}

export interface Answer {
  readonly flags: ReadonlyMap<string, FlagAnswer>;
  readonly errors: boolean;
}

/** A way into the product that can answer whole evaluations. */
export interface Door {
  /** Told all cases beforehand, so that a door on a database can load them in bulk. */
  prepare(cases: readonly JsonObject[]): Promise<void>;
  /** The answer to a prepared case, or why this door cannot express it. */
  answer(data: JsonObject): Promise<Answer | { readonly skipped: string }>;
  close(): Promise<void>;
}
