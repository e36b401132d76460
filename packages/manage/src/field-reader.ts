import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import {
  coerceBoolean,
  coerceChoice,
  type Coerced,
  coerceInteger,
  coerceList,
  coerceNullableBoolean,
  coerceText,
  coerceTime,
  kindOf,
  type TextRules,
} from './coercions.ts';
import { invalid, type Problem } from './refusal.ts';

const mayNotBeNull = 'This field may not be null.';

/** Reads fields of a body with the coercions of M6, and collects what is wrong. An absent field reads as `undefined`. */
export class FieldReader {
  readonly problems: Problem[] = [];
  readonly #body: JsonObject;

  constructor(body: JsonObject) {
    this.#body = body;
  }

  has(field: string): boolean {
    return Object.hasOwn(this.#body, field);
  }

  raw(field: string): JsonValue | undefined {
    return member(this.#body, field);
  }

  refuse(field: string, code: string, detail: string): undefined {
    this.problems.push(invalid(code, detail, field));
    return undefined;
  }

  require(field: string): void {
    if (!this.has(field)) this.refuse(field, 'required', 'This field is required.');
  }

  text(field: string, rules: TextRules & { readonly mayBeNull?: boolean } = {}): string | null | undefined {
    if (rules.mayBeNull === true && this.raw(field) === null) return null;
    return this.#read(field, (value) => coerceText(value, rules));
  }

  /** A text that is never null. */
  plainText(field: string, rules: TextRules = {}): string | undefined {
    return this.#read(field, (value) => coerceText(value, rules));
  }

  boolean(field: string): boolean | undefined {
    return this.#read(field, coerceBoolean);
  }

  nullableBoolean(field: string): boolean | null | undefined {
    return this.#read(field, coerceNullableBoolean);
  }

  /** One of several words; null and an empty text are none of them. */
  choice<const Choice extends string>(field: string, choices: readonly Choice[]): Choice | null | undefined {
    const value = this.raw(field);
    if (value === null || value === '') return null;
    return this.#read(field, (given) => coerceChoice(given, choices));
  }

  /** A whole number; null is as good as none. */
  integer(field: string): number | undefined {
    return this.raw(field) === null ? undefined : this.#read(field, (value) => coerceInteger(value));
  }

  /** A moment in ISO 8601; one without a zone is in UTC. As ISO text. */
  time(field: string, mayBeNull = false): string | null | undefined {
    return mayBeNull && this.raw(field) === null ? null : this.#read(field, coerceTime);
  }

  object(field: string): JsonObject | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (value === null) return this.refuse(field, 'null', mayNotBeNull);
    if (isObject(value)) return value;
    return this.refuse(field, 'not_a_dict', `Expected an object, not ${kindOf(value)}.`);
  }

  /** A list of texts, each trimmed; blanks are left out and every name stands once. */
  names(field: string, { longest, most }: { longest: number; most?: number }): readonly string[] | undefined {
    const rules = { longest, mayBeBlank: true };
    const names = this.#read(field, (value) =>
      coerceList(value, (item) => coerceText(item, rules), most === undefined ? {} : { most }),
    );
    return names === undefined ? undefined : [...new Set(names.filter((name) => name !== ''))];
  }

  #read<Value>(field: string, coerce: (value: JsonValue) => Coerced<Value>): Value | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    const read = coerce(value);
    if (!('problem' in read)) return read.value;
    const { code, detail, index } = read.problem;
    return this.refuse(index === undefined ? field : `${field}__${index}`, code, detail);
  }
}
