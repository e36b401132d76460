import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBudget } from './budget.ts';
import { Dfa } from './dfa.ts';
import { compileNfa } from './nfa.ts';
import { parsePattern } from './parser.ts';
import { simplify } from './simplify.ts';

function nfaSize(pattern: string): number {
  return compileNfa(simplify(parsePattern(pattern).root)).ops.length;
}

function simple(pattern: string) {
  return simplify(parsePattern(pattern).root);
}

describe('E103: a smaller pattern that occurs in the same texts', () => {
  it.each([
    ['^(a{0,100}){0,100}b$', '^a{0,10000}b$'],
    ['^((a{0,30}){0,30}){0,10}b$', '^a{0,9000}b$'],
    ['^(?:(a{2,3}){1,2})b', '^a{2,6}b'],
    ['^(?:a{2,3}){4}b', '^a{8,12}b'],
    ['^(?:a*)*b', '^a*b'],
    ['^(?:a+)+b', '^a+b'],
    ['^(?:a?)+b', '^a*b'],
    ['.*foo.*', 'foo'],
    ['a*b+c{3,}', 'bc{3}'],
    ['(?:x*a|b)y?', '(?:a|b)'],
    ['(a?|b*)c', 'c'],
    ['^.*foo.*$', '^.*foo.*$'],
  ])('E103: %s is %s', (pattern, wanted) => {
    expect(simple(pattern)).toEqual(simple(wanted));
    expect(compileNfa(simple(pattern))).toEqual(compileNfa(parsePattern(wanted).root));
  });

  it('E103: rounds with a gap between them stay apart', () => {
    // 0, 2 or 3; 5 to 6 or 10 to 12: no single range.
    expect(nfaSize('^(?:a{2,3})?b')).not.toBe(nfaSize('^a{0,3}b'));
    expect(nfaSize('^(?:a{5,6}){1,2}b')).not.toBe(nfaSize('^a{5,12}b'));
    expect(nfaSize('^(?:a{2})*b')).not.toBe(nfaSize('^a*b'));
  });

  it('E103: occurs wherever the whole pattern occurs, and nowhere else', () => {
    const counts = fc.constantFrom('', '?', '*', '+', '{0,2}', '{2}', '{1,3}', '{2,3}', '{2,}', '{0}');
    const leaf = fc.constantFrom('a', 'b', '[ab]', '^', '$', '\\b', '\\B', '.');
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.tuple(tie('pattern'), counts).map(([body, count]) => `(?:${body})${count}`),
        fc.tuple(tie('pattern'), tie('pattern')).map((parts) => parts.join('')),
        fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => `(?:${left}|${right})`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 9 });
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
        const { root } = parsePattern(source);
        const whole = new Dfa(compileNfa(root), false);
        const smaller = new Dfa(compileNfa(simplify(root)), false);
        for (const value of texts) {
          const occurs = [whole, smaller].map((dfa) => dfa.occursIn(value, createBudget()));
          expect([source, value, occurs[1]]).toEqual([source, value, occurs[0]]);
        }
      }),
      { numRuns: 3_000, seed: 20_261_130 },
    );
  });
});
