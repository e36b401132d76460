import type { FlagResult } from 'halyard/host';
import { describe, expect, it } from 'vitest';
import { TrafficCounter } from './traffic-counter.ts';

/** What an evaluation gives for that many flags, of which the counter looks at this much. */
const resultsOf = (flags: number): readonly FlagResult[] =>
  Array.from({ length: flags }, (_, id) => ({ id, flag: { id }, value: true }) as unknown as FlagResult);

describe('counts of what flags are asked for', () => {
  it('M194: of a few projects are all kept, also of definitions that others have pushed out', () => {
    const counter = new TrafficCounter();
    for (let round = 0; round < 2; round++) {
      for (let teamId = 0; teamId < 5; teamId++) counter.count(teamId, {}, resultsOf(10));
    }
    const taken = counter.take();
    expect(taken).toHaveLength(100);
    expect(taken.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    expect(counter.takeLost()).toBe(0);
    expect(counter.take()).toEqual([]);
  });

  it('M194: of hundreds take bounded memory, and say how many are lost', () => {
    const counter = new TrafficCounter();
    for (let teamId = 0; teamId < 500; teamId++) counter.count(teamId, {}, resultsOf(100));
    const taken = counter.take();
    expect(taken.length).toBeLessThan(11_000);
    expect(counter.takeLost()).toBe(50_000 - taken.length);
    expect(counter.takeLost()).toBe(0);
  });
});
