import type { FactPlan, Facts } from '@halyard/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BoundedFactSource } from './bounded-facts.ts';
import type { FactSource } from './ports.ts';

const plan: FactPlan = {
  teamId: 1,
  distinctId: 'ann',
  person: { keys: ['plan'], createdAt: false },
  groups: [],
  staticCohorts: [],
  stickyKeys: { anonDistinctId: null, write: null },
};
const facts: Facts = { person: null, groups: new Map(), stickyKeys: new Map() };

/** Answers when it is told to. */
class SlowSource implements FactSource {
  readonly answers: ((facts: Facts) => void)[] = [];

  load(): Promise<Facts> {
    return new Promise((resolve) => {
      this.answers.push(resolve);
    });
  }
}

describe('facts within a limit', () => {
  const slow = new SlowSource();
  const late: string[] = [];
  let source: BoundedFactSource;

  beforeEach(() => {
    vi.useFakeTimers();
    slow.answers.length = 0;
    late.length = 0;
    source = new BoundedFactSource(slow, 1_000, (error) => late.push(error.message));
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('are what the source says when it is fast enough', async () => {
    const loading = source.load(plan);
    vi.advanceTimersByTime(998);
    slow.answers[0]?.(facts);
    expect(await loading).toBe(facts);
    vi.advanceTimersByTime(5_000);
    expect(late).toEqual([]);
  });

  it('E163: are a time-out of every part when it is not', async () => {
    const loading = source.load(plan);
    vi.advanceTimersByTime(1_000);
    expect(await loading).toMatchObject({
      person: { failed: true, code: 'timeout' },
      groups: new Map(),
      stickyKeys: { failed: true, code: 'hash_key_override_error' },
    });
    expect(late).toEqual(['facts: not there within 1000 ms']);
  });

  it('time each request on its own', async () => {
    const first = source.load(plan);
    vi.advanceTimersByTime(600);
    const second = source.load(plan);
    vi.advanceTimersByTime(400);
    expect(await first).toMatchObject({ person: { code: 'timeout' } });
    slow.answers[1]?.(facts);
    expect(await second).toBe(facts);
  });
});
