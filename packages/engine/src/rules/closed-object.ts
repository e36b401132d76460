import { ExactNumber, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { DefinitionError, objectAt, stringAt } from '../definitions/reader.ts';

/** Reads the members of an object that may have no others (E170). */
export class ClosedObject {
  readonly path: string;
  readonly #object: JsonObject;

  constructor(value: JsonValue | undefined, path: string) {
    this.#object = objectAt(value, path);
    this.path = path;
  }

  at(key: string): string {
    return `${this.path}.${key}`;
  }

  get(key: string): JsonValue | undefined {
    return member(this.#object, key);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#object, key);
  }

  fail(key: string, message: string): never {
    throw new DefinitionError(this.at(key), message);
  }

  string(key: string): string {
    return stringAt(this.get(key), this.at(key));
  }

  /** One of a few words. */
  word<Word extends string>(key: string, words: readonly Word[]): Word {
    const value = this.get(key);
    const found = words.find((word) => word === value);
    return found ?? this.fail(key, `must be ${words.map((word) => JSON.stringify(word)).join(' or ')}`);
  }

  /** A text of 1 to 400 Unicode scalar values (E174). What it says is nobody's business: it is not in the error. */
  seed(key: string): string {
    const value = this.string(key);
    const length = value.length > 2 * LONGEST_SEED ? Infinity : Array.from(value).length;
    if (value === '' || length > LONGEST_SEED) this.fail(key, `must have 1 to ${LONGEST_SEED} characters`);
    if (LONE_SURROGATE.test(value)) this.fail(key, 'holds half a character');
    return value;
  }

  /** @throws DefinitionError for a member that is not among these (E170) */
  onlyHas(keys: readonly string[]): void {
    const other = Object.keys(this.#object).find((key) => !keys.includes(key));
    if (other === undefined) return;
    throw new DefinitionError(this.path, `has the unknown member ${JSON.stringify(other.slice(0, LONGEST_NAME))}`);
  }
}

const LONGEST_SEED = 400;
const LONGEST_NAME = 60;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a value is a whole number; `2.0` is one (E185a). */
export function isWhole(value: JsonValue | undefined): boolean {
  return value instanceof ExactNumber && Number.isInteger(value.value);
}

export function isStringOrNull(value: JsonValue | undefined): boolean {
  return value === null || typeof value === 'string';
}

/** An object all of whose members pass. */
export function isObjectOf(value: JsonValue | undefined, test: (item: JsonValue) => boolean): boolean {
  return isObject(value) && Object.values(value).every(test);
}
