import { ExactNumber, type JsonObject, type JsonValue } from '@halyard/json';

/** What callers may put into properties. Dates become RFC 3339 text; big integers keep their digits; `undefined` is left out. */
export type PropertyInput =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Date
  | readonly PropertyInput[]
  | { readonly [key: string]: PropertyInput };

export type PropertiesInput = Readonly<Record<string, PropertyInput>>;

const MAX_DEPTH = 64;

/**
 * Properties as JSON values. Returned as they are when they already consist of text, numbers, booleans and null.
 * Throws `TypeError` naming the property when a value has no JSON form (a function, a symbol, a cycle).
 */
export function toJsonProperties(properties: PropertiesInput): JsonObject {
  const prototype: unknown = Object.getPrototypeOf(properties);
  // Whatever inherits from something else is copied, so that only its own properties count.
  if (prototype !== Object.prototype && prototype !== null) return convertObject(properties, '', 0);
  for (const key of Object.keys(properties)) {
    if (!isPlain(properties[key])) return convertObject(properties, '', 0);
  }
  return properties as JsonObject;
}

function isPlain(value: PropertyInput): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    default:
      return value === null;
  }
}

function convertObject(object: PropertiesInput, path: string, depth: number): JsonObject {
  if (depth > MAX_DEPTH)
    throw new TypeError(`property ${path} is nested deeper than ${MAX_DEPTH} levels, or contains itself`);
  // No prototype: a property named `__proto__` is a property like any other.
  const result = Object.create(null) as Record<string, JsonValue>;
  for (const key of Object.keys(object)) {
    const value = convert(object[key], path === '' ? key : `${path}.${key}`, depth + 1);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function convert(value: PropertyInput, path: string, depth: number): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null; // as JSON would write it
    case 'bigint':
      return new ExactNumber(String(value), Number(value));
    case 'undefined':
      return undefined;
    case 'object':
      return convertReference(value, path, depth);
    default:
      throw new TypeError(`property ${path} is a ${typeof value}, which has no JSON form`);
  }
}

function convertReference(
  value: Date | readonly PropertyInput[] | { readonly [key: string]: PropertyInput } | null,
  path: string,
  depth: number,
): JsonValue {
  if (value === null || value instanceof ExactNumber) return value;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new TypeError(`property ${path} is an invalid Date`);
    return value.toISOString();
  }
  if (depth > MAX_DEPTH)
    throw new TypeError(`property ${path} is nested deeper than ${MAX_DEPTH} levels, or contains itself`);
  if (isList(value)) return value.map((item, i) => convert(item, `${path}[${i}]`, depth + 1) ?? null);
  return convertObject(value, path, depth);
}

function isList(value: object): value is readonly PropertyInput[] {
  return Array.isArray(value);
}
