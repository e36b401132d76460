import type { CharSet } from './char-set.ts';

/** Tells whether a code point belongs to a set. */
export type Membership = (codePoint: number) => boolean;

const WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const DIGIT = /^\p{Nd}$/u;
const SPACE = /^\p{White_Space}$/u;

function isAsciiDigit(codePoint: number): boolean {
  return codePoint >= 0x30 && codePoint <= 0x39;
}

function isAsciiLetter(codePoint: number): boolean {
  const lower = codePoint | 0x20;
  return codePoint < 0x80 && lower >= 0x61 && lower <= 0x7a;
}

/** What `isWord` has found out about the characters of 16 bits: 0 nothing yet, else 1 for no and 2 for yes. */
const knownWords = new Uint8Array(0x1_0000);

/** `\w` in its Unicode meaning (E106), the ground of `\b` as well. */
export function isWord(codePoint: number): boolean {
  const known = knownWords[codePoint];
  if (known !== undefined && known !== 0) return known === 2;
  const is = WORD.test(String.fromCodePoint(codePoint));
  if (known !== undefined) knownWords[codePoint] = is ? 2 : 1;
  return is;
}

function isDigit(codePoint: number): boolean {
  return codePoint < 0x80 ? isAsciiDigit(codePoint) : DIGIT.test(String.fromCodePoint(codePoint));
}

function isSpace(codePoint: number): boolean {
  if (codePoint < 0x80) return codePoint === 0x20 || (codePoint >= 0x09 && codePoint <= 0x0d);
  return SPACE.test(String.fromCodePoint(codePoint));
}

function inRanges(ranges: readonly number[], codePoint: number): boolean {
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (codePoint > (ranges[2 * middle + 1] ?? -1)) low = middle + 1;
    else high = middle;
  }
  return codePoint >= (ranges[2 * low] ?? Infinity);
}

/** Code points equal to an ASCII one under simple case folding; only k and s have relatives beyond ASCII. */
function asciiRelatives(codePoint: number): readonly number[] {
  if (!isAsciiLetter(codePoint)) return [];
  const lower = codePoint | 0x20;
  if (lower === 0x6b) return [codePoint ^ 0x20, 0x212a];
  if (lower === 0x73) return [codePoint ^ 0x20, 0x017f];
  return [codePoint ^ 0x20];
}

function rangesMembership(ranges: readonly number[], caseless: boolean): Membership {
  if (!caseless) return (codePoint) => inRanges(ranges, codePoint);
  let native: RegExp | undefined;
  return (codePoint) => {
    if (inRanges(ranges, codePoint)) return true;
    if (codePoint < 0x80) return asciiRelatives(codePoint).some((relative) => inRanges(ranges, relative));
    native ??= new RegExp(`^[${nativeRanges(ranges)}]$`, 'iu');
    return native.test(String.fromCodePoint(codePoint));
  };
}

function nativeRanges(ranges: readonly number[]): string {
  let body = '';
  for (let i = 0; i + 1 < ranges.length; i += 2) {
    body += `\\u{${(ranges[i] ?? 0).toString(16)}}-\\u{${(ranges[i + 1] ?? 0).toString(16)}}`;
  }
  return body;
}

function propertyMembership(body: string, caseless: boolean): Membership {
  const native = new RegExp(`^\\p{${body}}$`, caseless ? 'iu' : 'u');
  return (codePoint) => native.test(String.fromCodePoint(codePoint));
}

/** Turns a set into its test. Case folding is Unicode's simple folding, the one that keeps one character one character. */
export function membership(set: CharSet): Membership {
  switch (set.kind) {
    case 'ranges':
      return rangesMembership(set.ranges, set.caseless);
    case 'perl':
      return { d: isDigit, s: isSpace, w: isWord }[set.name];
    case 'property':
      return propertyMembership(set.body, set.caseless);
    case 'not': {
      const of = membership(set.of);
      return (codePoint) => !of(codePoint);
    }
    case 'union': {
      const of = set.of.map(membership);
      return (codePoint) => of.some((part) => part(codePoint));
    }
    case 'intersection':
    case 'difference':
    case 'symmetric-difference': {
      const left = membership(set.left);
      const right = membership(set.right);
      if (set.kind === 'intersection') return (codePoint) => left(codePoint) && right(codePoint);
      if (set.kind === 'difference') return (codePoint) => left(codePoint) && !right(codePoint);
      return (codePoint) => left(codePoint) !== right(codePoint);
    }
  }
}

/** A key that two code points share exactly when they are equal under simple case folding. */
export function foldKey(codePoint: number): number {
  if (codePoint < 0x80) return isAsciiLetter(codePoint) ? codePoint | 0x20 : codePoint;
  // Dotless i upper-cases to I, yet does not fold to it.
  if (codePoint === 0x131) return codePoint;
  return oneCodePoint(oneCodePoint(codePoint, 'toUpperCase'), 'toLowerCase');
}

function oneCodePoint(codePoint: number, change: 'toUpperCase' | 'toLowerCase'): number {
  const changed = String.fromCodePoint(codePoint)[change]();
  const first = changed.codePointAt(0) ?? codePoint;
  return changed.length === (first > 0xffff ? 2 : 1) ? first : codePoint;
}
