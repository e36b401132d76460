import { isDatabaseText } from '@halyard/data/management';
import { ExactNumber, isList, isObject, type JsonValue, textOf } from '@halyard/json';

/*
 * What becomes of one value of a body: as Django REST Framework reads it (M6, M20), which the reference is made of. What that does with
 * several hundred values was recorded (conformance/fields); where we leave it is said beside each rule. Whether the field may be absent
 * or null is the reader's own affair.
 */

/** What is wrong with a value. */
export interface ValueProblem {
  /** As the envelope shows it (M20). */
  readonly code: string;
  readonly detail: string;
  /** Of the item that is wrong, in a list. */
  readonly index?: number;
}

export type Coerced<Value> = { readonly value: Value } | { readonly problem: ValueProblem };

export interface TextRules {
  /** Characters, as Python and PostgreSQL count them. */
  readonly longest?: number;
  readonly mayBeBlank?: boolean;
  /** Blanks at both ends stay. */
  readonly untrimmed?: boolean;
}

const problem = (code: string, detail: string): { readonly problem: ValueProblem } => ({ problem: { code, detail } });

const isNull = problem('null', 'This field may not be null.');

/** Text: numbers become text, booleans and structures are refused. */
export function coerceText(value: JsonValue, rules: TextRules = {}): Coerced<string> {
  if (value === null) return isNull;
  if (typeof value !== 'string' && !isNumber(value)) return problem('invalid_input', 'Not a valid string.');
  const { longest, mayBeBlank = false, untrimmed = false } = rules;
  const text = untrimmed ? textOf(value) : textOf(value).trim();
  if (text === '' && !mayBeBlank) return problem('blank', 'This field may not be blank.');
  if (longest !== undefined && charactersOf(text) > longest) {
    return problem('max_length', `Ensure this field has no more than ${longest} characters.`);
  }
  if (text.includes('\0')) return problem('null_characters_not_allowed', 'Null characters are not allowed.');
  if (isDatabaseText(text)) return { value: text };
  const [half = ''] = /\p{Surrogate}/u.exec(text) ?? [];
  const point = half.charCodeAt(0).toString(16).toUpperCase();
  return problem('surrogate_characters_not_allowed', `Surrogate characters are not allowed: U+${point}.`);
}

const yes = new Set(['t', 'y', 'yes', 'true', 'on', '1']);
const no = new Set(['f', 'n', 'no', 'false', 'off', '0']);
const noBoolean = problem('invalid_input', 'Must be a valid boolean.');

/** A boolean, also as the words and numbers that forms send; words with blanks around them are taken, too (M6: text is trimmed). */
export function coerceBoolean(value: JsonValue): Coerced<boolean> {
  if (value === null) return isNull;
  if (typeof value === 'boolean') return { value };
  if (typeof value !== 'string' && !isNumber(value)) return noBoolean;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : String(numberOf(value));
  if (yes.has(word)) return { value: true };
  return no.has(word) ? { value: false } : noBoolean;
}

/** The same for a field that may be null, which an empty text and the word are, too. */
export function coerceNullableBoolean(value: JsonValue): Coerced<boolean | null> {
  const isNothing = typeof value === 'string' && ['', 'null'].includes(value.trim().toLowerCase());
  return value === null || isNothing ? { value: null } : coerceBoolean(value);
}

export interface IntegerRules {
  readonly least?: number;
  readonly most?: number;
}

const noInteger = problem('invalid_input', 'A valid integer is required.');

/**
 * A whole number, also as text. Left out are Python's own spellings (digits of other scripts, `1_000`), and whole numbers beyond 2^53, which
 * nothing here is.
 */
export function coerceInteger(value: JsonValue, { least, most }: IntegerRules = {}): Coerced<number> {
  if (value === null) return isNull;
  const number = wholeNumber(value);
  if (number === null) return noInteger;
  if (most !== undefined && number > most) {
    return problem('max_value', `Ensure this value is less than or equal to ${most}.`);
  }
  if (least !== undefined && number < least) {
    return problem('min_value', `Ensure this value is greater than or equal to ${least}.`);
  }
  return Number.isSafeInteger(number) ? { value: number } : noInteger;
}

