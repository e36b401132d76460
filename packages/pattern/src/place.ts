import type { Assertion } from './ast.ts';
import { isWord } from './membership.ts';

/** What stands on one side of a place in the text: nothing, a line feed, a word character, or something else. */
export const SIDE = { EDGE: 0, LINE_FEED: 1, WORD: 2, OTHER: 3 } as const;

/** Assertions as numbers, for the instructions of automata and of the backtracking search. */
const CODE = {
  'text-start': 0,
  'text-end': 1,
  'line-start': 2,
  'line-end': 3,
  'word-boundary': 4,
  'not-word-boundary': 5,
  'word-start': 6,
  'word-end': 7,
  'word-start-half': 8,
  'word-end-half': 9,
  'search-start': 10,
} as const satisfies Record<Assertion, number>;

export function assertionCode(what: Assertion): number {
  return CODE[what];
}

export function sideOf(codePoint: number): number {
  if (codePoint === 0x0a) return SIDE.LINE_FEED;
  return isWord(codePoint) ? SIDE.WORD : SIDE.OTHER;
}

/** Whether an assertion, given by its code, holds between the two sides (E106). */
export function holds(code: number, before: number, after: number): boolean {
  switch (code) {
    case CODE['text-start']:
    case CODE['search-start']:
      return before === SIDE.EDGE;
    case CODE['text-end']:
      return after === SIDE.EDGE;
    case CODE['line-start']:
      return before === SIDE.EDGE || before === SIDE.LINE_FEED;
    case CODE['line-end']:
      return after === SIDE.EDGE || after === SIDE.LINE_FEED;
    case CODE['word-boundary']:
      return (before === SIDE.WORD) !== (after === SIDE.WORD);
    case CODE['not-word-boundary']:
      return (before === SIDE.WORD) === (after === SIDE.WORD);
    case CODE['word-start']:
      return before !== SIDE.WORD && after === SIDE.WORD;
    case CODE['word-end']:
      return before === SIDE.WORD && after !== SIDE.WORD;
    case CODE['word-start-half']:
      return before !== SIDE.WORD;
    case CODE['word-end-half']:
      return after !== SIDE.WORD;
    default:
      throw new RangeError('no such assertion');
  }
}

/** Start of the character that ends at `at`; a lone surrogate counts as a character. */
export function previousIndex(text: string, at: number): number {
  const isLow = (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00;
  return isLow && at > 1 && (text.charCodeAt(at - 2) & 0xfc00) === 0xd800 ? at - 2 : at - 1;
}

/** End of the character that starts at `at`; one more than the length at the end of the text. */
export function nextIndex(text: string, at: number): number {
  const isHigh = (text.charCodeAt(at) & 0xfc00) === 0xd800;
  return isHigh && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00 ? at + 2 : at + 1;
}

export function sideBefore(text: string, at: number): number {
  if (at <= 0) return SIDE.EDGE;
  const unit = text.charCodeAt(at - 1);
  return sideOf(unit < 0x80 ? unit : (text.codePointAt(previousIndex(text, at)) ?? 0));
}

export function sideAfter(text: string, at: number): number {
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? SIDE.EDGE : sideOf(codePoint);
}
