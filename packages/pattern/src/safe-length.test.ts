import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze, beginsWithAnchor } from './analyze.ts';
import { compileBacktracking } from './backtrack-program.ts';
import { backtrackingSearch, MOST_BACKTRACKS } from './backtracker.ts';
import { createBudget } from './budget.ts';
import { parsePattern } from './parser.ts';
import { longestSafeText } from './safe-length.ts';

function prepare(pattern: string, mostSteps: number) {
  const parsed = parsePattern(pattern);
  const analysis = analyze(parsed);
  const anchored = beginsWithAnchor(parsed.root);
  const search = backtrackingSearch(compileBacktracking(analysis, parsed.groupCount, anchored), mostSteps);
  return { longest: longestSafeText(analysis, anchored, mostSteps), search };
}

describe('E105: texts too short for the step budget', () => {
  it.each([
    ['\\bbot\\b', 9_999],
    ['(?i)\\b(?:bot|crawler|spider)\\b', 3_332],
    ['.*\\bbot\\b.*', 138],
    ['^\\bbot\\b', 2 ** 30 - 1],
    ['\\b[ab]{1,3}c\\b', 3_332],
    ['\\b[ab]{1,3}(?:c|d)\\b', 1_665],
    ['\\b(?:a|b)c(?:d|e)f\\b', 2_499],
    ['\\b(?:a|b\\b){1,2}', -1],
    ['(?:\\ba|a)*b', -1],
    ['(?=a)b', -1],
    ['(a)\\b\\1', -1],
  ])('E105: %s cannot run out of steps up to %i characters', (pattern, length) => {
    expect(prepare(pattern, MOST_BACKTRACKS).longest).toBe(length);
  });

  it('E105: the bound of a word between two boundaries is exact', () => {
    const { search } = prepare('\\bbot\\b', MOST_BACKTRACKS);
    expect(search('x'.repeat(9_999), createBudget())).toBe(0);
    expect(search('x'.repeat(10_000), createBudget())).toBe(2);
  });

  it('E105: no search of a text within the bound runs out of steps', () => {
    const leaf = fc.constantFrom('a', '[ab]', '.', '\\b', '\\B', '\\<', '^', '$', 'ab', '');
    const counts = fc.constantFrom('?', '*', '+', '{0,2}', '{2}', '{1,3}', '{2,}', '??', '*?', '+?');
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.tuple(leaf, counts).map(([body, count]) => `(?:${body}|b)${count}`),
        fc.tuple(tie('pattern'), counts).map(([body, count]) => `(?:${body}c)${count}`),
        fc.tuple(tie('pattern'), tie('pattern')).map((parts) => parts.join('')),
        fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => `(${left}|${right})`),
      ),
    }));
    const unit = fc.constantFrom('a', 'b', 'c', 'ab', ' ');
    fc.assert(
      fc.property(
        pattern,
        fc.array(unit, { maxLength: 30 }),
        fc.integer({ min: 0, max: 60 }),
        (source, parts, most) => {
          const { longest, search } = prepare(`${source}\\b${source}`, most);
          const text = parts.join('').slice(0, Math.max(longest, 0));
          if (longest >= 0)
            expect([source, text, most, search(text, createBudget())]).not.toEqual([source, text, most, 2]);
        },
      ),
      { numRuns: 5_000, seed: 20_261_130 },
    );
  });
});
