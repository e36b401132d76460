import { describe, expect, it } from 'vitest';
import { LookupRate, TooManyUnknownTokens } from './lookup-rate.ts';

/** How many of so many look-ups are allowed. */
function allowed(rate: LookupRate, count: number, address: (i: number) => string | undefined, now: number): number {
  let paid = 0;
  for (let i = 0; i < count; i++) {
    try {
      rate.pay(address(i), now);
      paid++;
    } catch (error) {
      if (!(error instanceof TooManyUnknownTokens)) throw error;
    }
  }
  return paid;
}

describe('the rate of look-ups in vain', () => {
  it('H95a: an address has five seconds of its rate at once, and then its rate', () => {
    const rate = new LookupRate(10);
    expect(allowed(rate, 100, () => 'a', 0)).toBe(50);
    expect(allowed(rate, 100, () => 'a', 2_000)).toBe(20);
    expect(allowed(rate, 100, () => 'b', 2_000)).toBe(50);
  });

  it('H95a: all addresses together have ten times as much', () => {
    const rate = new LookupRate(10);
    expect(allowed(rate, 1_000, (i) => `a${i}`, 0)).toBe(500);
    expect(allowed(rate, 1_000, () => undefined, 1_000)).toBe(100);
  });

  it('H95a: who finds projects gets back what was paid', () => {
    const rate = new LookupRate(1);
    for (let i = 0; i < 1_000; i++) rate.pay('a', 0)();
    expect(allowed(rate, 10, () => 'a', 0)).toBe(5);
  });

  it('a clock that is set back gives nothing and takes nothing', () => {
    const rate = new LookupRate(10);
    expect(allowed(rate, 100, () => 'a', 10_000)).toBe(50);
    expect(allowed(rate, 100, () => 'a', 0)).toBe(0);
    expect(allowed(rate, 100, () => 'a', 1_000)).toBe(10);
  });
});
