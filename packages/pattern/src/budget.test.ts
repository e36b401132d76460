import { describe, expect, it } from 'vitest';
import { type Budget, createBudget } from './budget.ts';
import { oracleCases } from './oracle.cases.ts';
import { compileRegex } from './regex.ts';

/** Steps that are counted, not time: these tests give the same numbers on every machine. */
function steps(pattern: string, text: string, budget: Budget = createBudget()): number {
  const before = budget.left;
  test(pattern, text, budget);
  return before - budget.left;
}

function test(pattern: string, text: string, budget: Budget): number {
  const regex = compileRegex(pattern);
  if (!regex.valid) throw new Error(regex.problem);
  return regex.test(text, budget);
}

/** Patterns and texts made to take long. Each is bounded by something else. */
const hostile: readonly (readonly [what: string, pattern: string, text: string])[] = [
  ['a repetition of optional parts that cannot be made one', '^(a{0,100}c?){0,100}b$', `${'a'.repeat(1_000)}b`],
  ['the same three deep', '^((a{0,30}c?){0,30}d?){0,10}b$', `${'a'.repeat(1_500)}b`],
  ['an automaton that finds a new state at every character', 'x.{0,10000}y', 'x'.repeat(100_000)],
  ['a whole-text look-ahead at every place', '(?=.*x)a', 'a'.repeat(2_000_000)],
  ['a long look-behind at every place', '(?<=a{1000})b', 'a'.repeat(2_000_000)],
  ['a long look-behind of variable length at every place', '(?<=x.{0,2000})(?:b|\\b{end})z', 'xa'.repeat(1_000_000)],
  ['a counter that never ends', '(\\K){100000000000}\\1', 'a'],
  ['a long back-reference at every place', '(.*)\\1z', 'ab'.repeat(500_000)],
  ['a long back-reference without regard to case', '(?i)(.*)\\1z', 'é'.repeat(50_000) + 'É'.repeat(50_000)],
  ['a huge number of untried ways', '(?:a(?!b))*c', 'a'.repeat(2_000_000)],
  ['a long text that stands nearly everywhere', `${'a'.repeat(20_000)}b\\b`, 'a'.repeat(2_000_000)],
];

describe('E105a: the budget of a request', () => {
  it.each(hostile)('E105a: the searches of a request end together: %s', (_, pattern, text) => {
    const regex = compileRegex(pattern);
    if (!regex.valid) throw new Error(regex.problem);
    const budget = createBudget();
    const given = budget.left;
    let searches = 0;
    for (; budget.left >= 0 && searches < 1_000; searches += 1) expect(regex.test(text, budget)).not.toBe(1);
    // No search goes far beyond the end, and one alone never takes all.
    expect(budget.left).toBeGreaterThan(-given / 100);
    expect(searches).toBeGreaterThan(2);
  });

  it('E105a: once it is spent, every search is given up, whatever would come of it', () => {
    const budget = createBudget(-1);
    for (const pattern of ['a', '^a', 'a$', '^a$', 'a|b', '\\ba', '(?=a)a', '(a)\\1?', '']) {
      expect([pattern, test(pattern, 'a', budget)]).toEqual([pattern, 2]);
      expect([pattern, test(pattern, 'a', createBudget())]).toEqual([pattern, 1]);
    }
  });

  it('E105a: one bad pattern leaves the others three quarters', () => {
    const budget = createBudget();
    const given = budget.left;
    expect(test('^(a{0,100}c?){0,100}b$', 'a'.repeat(1_001), budget)).toBe(2);
    expect(budget.left / given).toBeCloseTo(0.75, 2);
    expect(test('^(?:a|b)+$', 'a'.repeat(1_001), budget)).toBe(1);
  });

  it('E105a: a search without a budget has a fresh one each time', () => {
    const regex = compileRegex('(?=.*x)a');
    if (!regex.valid) throw new Error(regex.problem);
    const text = 'a'.repeat(4_000);
    expect(Array.from({ length: 20 }, () => regex.test(text))).toEqual(Array.from({ length: 20 }, () => 2));
    expect(regex.test(`${text}x`)).toBe(1);
  });

  it('E105a: whatever is left of the budget, a search gives the same answer or is given up', () => {
    const cutOff = [
      ['^(?=[xy]*z)x', 'xyxyxyz', 1],
      ['^(?![xy]*a)x', 'xyxyxyz', 1],
      ['(?<=^[xy]*)z', 'xyxyxyz', 1],
    ] as const;
    const wrong: unknown[] = [];
    for (const [pattern, text, answer] of [...oracleCases, ...cutOff]) {
      if (answer === 'invalid') continue;
      for (let left = 0; left < 2_000; left += 1 + (left >> 2)) {
        const outcome = test(pattern, text, createBudget(left));
        if (outcome !== 2 && outcome !== answer) wrong.push({ pattern, text, left, outcome });
      }
    }
    expect(wrong).toEqual([]);
  });

  it('E105a: a small budget gives up early, and never takes a text for a match', () => {
    for (const pattern of ['x+y', '\\bx+\\b', '(x+)\\1+y', '(?=x*z)x', '(?<=x+)y', 'xyz']) {
      const outcomes = [0, 1, 3, 10, 100].map((left) => test(pattern, `${'x'.repeat(99)} y`, createBudget(left)));
      expect(outcomes).not.toContain(pattern === '\\bx+\\b' ? 0 : 1);
      expect(outcomes[0]).toBe(2);
    }
  });
});

