import { ExactNumber, type JsonValue, parseJson } from '@halyard/json';
import { kindOf, messageOf } from './arguments.ts';
import * as types from './value-types.ts';

export interface JsonFormLimits {
  /** How deep lists and objects may nest. */
  readonly depth: number;
  /** How many values there may be altogether. */
  readonly values: number;
}

/**
 * A caller's value as the JSON that `JSON.stringify` would write for it and an HTTP door would read: `toJSON` is asked,
 * boxed values are opened, `-0` becomes 0, not-a-number becomes null, numbers have the text that JSON gives them (E95),
 * and every property is read once, so that what comes back cannot change. Two things differ: a `bigint` keeps its digits,
 * and what `JSON.stringify` drops or empties in silence (a function, a symbol, a Map) is refused. `undefined` stays.
 *
 * @param argument what the value is called in errors; a property's own `key` is added to it
 * @throws TypeError naming the argument and the key, for what has no JSON form, contains itself, is too deep or too large,
 * or throws when it is read
 */
export function jsonForm(
  value: unknown,
  argument: string,
  limits: JsonFormLimits,
  key?: string,
): JsonValue | undefined {
  const reader = new Reader(limits, key);
  try {
    return reader.read(value, key ?? '');
  } catch (error) {
    const place = `${argument}${reader.path.map(step).join('')}`;
    if (error instanceof NoJsonForm) throw new TypeError(`${place} ${error.message}`, { cause: error });
    throw new TypeError(`${place} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

class NoJsonForm extends Error {}

class Reader {
  /** Keys on the way to the value being read; still there when something was thrown. */
  readonly path: (string | number)[];
  readonly #limits: JsonFormLimits;
  /** The lists and objects on that way. */
  readonly #open: object[] = [];
  #values = 0;

  constructor(limits: JsonFormLimits, key: string | undefined) {
    this.#limits = limits;
    this.path = key === undefined ? [] : [key];
  }

  read(given: unknown, key: string): JsonValue | undefined {
    if (++this.#values > this.#limits.values)
      throw new NoJsonForm(`is too large: more than ${this.#limits.values} values`);
    if (typeof given === 'string') return given;
    if (given instanceof ExactNumber) return given;
    const value = asksFor(given, key);
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
        return value;
      case 'number':
        return isPlainNumber(value) ? value : parseJson(JSON.stringify(value));
      case 'bigint':
        return parseJson(String(value));
      case 'object':
        return value === null ? null : this.#object(value, key);
      default:
        throw new NoJsonForm(`is a ${typeof value}, which has no JSON form: ${adviceFor(value)}`);
    }
  }

  #object(value: object, key: string): JsonValue | undefined {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null && JSON_RAW.isRawJSON?.(value) === true) {
      return parseJson((value as { readonly rawJSON: string }).rawJSON);
    }
    if (prototype === Object.prototype || Array.isArray(value)) return this.#container(value);
    if (types.isBoxedPrimitive(value)) return this.read(opened(value), key);
    refuseEmptied(value);
    return this.#container(value);
  }

  #container(value: object): JsonValue {
    if (this.#open.includes(value)) throw new NoJsonForm('contains itself, so it has no JSON form');
    if (this.#open.length >= this.#limits.depth) {
      throw new NoJsonForm(`is nested deeper than ${this.#limits.depth} levels`);
    }
    this.#open.push(value);
    const result = Array.isArray(value) ? this.#list(value) : this.#members(value as Readonly<Record<string, unknown>>);
    this.#open.pop();
    return result;
  }

  #list(list: readonly unknown[]): JsonValue[] {
    const result: JsonValue[] = [];
    const { length } = list;
    for (let i = 0; i < length; i++) {
      this.path.push(i);
      result.push(this.read(list[i], String(i)) ?? null);
      this.path.pop();
    }
    return result;
  }

  #members(object: Readonly<Record<string, unknown>>): JsonValue {
    // No prototype: a property named `__proto__` is a property like any other.
    const result = Object.create(null) as Record<string, JsonValue>;
    for (const key of Object.keys(object)) {
      this.path.push(key);
      const value = this.read(object[key], key);
      if (value !== undefined) result[key] = value;
      this.path.pop();
    }
    return result;
  }
}

/** A number that is what its JSON text would be read as. Beyond 2^53 the text is an integer's, which a double is not (E95). */
export function isPlainNumber(value: number): boolean {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER && !Object.is(value, -0);
}

/** What `toJSON` gives, where there is one. */
function asksFor(value: unknown, key: string): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'bigint')) {
    return value;
  }
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON === 'function' ? (toJSON.call(value, key) as unknown) : value;
}

/** What a boxed value holds. */
function opened(value: unknown): unknown {
  if (types.isNumberObject(value)) return Number(value);
  if (types.isStringObject(value)) return String(value);
  return (value as object).valueOf();
}

/** From Node 22 on; its objects are written as the text they hold. */
const JSON_RAW = JSON as { readonly isRawJSON?: (value: unknown) => boolean };

const EMPTIED: readonly [is: (value: object) => boolean, advice: string][] = [
  [types.isMap, 'pass Object.fromEntries(map)'],
  [types.isSet, 'pass [...set]'],
  [types.isPromise, 'await it first'],
  [types.isRegExp, 'pass its source'],
  [types.isNativeError, 'pass its message'],
  [types.isAnyArrayBuffer, 'pass text, such as its base64'],
  [(value) => value instanceof URLSearchParams, 'pass Object.fromEntries(params)'],
  [types.isWeakMap, 'pass an object'],
  [types.isWeakSet, 'pass a list'],
];

/** JSON would write `{}` for these, whatever they hold. */
function refuseEmptied(value: object): void {
  const found = EMPTIED.find(([is]) => is(value));
  if (found === undefined || Object.keys(value).length > 0) return;
  throw new NoJsonForm(`is ${kindOf(value)}, which JSON would write as {}: ${found[1]}`);
}

function adviceFor(value: unknown): string {
  return typeof value === 'function' ? 'pass what it returns' : 'pass its description';
}

const LONGEST_KEY = 60;

function step(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) && key.length <= LONGEST_KEY) return `.${key}`;
  return `[${JSON.stringify(key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}…` : key)}]`;
}
