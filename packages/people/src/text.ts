import { isList, isObject, type JsonValue, jsonText } from '@halyard/json';

/** What PostgreSQL refuses in texts. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const EACH_UNSTORABLE = new RegExp(UNSTORABLE.source, 'gu');

/** Text that PostgreSQL takes: NUL and lone surrogates become U+FFFD (I22). */
export function storableText(text: string): string {
  return UNSTORABLE.test(text) ? text.replaceAll(EACH_UNSTORABLE, '\uFFFD') : text;
}

/** Longer numbers than PostgreSQL's `numeric` has digits before the point, which `jsonb` refuses. */
const longestNumber = 131_072;

/**
 * The same for every key and text of a value (I22). Nesting is bounded by the reader. A number too long for PostgreSQL
 * becomes its text.
 */
export function storableValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return storableText(value);
  if (isList(value)) return value.map(storableValue);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storableText(key), storableValue(inner)]));
  return typeof value === 'object' && value !== null && isTooLong(value.text) ? value.text : value;
}

function isTooLong(number: string): boolean {
  const [digits = '', exponent = '0'] = number.toLowerCase().split('e');
  return digits.split('.', 1).join('').length + Number(exponent) > longestNumber;
}

/** An id, key or type as text: text as it is, anything else as its JSON (I25, I80). */
export function idText(value: JsonValue): string {
  return typeof value === 'string' ? value : jsonText(value);
}

/** Whether nothing but white space is there. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** At most the first `most` characters (code points) of a text. */
export function cut(text: string, most: number): string {
  return text.length <= most
    ? text
    : Array.from(text.slice(0, most * 2))
        .slice(0, most)
        .join('');
}

/** Whether a text has more than `most` characters (code points). */
export function isLonger(text: string, most: number): boolean {
  return cut(text, most).length < text.length;
}

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
