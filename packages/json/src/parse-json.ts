import { endOfString, parseExact } from './parse-exact.ts';
import { keepingSource } from './source.ts';
import type { JsonValue } from './values.ts';

/** Deeper than any flag, property or payload in use, shallow enough for any recursive reader downstream. */
const DEFAULT_MAX_DEPTH = 128;

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;

/** Decimals of fewer characters survive in a double. */
const LONG = 16;

/** The text holds more values than its reader wants to handle. */
export class TooManyValues extends SyntaxError {
  override readonly name: string = 'TooManyValues';
}

/** The text nests deeper than its reader wants to follow. */
export class TooDeep extends SyntaxError {
  override readonly name: string = 'TooDeep';
}

export interface ParseLimits {
  /** How deep arrays and objects may nest. Default 128. */
  readonly maxDepth?: number;
  /** How many members and items the text may hold, as its commas tell. Default: any number. */
  readonly maxValues?: number;
}

/**
 * Parses JSON, keeping numbers exactly where a double would not do (E95).
 * Documents without such a number, nearly all of them, are left to `JSON.parse`.
 * Objects are ordinary ones in which `__proto__` is an own key like any other; of duplicate keys the last wins.
 *
 * @throws SyntaxError if the text is not JSON
 * @throws TooDeep if it nests arrays and objects deeper than `maxDepth`
 * @throws TooManyValues if it holds more than `maxValues`, before anything is made of it: a value of one byte takes as long as a
 *   property of a hundred
 */
export function parseJson(text: string, limits?: ParseLimits): JsonValue {
  const needsExact = scan(text, limits?.maxDepth ?? DEFAULT_MAX_DEPTH, limits?.maxValues ?? Number.POSITIVE_INFINITY);
  return needsExact ? parseExact(text) : (JSON.parse(text) as JsonValue);
}

/** Stored documents may nest deeper than a caller's: a cohort of 64 levels takes 130. */
const STORED_MAX_DEPTH = 512;

/** Parses a document that a store or a file holds: like `parseJson`, with room for the deepest cohort (E126). */
export function parseStored(text: string): JsonValue {
  return parseJson(text, { maxDepth: STORED_MAX_DEPTH });
}

/** A member without which there are no ordered rules (E172), or that an escape may spell. */
const MAY_HOLD_RULES = /"return_type"|\\u00[2-7]/;

/**
 * Parses the text of flag definitions: like `parseStored`, and where they may hold ordered rules it keeps what these are judged by
 * beside their values (E175): `sourceText` gives it back.
 */
export function parseDefinitions(text: string): JsonValue {
  if (!MAY_HOLD_RULES.test(text)) return parseStored(text);
  scan(text, STORED_MAX_DEPTH, Number.POSITIVE_INFINITY);
  return parseExact(text, keepingSource());
}

/**
 * One pass that checks the nesting, counts values and looks for a number that `JSON.parse` might change: an integer of 16
 * or more digits, a fraction of zeros or one that rounds away, any exponent. Strings are skipped.
 * Text that is not JSON gives either answer; both parsers refuse it.
 */
function scan(text: string, maxDepth: number, maxValues: number): boolean {
  let depth = 0;
  let values = 1;
  let needsExact = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) {
      i = endOfString(text, i);
      if (i < 0) return needsExact;
    } else if (unit === COMMA) {
      if (++values > maxValues) throw new TooManyValues(`JSON of more than ${maxValues} values`);
    } else if (unit <= NINE) {
      if (needsExact || (unit < ZERO && unit !== MINUS)) continue;
      let end = i + 1;
      let next = text.charCodeAt(end);
      while (next >= ZERO && next <= NINE) next = text.charCodeAt(++end);
      needsExact = end - i >= LONG;
      if (next === POINT) {
        do next = text.charCodeAt(++end);
        while (next === ZERO);
        needsExact ||= !(next >= ZERO && next <= NINE);
        while (next >= ZERO && next <= NINE) next = text.charCodeAt(++end);
        if (end - i >= LONG) needsExact ||= isWhole(Number(text.slice(i, end)));
      }
      needsExact ||= (next | 0x20) === 0x65;
      i = end - 1;
    } else if ((unit | 0x20) === 0x7b) {
      if (++depth > maxDepth) throw new TooDeep(`JSON nested deeper than ${maxDepth} levels`);
    } else if ((unit | 0x20) === 0x7d) {
      depth--;
    }
  }
  return needsExact;
}

/** Whether a double has no fraction; true of the infinities too. */
function isWhole(value: number): boolean {
  return Math.floor(value) === value;
}
