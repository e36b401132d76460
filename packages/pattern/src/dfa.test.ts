import { describe, expect, it } from 'vitest';
import type { Budget } from './budget.ts';
import { Dfa } from './dfa.ts';
import { compileNfa } from './nfa.ts';
import { parsePattern } from './parser.ts';

function automaton(pattern: string, anchored = false): Dfa {
  return new Dfa(compileNfa(parsePattern(pattern).root), anchored);
}

/** Work that a fresh automaton spends on a text. */
function work(pattern: string, text: string): number {
  const budget: Budget = { left: 1e12 };
  automaton(pattern).occursIn(text, budget);
  return 1e12 - budget.left;
}

describe('E105: time linear in the text', () => {
  it.each(['^(a+)+$', '(a*)*b', '(?:a|aa)+b', '(?:a?){20}a{20}b', '(a|b)*a(a|b){8}c', 'a.*a.*a.*b'])(
    'E105: twice the text is at most twice the work for %s',
    (pattern) => {
      const once = work(pattern, 'a'.repeat(20_000));
      const twice = work(pattern, 'a'.repeat(40_000));
      expect(once).toBeGreaterThan(0);
      expect(twice).toBeLessThanOrEqual(2 * once);
    },
  );

  it('E105: work per character is bounded by the pattern where every state is new', () => {
    // A counter that never repeats a state for long: 2^14 states, more than are remembered.
    let text = '';
    for (let i = 0, bits = 1; i < 60_000; i += 1) {
      bits = (bits >> 1) ^ ((bits & 1) * 0xb400);
      text += (bits & 1) === 1 ? 'a' : 'b';
    }
    const pattern = '(?:a|b)*a(?:a|b){14}c';
    const size = compileNfa(parsePattern(pattern).root).ops.length;
    expect(work(pattern, text)).toBeLessThan(3 * size * text.length);
  });

  it('E105: a budget that runs out stops the search', () => {
    const budget: Budget = { left: 100 };
    automaton('x.{0,100}y').occursIn('x'.repeat(10_000), budget);
    expect(budget.left).toBeLessThan(0);
    expect(budget.left).toBeGreaterThan(-1_000);
  });
});

describe('end of the preferred match', () => {
  function end(pattern: string, text: string, from = 0): number {
    return automaton(pattern, true).matchEnd(text, from, { left: 1e9 });
  }

  it('E106: greedy takes the most, lazy the least', () => {
    expect(end('a+', 'aaab')).toBe(3);
    expect(end('a+?', 'aaab')).toBe(1);
    expect(end('a{2,3}', 'aaaa')).toBe(3);
    expect(end('a{2,3}?', 'aaaa')).toBe(2);
  });

  it('E106: the first alternative that matches wins', () => {
    expect(end('a|ab', 'ab')).toBe(1);
    expect(end('ab|a', 'ab')).toBe(2);
    expect(end('(?:|a)*', 'aaa')).toBe(0);
    expect(end('(?:a|)*', 'aaa')).toBe(3);
  });

  it('E106: a match starts exactly where asked, and sees what stands before', () => {
    expect(end('b', 'ab')).toBe(-1);
    expect(end('b', 'ab', 1)).toBe(2);
    expect(end('^b', 'ab', 1)).toBe(-1);
    expect(end('(?m)^b', 'a\nb', 2)).toBe(3);
    expect(end('\\bb', 'ab', 1)).toBe(-1);
    expect(end('\\bb', '😀b', 2)).toBe(3);
  });
});
