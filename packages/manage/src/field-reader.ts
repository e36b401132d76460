import { isDatabaseText } from '@halyard/data/management';
import { ExactNumber, isList, isObject, type JsonObject, type JsonValue, member, textOf } from '@halyard/json';
import { invalid, type Problem } from './refusal.ts';

const yes = new Set(['t', 'y', 'yes', 'true', 'on', '1']);
const no = new Set(['f', 'n', 'no', 'false', 'off', '0']);

const mayNotBeNull = 'This field may not be null.';

export interface TextRules {
  /** Characters. */
  readonly longest?: number;
  readonly mayBeBlank?: boolean;
  readonly mayBeNull?: boolean;
}

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

  text(field: string, rules: TextRules = {}): string | null | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (value === null) return this.#null(field, rules.mayBeNull === true);
    const text = textOfScalar(value);
    if (text === undefined) return this.refuse(field, 'invalid_input', 'Not a valid string.');
    return this.#judged(field, text, rules);
  }

  /** A text that is never null. */
  plainText(field: string, rules: TextRules = {}): string | undefined {
    return this.text(field, rules) ?? undefined;
  }

  boolean(field: string): boolean | undefined {
    return this.nullableBoolean(field, false) ?? undefined;
  }

  nullableBoolean(field: string, mayBeNull = true): boolean | null | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (value === null) return this.#null(field, mayBeNull);
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : value;
    if (text === true || (typeof text === 'string' && yes.has(text))) return true;
    if (text === false || (typeof text === 'string' && no.has(text))) return false;
    if (mayBeNull && (text === '' || text === 'null')) return null;
    return this.refuse(field, 'invalid_input', 'Must be a valid boolean.');
  }

  choice<Choice extends string>(field: string, choices: readonly Choice[]): Choice | null | undefined {
    const value = this.raw(field);
    if (value === undefined || value === null || value === '') return value === '' ? null : value;
    const text = textOfScalar(value)?.trim();
    const found = choices.find((choice) => choice === text);
    return found ?? this.refuse(field, 'invalid_choice', `"${shown(value)}" is not a valid choice.`);
  }

  integer(field: string): number | undefined {
    const value = this.raw(field);
    if (value === undefined || value === null) return undefined;
    const number = integerOf(value);
    return number ?? this.refuse(field, 'invalid_input', 'A valid integer is required.');
  }

  /** A moment in ISO 8601; one without a zone is in UTC. As ISO text. */
  time(field: string, mayBeNull = false): string | null | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (value === null) return this.#null(field, mayBeNull);
    const time = typeof value === 'string' ? isoTime(value.trim()) : null;
    return time ?? this.refuse(field, 'invalid_input', 'Must be a time such as 2026-11-20T10:00:00Z.');
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
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (value === null) return this.refuse(field, 'null', mayNotBeNull);
    if (!isList(value)) return this.refuse(field, 'not_a_list', `Expected a list of items, not ${kindOf(value)}.`);
    if (most !== undefined && value.length > most) {
      return this.refuse(field, 'max_length', `Ensure this field has no more than ${most} elements.`);
    }
    const names: string[] = [];
    for (const item of value) {
      const text = textOfScalar(item);
      if (text === undefined) return this.refuse(field, 'invalid_input', 'Every item must be a string.');
      const name = this.#judged(field, text, { longest, mayBeBlank: true });
      if (name === undefined) return undefined;
      if (name !== '') names.push(name);
    }
    return [...new Set(names)];
  }

  #null(field: string, mayBeNull: boolean): null | undefined {
    return mayBeNull ? null : this.refuse(field, 'null', mayNotBeNull);
  }

  #judged(field: string, text: string, { longest, mayBeBlank }: TextRules): string | undefined {
    if (text.includes('\0')) {
      return this.refuse(field, 'null_characters_not_allowed', 'Null characters are not allowed.');
    }
    if (!isDatabaseText(text)) return this.refuse(field, 'invalid_input', 'Holds characters that cannot be stored.');
    const trimmed = text.trim();
    if (trimmed === '' && mayBeBlank !== true) return this.refuse(field, 'blank', 'This field may not be blank.');
    if (longest !== undefined && charactersOf(trimmed) > longest) {
      return this.refuse(field, 'max_length', `Ensure this field has no more than ${longest} characters.`);
    }
    return trimmed;
  }
}

const isoForm = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,6})?)?)(Z|[+-]\d\d:?\d\d)?$/i;

/** ISO text in UTC; `null` where it is no moment. */
function isoTime(text: string): string | null {
  const [, date, time = '', zone = 'Z'] = isoForm.exec(text) ?? [];
  if (date === undefined) return null;
  const number = Date.parse(`${date}T${time.replace(',', '.')}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(number) ? null : new Date(number).toISOString();
}

/** Characters as Python and PostgreSQL count them. */
export function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function textOfScalar(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || value instanceof ExactNumber ? textOf(value) : undefined;
}

/** A whole number, or a text of one; `undefined` for everything else. */
export function integerOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (value instanceof ExactNumber) return Number.isSafeInteger(value.value) ? value.value : undefined;
  if (typeof value !== 'string' || !/^\s*[+-]?\d{1,16}(\.0*)?\s*$/.test(value)) return undefined;
  return Number(value);
}

/** What a value is, for messages. */
export function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  if (isObject(value)) return 'an object';
  return typeof value === 'object' ? 'a number' : `a ${typeof value}`;
}

/** A value as part of a sentence. */
export function shown(value: JsonValue): string {
  const text = textOf(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
