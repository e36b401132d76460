import { beforeEach, describe, expect, it } from 'vitest';
import { LastGood } from './last-good.ts';

const half = 4_000_000;
const row = (characters: number) => ({ text: 'x'.repeat(characters), other: null });

describe('D43: what was read last', () => {
  let last: LastGood;

  beforeEach(() => {
    last = new LastGood();
  });

  const kept = (...parts: string[]) => parts.filter((part) => last.get(part) !== undefined);

  it('is given back, the newest of each part', () => {
    last.put('a', { text: 'old' });
    last.put('a', { text: 'new' });
    expect(last.get('a')).toEqual({ text: 'new' });
    expect(last.get('b')).toBeUndefined();
  });

  it('is not kept when it alone takes more than half of the room, nor what it takes the place of', () => {
    last.put('a', row(half));
    last.put('b', row(1));
    expect(kept('a', 'b')).toEqual(['a', 'b']);
    last.put('b', row(half + 1));
    expect(kept('a', 'b')).toEqual(['a']);
  });

  it('goes, the oldest first, when the room is used up', () => {
    last.put('a', row(half));
    last.put('b', row(half - 1));
    last.put('c', row(1));
    expect(kept('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    last.put('d', row(1));
    expect(kept('a', 'b', 'c', 'd')).toEqual(['b', 'c', 'd']);
  });

  it('counts once, however often it is read', () => {
    for (let n = 0; n < 5; n++) last.put('a', row(half));
    last.put('b', row(half));
    expect(kept('a', 'b')).toEqual(['a', 'b']);
  });

  it('is of ten thousand parts at most', () => {
    for (let n = 1; n <= 10_000; n++) last.put(`part ${n}`, row(1));
    expect(kept('part 1')).toEqual(['part 1']);
    last.put('one more', row(1));
    expect(kept('part 1', 'part 2', 'one more')).toEqual(['part 2', 'one more']);
  });
});
