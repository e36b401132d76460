import { isMap, isPromise } from './value-types.ts';

/*
 * How arguments that cannot be used are named: every message says which argument and key, what was expected, what came
 * instead and, where it can be told, what to do. A value itself is never shown, for it may be a secret.
 */

/** Whether a value is an object with keys, as opposed to a list, a function or nothing. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, in words: `a string`, `null`, `an array`, `a Map`. Never throws, whatever the value does. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  try {
    if (Array.isArray(value)) return 'an array';
    const name = Object.prototype.toString.call(value).slice('[object '.length, -1);
    if (name !== 'Object' && name.length <= 40) return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
  } catch {
    // A proxy or a getter that throws: an object it is all the same.
  }
  return 'an object';
}

/** @throws TypeError unless the value is an object with keys */
export function object<T extends object>(value: T | undefined, argument: string): T {
  if (reading(argument, () => isRecord(value))) return value as T;
  throw new TypeError(`${argument} must be an object, not ${kindOf(value)}${hintFor(value)}`);
}

/** @throws TypeError unless the value is a string or absent */
export function text(value: string | undefined, argument: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new TypeError(`${argument} must be a string, not ${kindOf(value)}`);
}

/**
 * A copy of the list, so that the caller may change it while facts are loaded.
 *
 * @throws TypeError unless the value is a list of strings or absent
 */
export function texts(value: readonly string[] | undefined, argument: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new TypeError(`${argument} must be a list of strings, not ${kindOf(value)}`);
  const copy: unknown[] = reading(argument, () => [...(value as readonly unknown[])]);
  const wrong = copy.findIndex((item) => typeof item !== 'string');
  if (wrong < 0) return copy as string[];
  throw new TypeError(`${argument} must be a list of strings, but ${argument}[${wrong}] is ${kindOf(copy[wrong])}`);
}

/**
 * Refuses keys that nobody reads: what one of them was meant to say would be ignored in silence.
 *
 * @throws TypeError naming the key and those that are known
 */
export function knownKeys(value: object, known: readonly string[], argument: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const meant = known.find((key) => skeleton(key) === skeleton(unknown));
  const advice = meant === undefined ? `it takes ${known.join(', ')}` : `write ${meant}`;
  throw new TypeError(`${argument} has no ${unknown}: ${advice}`);
}

/**
 * What reading a caller's object gives. Getters and proxies run whatever code they like, and may throw.
 *
 * @throws TypeError naming the argument
 */
export function reading<T>(argument: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new TypeError(`${argument} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** A name without case, underscores and signs: `$distinct_id` and `distinctID` are both meant to be `distinctId`. */
export function skeleton(name: string): string {
  return name.replaceAll(/[^a-z]/gi, '').toLowerCase();
}

/** The message of whatever was thrown, which need not be an error. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something that cannot be shown was thrown';
  }
}

function hintFor(value: unknown): string {
  if (isMap(value)) return ': pass Object.fromEntries(map)';
  return isPromise(value) ? ': await it first' : '';
}
