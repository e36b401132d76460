import { describe, expect, it } from 'vitest';
import { ABSENT, decide } from './decide.cases.ts';

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

  it('E105: a search out of steps is an error for both operators', () => {
    const property = JSON.stringify(`${'a'.repeat(30)}!`);
    expect(decide('regex', '"^(a+)+\\\\1$"', property)).toBe('error');
    expect(decide('not_regex', '"^(a+)+\\\\1$"', property)).toBe('error');
  });
});
