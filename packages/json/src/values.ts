import type { ExactNumber } from './exact-number.ts';

/** Any JSON value, with numbers kept exactly where a double would not do (E95). */
export type JsonValue = string | number | boolean | null | ExactNumber | readonly JsonValue[] | JsonObject;

/** A JSON object. Read it by own property only: keys such as `__proto__` and `constructor` are ordinary names. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
