import { createBudget } from '@halyard/pattern';
import { describe, expect, it } from 'vitest';
import type { Cell } from './cell.ts';
import { ABSENT, decide } from './decide.cases.ts';
import { compileOperator } from './index.ts';
import { ERROR, MATCH, MISS } from './outcome.ts';

describe('regex and not_regex', () => {
  it.each([
    ['"\\\\.com$"', '"value.com"', true],
    ['"\\\\.com$"', '"value2com"', false],
    ['"ALU"', '"value"', false],
    ['"alu"', '"value"', true],
    ['4', '"14"', true],
    ['4', '40', true],
    ['"^1\\\\.0$"', '1.0', true],
    ['"nu"', 'null', true],
    ['"^\\\\[1,2\\\\]$"', '[1, 2]', true],
  ])('E103: %s on %s: %s', (pattern, property, expected) => {
    expect(decide('regex', pattern, property)).toBe(expected);
    expect(decide('not_regex', pattern, property)).toBe(!expected);
  });

  it('E104: a broken pattern matches no set property with either operator', () => {
    expect(decide('regex', '"?*"', '"x"')).toBe(false);
    expect(decide('not_regex', '"?*"', '"x"')).toBe(false);
    expect(decide('regex', '"?*"', ABSENT)).toBe(false);
    expect(decide('not_regex', '"?*"', ABSENT)).toBe(true);
  });

  it('E105a: the searches of a request share its budget; when it is spent, both operators are errors', () => {
    const settings = { timezone: 'UTC', propertyMatchingVersion: 1 } as const;
    const value = `${'a'.repeat(1_000)}b`;
    const cell = { value, text: () => value } as unknown as Cell;
    const moment = { now: 0, budget: createBudget() };
    const hostile = compileOperator('regex', '^(a{0,100}c?){0,100}b$', settings);
    const regex = compileOperator('regex', 'a|b', settings);
    const notRegex = compileOperator('not_regex', 'c|d', settings);
    expect([hostile(cell, moment), regex(cell, moment), notRegex(cell, moment)]).toEqual([ERROR, MATCH, MATCH]);
    while (moment.budget.left >= 0) expect(hostile(cell, moment)).toBe(ERROR);
    expect([regex(cell, moment), notRegex(cell, moment)]).toEqual([ERROR, ERROR]);
    const next = { now: 0, budget: createBudget() };
    expect([regex(cell, next), notRegex(cell, next)]).toEqual([MATCH, MATCH]);
    // E89: an absent property needs no search.
    const absent = { value: undefined } as Cell;
    expect([regex(absent, moment), notRegex(absent, moment)]).toEqual([MISS, MATCH]);
  });

  it('E105: a search out of steps is an error for both operators', () => {
    const property = JSON.stringify(`${'a'.repeat(30)}!`);
    expect(decide('regex', '"^(a+)+\\\\1$"', property)).toBe('error');
    expect(decide('not_regex', '"^(a+)+\\\\1$"', property)).toBe('error');
  });
});
