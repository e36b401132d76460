import { isList, type JsonValue, jsonText, textOf } from '@halyard/json';

/** A text that reads as one word and cannot be taken for the sentence around it. */
const WORD = /^[\p{L}\p{N}$@+-](?:[\p{L}\p{N}_$@/:+.-]*[\p{L}\p{N}_$@/:+-])?$/u;
/** Longer texts are cut: a sentence is to be read. */
const LONGEST = 60;
/** As many items of a list are named. */
const MOST_ITEMS = 6;
/** Control characters, and marks that turn text around or take no room. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text in quotes, with what cannot be seen written out. */
export function quoted(text: string): string {
  return JSON.stringify(cut(text)).replace(UNSEEN, escaped);
}

/** A name or value as it is, where nobody could take it for anything else; else in quotes. */
export function worded(text: string): string {
  return WORD.test(text) && text.length <= LONGEST ? text : quoted(text);
}

/** A filter's value: texts as words, everything else as JSON. */
export function valueWords(value: JsonValue): string {
  if (typeof value === 'string') return worded(value);
  return cut(textOf(value)).replace(UNSEEN, escaped);
}

/** A regular expression between slashes, with its backslashes as they are. */
export function patternWords(value: JsonValue): string {
  return `/${cut(textOf(value)).replace(UNSEEN, escaped)}/`;
}

/** A value that a flag gives: texts always in quotes, so that `"true"` is not `true`. */
export function givenWords(value: JsonValue): string {
  return typeof value === 'string' ? quoted(value) : cut(jsonText(value)).replace(UNSEEN, escaped);
}

/** The values of a list; anything else is a list of itself. */
export function itemsOf(value: JsonValue): readonly JsonValue[] {
  return isList(value) ? value : [value];
}

/** `a, b, c`, and how many there are in all where not all are named. */
export function listWords(items: readonly string[]): string {
  if (items.length <= MOST_ITEMS) return items.join(', ');
  return `${items.slice(0, MOST_ITEMS - 1).join(', ')} … (${items.length} in all)`;
}

/** `a, b and c`. */
export function joined(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

export function percent(value: number): string {
  return `${Number(value.toFixed(4))} %`;
}

function cut(text: string): string {
  if (text.length <= LONGEST) return text;
  // Never between the halves of a pair.
  return `${text.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
