import { isObject, type JsonObject } from '@halyard/json';
import { kindOf, reading } from './arguments.ts';
import { isPlainNumber, jsonForm } from './json-form.ts';

/**
 * What callers may put into properties: whatever `JSON.stringify` writes, nested as deep as a request's body may be. Dates
 * and other objects with `toJSON` become what it gives; big integers keep their digits; `undefined` is left out.
 */
export type PropertyInput =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | ToJson
  | readonly PropertyInput[]
  | { readonly [key: string]: PropertyInput };

/** An object that says what it is in JSON: a Date, a URL, a decimal number. */
export interface ToJson {
  /** Its JSON value, or something that has one. */
  toJSON(key?: string): unknown;
}

/** Property key → value. */
export type PropertiesInput = Readonly<Record<string, PropertyInput>>;

/** How deep the body of a request over HTTP may nest, itself included (H37). */
const BODY_DEPTH = 128;
/** Far more than any user has; less than would hold up the process for long. */
const MOST_VALUES = 1_000_000;

/**
 * Properties as the JSON that an SDK would send for them, and that nobody can change any more.
 *
 * @param argument what they are called in errors
 * @param around how many objects stand around them in the body of a request over HTTP, so that both doors take the same
 * @throws TypeError naming argument and key, for a value that has no JSON form
 */
export function toJsonProperties(properties: PropertiesInput, argument: string, around: number): JsonObject {
  const copy = reading(argument, () => shallowCopy(properties));
  if (copy !== null && typeof copy.toJSON !== 'function') {
    for (const key in copy) if (!isPlain(copy[key])) convert(copy, key, argument, around);
    return copy as JsonObject;
  }
  const json = jsonForm(copy ?? properties, argument, { depth: BODY_DEPTH - around, values: MOST_VALUES });
  if (isObject(json)) return json;
  throw new TypeError(`${argument} must be an object, but its toJSON() gives ${kindOf(json)}`);
}

/** Each property is read once, for a getter or a proxy could say something else the next time. */
type Copy = Record<string, PropertyInput>;

/** `null` for an object of a class, which may have a `toJSON`. */
function shallowCopy(properties: PropertiesInput): Copy | null {
  const prototype: unknown = Object.getPrototypeOf(properties);
  return prototype === Object.prototype || prototype === null ? { ...properties } : null;
}

/** Whether a value is its own JSON form. */
function isPlain(value: PropertyInput): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return isPlainNumber(value);
    default:
      return value === null;
  }
}

function convert(copy: Copy, key: string, argument: string, around: number): void {
  const value = jsonForm(copy[key], argument, { depth: BODY_DEPTH - around - 1, values: MOST_VALUES }, key);
  if (value === undefined) Reflect.deleteProperty(copy, key);
  // A property like any other, but not by assignment.
  else if (key === '__proto__') Object.defineProperty(copy, key, { value });
  else copy[key] = value as PropertyInput;
}
