import { ExactNumber } from './exact-number.ts';
import type { JsonObject, JsonValue } from './values.ts';

/** A JSON object, as opposed to a list, and to a number kept exactly. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Own member of an object; inherited names such as `constructor` read as absent. */
export function member(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
