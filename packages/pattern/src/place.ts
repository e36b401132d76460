import type { Assertion } from './ast.ts';
import { isWord } from './membership.ts';

/** What stands on one side of a place in the text: nothing, a line feed, a word character, or something else. */
export const SIDE = { EDGE: 0, LINE_FEED: 1, WORD: 2, OTHER: 3 } as const;

export function sideOf(codePoint: number): number {
  if (codePoint === 0x0a) return SIDE.LINE_FEED;
  return isWord(codePoint) ? SIDE.WORD : SIDE.OTHER;
}

/** Whether an assertion holds between the two sides (E106). */
export function holds(what: Assertion, before: number, after: number): boolean {
  switch (what) {
    case 'text-start':
    case 'search-start':
      return before === SIDE.EDGE;
    case 'text-end':
      return after === SIDE.EDGE;
    case 'line-start':
      return before === SIDE.EDGE || before === SIDE.LINE_FEED;
    case 'line-end':
      return after === SIDE.EDGE || after === SIDE.LINE_FEED;
    case 'word-boundary':
      return (before === SIDE.WORD) !== (after === SIDE.WORD);
    case 'not-word-boundary':
      return (before === SIDE.WORD) === (after === SIDE.WORD);
    case 'word-start':
      return before !== SIDE.WORD && after === SIDE.WORD;
    case 'word-end':
      return before === SIDE.WORD && after !== SIDE.WORD;
    case 'word-start-half':
      return before !== SIDE.WORD;
    case 'word-end-half':
      return after !== SIDE.WORD;
  }
}

/** Start of the character that ends at `at`; a lone surrogate counts as a character. */
export function previousIndex(text: string, at: number): number {
  const isLow = (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00;
  return isLow && at > 1 && (text.charCodeAt(at - 2) & 0xfc00) === 0xd800 ? at - 2 : at - 1;
}

export function sideBefore(text: string, at: number): number {
  return at <= 0 ? SIDE.EDGE : sideOf(text.codePointAt(previousIndex(text, at)) ?? 0);
}

export function sideAfter(text: string, at: number): number {
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? SIDE.EDGE : sideOf(codePoint);
}
