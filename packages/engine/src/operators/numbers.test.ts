import { describe, expect, it } from 'vitest';
import { ABSENT, decide } from './decide.cases.ts';
import { parseNumber } from './numbers.ts';

describe('text to number', () => {
  it.each([
    ['5', 5],
    ['5.', 5],
    ['.5', 0.5],
    ['.55', 0.55],
    ['+1e3', 1000],
    ['-1E-3', -0.001],
    ['007', 7],
    ['-0', -0],
    ['1e400', Infinity],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['+INF', Infinity],
    ['nan', NaN],
    ['-NaN', NaN],
  ])('E107: %j is %d', (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });

  it.each([
    '',
    ' 5',
    '5 ',
    '5\n',
    '.',
    '+',
    'e5',
    '1e',
    '1e+',
    '1_000',
    '1,000',
    '0x10',
    '0b1',
    '1.2.3',
    '--1',
    'infin',
    'xinf',
    '5nan',
    'Na',
    '٣',
    'true',
  ])('E107: %j is no number', (text) => {
    expect(parseNumber(text)).toBeUndefined();
  });

  it('E107: reads a long run of digits in linear time', () => {
    expect(parseNumber(`${'1'.repeat(1_000_000)}x`)).toBeUndefined();
  });
});

describe('gt, gte, lt, lte', () => {
  it.each([
    ['gt', '1', '2', true],
    ['gt', '1', '1', false],
    ['gt', '9', '"10"', true],
    ['gt', '"9"', '10', true],
    ['gt', '1', '1.0', false],
    ['gt', '1.5', '"1.50001"', true],
    ['gte', '1', '1.0', true],
    ['gte', '1', '0.999', false],
    ['lt', '"43"', '"5"', true],
    ['lt', '1', '1', false],
    ['lte', '10', '"10"', true],
    ['lte', '10', '10.5', false],
    ['gt', '5', '1e400', true],
    ['lt', '"inf"', '5', true],
    ['gte', '9007199254740993', '9007199254740992', true], // one and the same double
  ])('E107: %s %s on %s: %s', (operator, filterValue, property, expected) => {
    expect(decide(operator, filterValue, property)).toBe(expected);
  });

  it.each(['gt', 'gte', 'lt', 'lte'])('E107: %s with NaN on either side is false', (operator) => {
    expect(decide(operator, '1', '"nan"')).toBe(false);
    expect(decide(operator, '"NaN"', '1')).toBe(false);
    expect(decide(operator, '"NaN"', '"NaN"')).toBe(false);
  });

  it.each(['"abc"', '""', 'true', 'null', '[1]', '{}', '"1 "'])('E107: a property of %s is an error', (property) => {
    for (const operator of ['gt', 'gte', 'lt', 'lte']) expect(decide(operator, '0', property)).toBe('error');
  });

  it.each(['"abc"', 'true', '[1]', '{}'])('E107: a filter value of %s is an error', (filterValue) => {
    for (const operator of ['gt', 'gte', 'lt', 'lte']) {
      expect(decide(operator, filterValue, '1')).toBe('error');
      expect(decide(operator, filterValue, ABSENT)).toBe(false);
    }
  });
});

describe('between and not_between', () => {
  it.each([
    ['[1,10]', '1', true],
    ['[1,10]', '10', true],
    ['[1,10]', '"5.5"', true],
    ['[1,10]', '0.9', false],
    ['[1,10]', '11', false],
    ['["1","10"]', '5', true],
    ['[5,5]', '5.0', true],
    ['["-inf",0]', '-1e300', true],
  ])('E108: %s holds %s: %s', (bounds, property, expected) => {
    expect(decide('between', bounds, property)).toBe(expected);
    expect(decide('not_between', bounds, property)).toBe(!expected);
  });

  it.each(['5', '[]', '[1]', '[1,2,3]', '["a","b"]', '[2,1]', '["NaN",1]', '[1,"NaN"]', '[1,null]', '{"0":1,"1":2}'])(
    'E108: bounds of %s are an error for a property that is set',
    (bounds) => {
      for (const property of ['5', '"x"', 'null']) {
        expect(decide('between', bounds, property)).toBe('error');
        expect(decide('not_between', bounds, property)).toBe('error');
      }
    },
  );

  it.each(['[1,10]', '[2,1]', '["a","b"]', '"x"', '5', '[]'])(
    'E108: a property that is not set is decided before bounds of %s are looked at',
    (bounds) => {
      expect(decide('between', bounds, ABSENT)).toBe(false);
      expect(decide('not_between', bounds, ABSENT)).toBe(true);
    },
  );

  it.each(['"abc"', '""', '"7 "', 'null', 'true', '[5]', '{}'])(
    'E108: a property of %s is an error for both, never out of range',
    (property) => {
      expect(decide('between', '[1,10]', property)).toBe('error');
      expect(decide('not_between', '[1,10]', property)).toBe('error');
    },
  );

  it('E108: NaN is neither in range nor out of it', () => {
    expect(decide('between', '[1,10]', '"nan"')).toBe(false);
    expect(decide('not_between', '[1,10]', '"nan"')).toBe(false);
  });
});
