import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines, type Timed } from './deadlines.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('deadlines', () => {
  it('H218: each request has its own full time', () => {
    const deadlines = new Deadlines(4500);
    const expired: string[] = [];
    const timed = (name: string): Timed => ({ startedAt: performance.now(), expire: () => expired.push(name) });
    deadlines.add(timed('first'));
    vi.advanceTimersByTime(3000);
    deadlines.add(timed('second'));
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
    let expired = false;
    const timed: Timed = { startedAt: performance.now(), expire: () => (expired = true) };
    deadlines.add(timed);
    deadlines.delete(timed);
    vi.advanceTimersByTime(1000);
    expect(expired).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