/** `null`: it is none. What a double cannot hold is told apart by its size alone. */
function wholeNumber(value: JsonValue): number | null {
  const number =
    typeof value === 'string' && /^\s*[+-]?\d{1,300}(\.0*)?\s*$/.test(value) ? Number(value) : numberOf(value);
  // Minus zero is zero.
  return Number.isInteger(number) ? number + 0 : null;
}

/** One of several words; blanks are not taken away. */
export function coerceChoice<const Word extends string>(value: JsonValue, words: readonly Word[]): Coerced<Word> {
  if (value === null) return isNull;
  const text = isNumber(value) ? textOf(value) : value;
  const found = words.find((word) => word === text);
  return found === undefined
    ? problem('invalid_choice', `"${shownToPython(value)}" is not a valid choice.`)
    : { value: found };
}

export interface ListRules {
  /** Items. */
  readonly most?: number;
}

/** A list of which every item is read alike; the first that is wrong is told, with its place. */
export function coerceList<Item>(
  value: JsonValue,
  item: (value: JsonValue) => Coerced<Item>,
  { most }: ListRules = {},
): Coerced<readonly Item[]> {
  if (value === null) return isNull;
  if (!isList(value)) {
    return problem('not_a_list', `Expected a list of items but got type "${pythonType(value)}".`);
  }
  const items: Item[] = [];
  for (const [index, each] of value.entries()) {
    const read = item(each);
    if ('problem' in read) return { problem: { ...read.problem, index } };
    items.push(read.value);
  }
  if (most !== undefined && items.length > most) {
    return problem('max_length', `Ensure this field has no more than ${most} elements.`);
  }
  return { value: items };
}

const isoForm = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d(?::\d\d(?::\d\d(?:[.,]\d+)?)?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/**
 * A moment in ISO 8601, as such text in UTC, to the millisecond; one without a zone is in UTC. Blanks around it are taken (M6); the form
 * without hyphens is not.
 */
export function coerceTime(value: JsonValue): Coerced<string> {
  if (value === null) return isNull;
  const [, date, time = '00', zone = 'Z'] = (typeof value === 'string' ? isoForm.exec(value.trim()) : null) ?? [];
  const wrong = problem('invalid_input', 'Must be a time such as 2026-11-20T10:00:00Z.');
  if (date === undefined || time > '23:59:59~') return wrong;
  const clock = time.length === 2 ? `${time}:00` : time.replace(',', '.').replace(/(\.\d{3})\d+$/, '$1');
  const offset = zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours: string, minutes = '00') => `${hours}:${minutes}`);
  const moment = new Date(`${date}T${clock}${offset}`);
  // A day that a month does not have would be one of the next month.
  const isDay = new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date) === true;
  return Number.isNaN(moment.getTime()) || !isDay ? wrong : { value: moment.toISOString() };
}

/** Characters as Python and PostgreSQL count them. */
export function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Numbers arrive as doubles, or with their own text where a double would change them (E95). */
function isNumber(value: JsonValue): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber;
}

function numberOf(value: JsonValue): number {
  return value instanceof ExactNumber ? value.value : typeof value === 'number' ? value : NaN;
}

/** As Python calls it, for that is what sentences of the reference say. */
function pythonType(value: JsonValue): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (isNumber(value)) return /[.e]/i.test(textOf(value)) ? 'float' : 'int';
  return isList(value) ? 'list' : 'dict';
}

/** A value as part of a sentence, as Python would write it where that is short. */
function shownToPython(value: JsonValue): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return shown(value);
}

/** A value as part of a sentence. */
export function shown(value: JsonValue): string {
  const text = textOf(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** What a value is, for sentences. */
export function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  if (isObject(value)) return 'an object';
  return typeof value === 'object' ? 'a number' : `a ${typeof value}`;
}
