import { foldKey } from './membership.ts';

const NOWHERE = -1;

/**
 * Where a repetition, at `at`, of the text from `start` to `end` ends, or -1. Without regard to case the repetition must take as
 * many UTF-8 bytes as the original, which is how the reference compares.
 */
export function repetitionEnd(text: string, start: number, end: number, at: number, caseless: boolean): number {
  if (end < start) return NOWHERE;
  const original = text.slice(start, end);
  if (text.startsWith(original, at)) return at + original.length;
  return caseless ? caselessEnd(text, original, at) : NOWHERE;
}

function caselessEnd(text: string, original: string, at: number): number {
  let here = at;
  let bytes = 0;
  for (const character of original) {
    const wanted = character.codePointAt(0) ?? 0;
    const found = text.codePointAt(here);
    if (found === undefined || (found !== wanted && foldKey(found) !== foldKey(wanted))) return NOWHERE;
    bytes += utf8Length(found) - utf8Length(wanted);
    here += found > 0xffff ? 2 : 1;
  }
  return bytes === 0 ? here : NOWHERE;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
