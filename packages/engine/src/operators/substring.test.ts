import { describe, expect, it } from 'vitest';
import { decide } from './decide.cases.ts';

describe('icontains, starts_with, ends_with', () => {
  it.each([
    ['icontains', '"VaL"', '"a value"', true],
    ['icontains', '"val"', '"A VALUE"', true],
    ['icontains', '"val"', '"vla"', false],
    ['icontains', '"É"', '"école"', false],
    ['icontains', '"É"', '"ÉCOLE"', true],
    ['icontains', '""', '"x"', true],
    ['icontains', '""', '""', true],
    ['icontains', '1', '1.0', true],
    ['icontains', '".0"', '1', false],
    ['icontains', '".0"', '1.0', true],
    ['icontains', '"nu"', 'null', true],
    ['icontains', '["a","b"]', '"a"', false],
    ['icontains', '["a","b"]', '["A","B"]', true],
    ['icontains', '["a","b"]', '"x[\\"a\\",\\"b\\"]"', true],
    ['starts_with', '"Val"', '"vaLue"', true],
    ['starts_with', '"al"', '"value"', false],
    ['starts_with', '"[\\"r"', '["red"]', true],
    ['starts_with', '"tr"', 'true', true],
    ['ends_with', '"Lue"', '"vaLUE"', true],
    ['ends_with', '"valu"', '"value"', false],
    ['ends_with', '3', '13', true],
    ['ends_with', '3', '"3.0"', false],
  ])('E100: %s %s on %s: %s', (operator, filterValue, property, expected) => {
    expect(decide(operator, filterValue, property)).toBe(expected);
    expect(decide(`not_${operator}`, filterValue, property)).toBe(!expected);
  });

  it('E102: arrays and objects are searched as JSON text', () => {
    expect(decide('icontains', '"red"', '["red","blue"]')).toBe(true);
    expect(decide('icontains', '"blue\\"]"', '["red","blue"]')).toBe(true);
    expect(decide('icontains', '"{\\"a\\":1,"', '{"b":2,"a":1}')).toBe(true);
  });
});

describe('icontains_multi', () => {
  it.each([
    ['["@a.com","@B.com"]', '"user@b.COM"', true],
    ['["@a.com","@b.com"]', '"user@c.com"', false],
    ['"john"', '"John Doe"', true],
    ['"john"', '"Jane Doe"', false],
    ['[]', '"anything"', false],
    ['["a"]', '"undefined"', false],
    ['[""]', '"anything"', true],
    ['[1,null]', '"10"', true],
    ['[1,null]', 'null', true],
    ['[["a"]]', '"a"', false],
    ['[["a"]]', '["A"]', true],
  ])('E101: %s on %s: %s', (filterValue, property, expected) => {
    expect(decide('icontains_multi', filterValue, property)).toBe(expected);
    expect(decide('not_icontains_multi', filterValue, property)).toBe(!expected);
  });
});
