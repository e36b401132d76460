import { type JsonValue, textOf } from '@halyard/json';
import { IdSet, type Lexicon } from './lexicon.ts';
import { MATCH, MISS, type Outcome } from './outcome.ts';
import type { OperatorCompiler, OperatorSettings, PropertyTest } from './property-test.ts';

/** `exact` (E96–E99). */
export const exact: OperatorCompiler = (value, settings) => compile(value, settings, MATCH, MISS);

/** `is_not`: the complement, also for a property that is not set (E89). */
export const isNot: OperatorCompiler = (value, settings) => compile(value, settings, MISS, MATCH);

/** `same` is the outcome for equal values, `other` for unequal ones and for a property that is not set. */
function compile(value: JsonValue, settings: OperatorSettings, same: Outcome, other: Outcome): PropertyTest {
  if (settings.propertyMatchingVersion === 1 && isBooleanLike(value)) {
    return isTruthy(value) ? testTruthy(same, other) : testNotTruthy(same, other);
  }
  if (!Array.isArray(value)) return testText(lowerText(value), same, other);
  const texts = new Set((value as readonly JsonValue[]).map(lowerText));
  if (texts.size === 0) return testTruthy(same, other);
  const [only] = texts;
  if (texts.size === 1 && only !== undefined) return testText(only, same, other);
  const { lexicon } = settings;
  return lexicon === undefined ? testTexts(texts, same, other) : testIds(lexicon, [...texts], same, other);
}

function testTruthy(same: Outcome, other: Outcome): PropertyTest {
  return (cell) => (cell.value !== undefined && isTruthy(cell.value) ? same : other);
}

function testNotTruthy(same: Outcome, other: Outcome): PropertyTest {
  return (cell) => (cell.value === undefined || isTruthy(cell.value) ? other : same);
}

function testText(text: string, same: Outcome, other: Outcome): PropertyTest {
  return (cell) => (cell.value !== undefined && cell.lower() === text ? same : other);
}

function testTexts(texts: ReadonlySet<string>, same: Outcome, other: Outcome): PropertyTest {
  return (cell) => (cell.value !== undefined && texts.has(cell.lower()) ? same : other);
}

function testIds(lexicon: Lexicon, texts: readonly string[], same: Outcome, other: Outcome): PropertyTest {
  const set = new IdSet(texts.map((text) => lexicon.add(text)));
  return (cell) => (cell.value !== undefined && set.has(cell.lowerId(lexicon)) ? same : other);
}

function lowerText(value: JsonValue): string {
  return textOf(value).toLowerCase();
}

/** E97: `true`, the text "true" in any case, or an array of nothing else, however deep; so `[]` too. */
function isTruthy(value: JsonValue): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return isWord(value, 'true');
  return Array.isArray(value) && everyLeaf(value, isTruthy);
}

/** E97: a boolean, the text of one in any case, or an array of nothing else, however deep; so `[]` too. */
function isBooleanLike(value: JsonValue): boolean {
  if (typeof value === 'boolean') return true;
  if (typeof value === 'string') return isWord(value, 'true') || isWord(value, 'false');
  return Array.isArray(value) && everyLeaf(value, isBooleanLike);
}

/** No letter outside ASCII lowers to one of these words, so full lower-casing is ASCII lower-casing here. */
function isWord(text: string, word: string): boolean {
  return text.length === word.length && text.toLowerCase() === word;
}

/** Looks into nested arrays with a stack of its own: the nesting is the caller's. */
function everyLeaf(array: readonly JsonValue[], test: (leaf: JsonValue) => boolean): boolean {
  const pending: (readonly JsonValue[])[] = [array];
  for (let items = pending.pop(); items !== undefined; items = pending.pop()) {
    for (const item of items) {
      if (Array.isArray(item)) pending.push(item as readonly JsonValue[]);
      else if (!test(item)) return false;
    }
  }
  return true;
}
