import type { JsonObject, JsonValue } from '@halyard/engine';

/** A JSON object, as opposed to a list, and to a number kept exactly (which is the only JSON value with a `toJSON`). */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return typeof (value as { toJSON?: unknown }).toJSON !== 'function';
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Own member of an object; inherited names such as `constructor` read as absent. */
export function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
