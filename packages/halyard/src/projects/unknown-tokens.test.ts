import { defaultLimits } from '@halyard/data/conversation';
import { describe, expect, it } from 'vitest';
import { UnknownTokens } from './unknown-tokens.ts';

describe('UnknownTokens', () => {
  it('H43: believes an answer for thirty seconds', () => {
    const tokens = new UnknownTokens(10, { ...defaultLimits, unknownForMs: 30_000 });
    tokens.add('t', 1_000);
    expect(tokens.has('t', 30_999)).toBe(true);
    expect(tokens.has('t', 31_000)).toBe(false);
  });

  it('believes a doubted answer for one second', () => {
    const tokens = new UnknownTokens(10, { ...defaultLimits, unknownForMs: 30_000 });
    tokens.add('t', 1_000);
    tokens.doubt(1_500);
    expect(tokens.has('t', 1_999)).toBe(true);
    expect(tokens.has('t', 2_000)).toBe(false);
    expect(tokens.isDoubted('t')).toBe(true);
  });

  it('an answer after the doubt is believed again', () => {
    const tokens = new UnknownTokens(10, { ...defaultLimits, unknownForMs: 30_000 });
    tokens.doubt(1_500);
    tokens.add('t', 1_501);
    expect(tokens.has('t', 31_500)).toBe(true);
    expect(tokens.isDoubted('t')).toBe(false);
  });

  it('holds no more than its bound, and no text that cannot be a token', () => {
    const tokens = new UnknownTokens(3, { ...defaultLimits, unknownForMs: 30_000 });
    for (let i = 0; i < 10; i++) tokens.add(`junk-${i}`, 0);
    tokens.add('x'.repeat(201), 0);
    expect(tokens.size).toBe(3);
    expect(tokens.has('junk-9', 1)).toBe(true);
    expect(tokens.has('x'.repeat(201), 1)).toBe(false);
  });
});