describe('E105a: what a search costs', () => {
  it('E105a: a known text costs a quarter of a step for each character', () => {
    const regex = compileRegex('[ab]c');
    if (!regex.valid) throw new Error(regex.problem);
    const text = 'abab'.repeat(1_000);
    regex.test(text);
    const budget = createBudget();
    const given = budget.left;
    regex.test(text, budget);
    expect(given - budget.left).toBeLessThan(text.length / 4 + 10);
    expect(given - budget.left).toBeGreaterThan(text.length / 5);
    expect(steps('abc', text)).toBe(1 + text.length / 4);
    expect(steps('^abc', text)).toBe(1);
  });

  it('E105a: a thousand patterns on 2 kB each leave half of the budget, even on their first request', () => {
    const words = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor'.split(' ');
    const text = `${words.join(' ')} é@example.org `.repeat(22);
    expect(text.length).toBeGreaterThan(2_000);
    const budget = createBudget();
    const given = budget.left;
    for (let flag = 0; flag < 350; flag += 1) {
      const word = `${words[flag % words.length]}${flag}`;
      const patterns = [`@${word}\\.(?:com|net)$`, `(?i)\\b(?:${word}|bot|crawler)\\b`, `^[\\w\\s,.@é]*${word}$`];
      for (const pattern of patterns) expect(test(pattern, text, budget)).toBe(0);
    }
    expect((given - budget.left) / given).toBeLessThan(0.5);
  });

  it('E105a: a long text to look for is left to an automaton, whose work does not depend on where it differs', () => {
    const text = 'a'.repeat(100_000);
    const long = `${'a'.repeat(500)}b${'a'.repeat(500)}`;
    const regex = compileRegex(long);
    if (!regex.valid) throw new Error(regex.problem);
    expect(regex.test(text)).toBe(0);
    expect(regex.test(`${text}b${text}`)).toBe(1);
    // States of an automaton are met: more than the reading of a text costs.
    expect(steps(long, text)).toBeGreaterThan(2 * steps('a'.repeat(64).concat('b').slice(1), text));
  });

  it('E105a: counted repetitions of each other take one place at a time', () => {
    expect(steps('^(a{0,100}){0,100}b$', `${'a'.repeat(1_000)}b`)).toBeLessThan(100_000);
    expect(steps('^((a{0,30}){0,30}){0,10}b$', `${'a'.repeat(1_500)}b`)).toBeLessThan(100_000);
  });
});
