import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

describe('words that may have been meant', () => {
  it.each([
    ['expalin', ['serve', 'import', 'explain'], ['explain']],
    ['new-checkuot', ['new-checkout', 'new-checkout-2', 'old-checkout', 'pricing'], ['new-checkout', 'new-checkout-2']],
    ['a', ['b', 'abc', 'ab'], ['b', 'ab']],
    ['', ['a', 'abc'], ['a']],
    ['frob', ['serve', 'import', 'explain'], []],
    ['flag-0', ['flag-1', 'flag-2', 'flag-3', 'flag-4'], ['flag-1', 'flag-2', 'flag-3']],
  ])('%j among %j: %j', (typed, words, found) => {
    expect(nearest(typed, words)).toEqual(found);
  });
});
