import { beforeEach, describe, expect, it } from 'vitest';
import { RecentStickyKeys } from './recent-sticky-keys.ts';

const own = (flagKey: string, hashKey: string) => ({ own: true, flagKey, hashKey });

describe('recent sticky keys', () => {
  let now: number;
  let recent: RecentStickyKeys;

  beforeEach(() => {
    now = 0;
    recent = new RecentStickyKeys(() => now);
  });

  it('D36: complete what the reader does not show', () => {
    recent.remember(1, 'ann', [own('a', 'first'), own('b', 'first')]);
    expect(recent.complete(1, 'ann', [])).toEqual(
      new Map([
        ['a', 'first'],
        ['b', 'first'],
      ]),
    );
    expect(recent.complete(2, 'ann', [])).toEqual(new Map());
    expect(recent.complete(1, 'bob', [])).toEqual(new Map());
  });

  it('give way to what the reader shows of the person, not to the person of the anonymous id (E157)', () => {
    recent.remember(1, 'ann', [own('a', 'first'), own('b', 'first')]);
    const rows = [own('a', 'merged'), { own: false, flagKey: 'b', hashKey: 'of the visitor' }];
    expect(recent.complete(1, 'ann', rows)).toEqual(
      new Map([
        ['a', 'merged'],
        ['b', 'first'],
      ]),
    );
  });

  it('are of the person of the distinct id only', () => {
    const ofTheVisitor = { own: false, flagKey: 'a', hashKey: 'of the visitor' };
    recent.remember(1, 'ann', [ofTheVisitor]);
    expect(recent.complete(1, 'ann', [])).toEqual(new Map());
    recent.remember(1, 'ann', [own('a', 'first')]);
    recent.remember(1, 'ann', [ofTheVisitor]);
    expect(recent.complete(1, 'ann', [])).toEqual(new Map([['a', 'first']]));
  });

  it('end when the reader has them, so that a deleted key stays deleted', () => {
    recent.remember(1, 'ann', [own('a', 'first')]);
    recent.complete(1, 'ann', [own('a', 'first')]);
    expect(recent.complete(1, 'ann', [])).toEqual(new Map());
  });

  it('end after a minute', () => {
    recent.remember(1, 'ann', [own('a', 'first')]);
    now = 59_999;
    expect(recent.complete(1, 'ann', []).size).toBe(1);
    now = 60_000;
    expect(recent.complete(1, 'ann', []).size).toBe(0);
  });

  it('are bounded: the oldest go first', () => {
    for (let i = 0; i <= 50_000; i++) recent.remember(1, `person ${i}`, [own('a', 'first')]);
    expect(recent.complete(1, 'person 0', []).size).toBe(0);
    expect(recent.complete(1, 'person 1', []).size).toBe(1);
    expect(recent.complete(1, 'person 50000', []).size).toBe(1);
  });
});
