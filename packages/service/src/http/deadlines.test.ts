import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines, type Timed } from './deadlines.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function timed(expire: () => void): Timed {
  return { startedAt: performance.now(), earlier: undefined, later: undefined, expire };
}

describe('deadlines', () => {
  it('H218: each request has its own full time', () => {
    const deadlines = new Deadlines(4500);
    const expired: string[] = [];
    deadlines.add(timed(() => expired.push('first')));
    vi.advanceTimersByTime(3000);
    deadlines.add(timed(() => expired.push('second')));
    vi.advanceTimersByTime(1499);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(expired).toEqual(['first']);
    vi.advanceTimersByTime(2999);
    expect(expired).toEqual(['first']);
    vi.advanceTimersByTime(1);
    expect(expired).toEqual(['first', 'second']);
  });

  it('H218: what has ended does not expire', () => {
    const deadlines = new Deadlines(100);
    const expired: string[] = [];
    const names = ['first', 'second', 'third', 'fourth'];
    const all = names.map((name) => timed(() => expired.push(name)));
    for (const one of all) deadlines.add(one);
    // From the middle, the end, the beginning; a second time, and what was never there.
    for (const i of [1, 3, 0, 0, 1]) deadlines.delete(all[i] as Timed);
    deadlines.delete(timed(() => expired.push('never there')));
    vi.advanceTimersByTime(1000);
    expect(expired).toEqual(['third']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('what has left points to nobody, so that nothing which comes later lives longer for it', () => {
    const deadlines = new Deadlines(100);
    const all = [1, 2, 3].map(() => timed(() => undefined));
    for (const one of all) deadlines.add(one);
    for (const one of all) deadlines.delete(one);
    for (const one of all) expect(one).toMatchObject({ earlier: undefined, later: undefined });
  });

  it('H220: nobody gets more time when all is to end, whoever ends another one with it included', () => {
    const deadlines = new Deadlines(100);
    const expired: string[] = [];
    const second = timed(() => expired.push('second'));
    deadlines.add(
      timed(() => {
        expired.push('first');
        deadlines.delete(second);
      }),
    );
    deadlines.add(second);
    deadlines.add(timed(() => expired.push('third')));
    deadlines.expireAll();
    expect(expired).toEqual(['first', 'third']);
    vi.advanceTimersByTime(1000);
    expect(expired).toHaveLength(2);
  });
});
