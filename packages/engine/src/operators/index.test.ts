import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '@halyard/json';
import { ABSENT, decide, decideValues } from './decide.cases.ts';
import { canonicalOperator, OPERATORS } from './index.ts';

const POSITIVE = ['exact', 'icontains', 'icontains_multi', 'starts_with', 'ends_with', 'regex'];
const NEGATIVE = ['is_not', 'not_icontains', 'not_icontains_multi', 'not_starts_with', 'not_ends_with', 'not_regex'];
const ORDERED = ['gt', 'gte', 'lt', 'lte'];
const SEMVER = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'tilde', 'caret', 'wildcard'].map((name) => `semver_${name}`);
const DATES = ['is_date_exact', 'is_date_after', 'is_date_before'];
const RANGES = ['between', 'not_between'];
const PRESENCE = ['is_set', 'is_not_set'];
const ELSEWHERE = ['in', 'not_in', 'flag_evaluates_to'];

describe('operators', () => {
  it('E93: are these, and no others', () => {
    const all = [...POSITIVE, ...NEGATIVE, ...ORDERED, ...SEMVER, ...DATES, ...RANGES, ...PRESENCE, ...ELSEWHERE];
    expect([...OPERATORS].sort()).toEqual(all.sort());
  });

  it.each([
    ['min', 'gte'],
    ['max', 'lte'],
    ['gt', 'gt'],
    ['unheard_of', 'unheard_of'],
  ])('E7: %s is called %s', (name, canonical) => {
    expect(canonicalOperator(name)).toBe(canonical);
  });

  it.each([...ELSEWHERE, 'unheard_of', 'constructor', '__proto__', ''])(
    'E94: %j on a property is an error',
    (operator) => {
      expect(decide(operator, '5', '5')).toBe('error');
      expect(decide(operator, '', ABSENT)).toBe('error');
    },
  );
});

describe('a property that is not set', () => {
  it.each([...POSITIVE, ...ORDERED, ...DATES])('E89: %s does not match', (operator) => {
    expect(decide(operator, '"1"', ABSENT)).toBe(false);
  });

  it.each(SEMVER)('E89: %s does not match', (operator) => {
    expect(decide(operator, '"1.2.3"', ABSENT)).toBe(false);
    expect(decide(operator, '"no version"', ABSENT)).toBe(false);
  });

  it.each(NEGATIVE)('E89: %s matches', (operator) => {
    expect(decide(operator, '"1"', ABSENT)).toBe(true);
  });

  it.each(NEGATIVE)('E89: %s matches whatever the kind of its value', (operator) => {
    for (const value of ['true', 'false', '[]', '["a"]', '["a","b"]', '"["', '{}']) {
      expect(decide(operator, value, ABSENT)).toBe(true);
    }
  });

  it.each(POSITIVE)('E89: %s does not take it for a text of ours', (operator) => {
    for (const value of ['"undefined"', '"e"', '"u"', '"d"', '["undefined","x"]']) {
      expect(decide(operator, value, ABSENT)).toBe(false);
    }
  });

  it('E89: between does not match and not_between does', () => {
    expect(decide('between', '[1,2]', ABSENT)).toBe(false);
    expect(decide('not_between', '[1,2]', ABSENT)).toBe(true);
  });

  it('E89: is_set does not match and is_not_set does', () => {
    expect(decide('is_set', '', ABSENT)).toBe(false);
    expect(decide('is_not_set', '', ABSENT)).toBe(true);
  });
});

describe('a property that is null', () => {
  it('E90: is set, whatever the filter value', () => {
    for (const value of ['', 'null', '"x"']) {
      expect(decide('is_set', value, 'null')).toBe(true);
      expect(decide('is_not_set', value, 'null')).toBe(false);
    }
  });
});

describe('a filter without a value', () => {
  const needsValue = [...OPERATORS].filter((name) => ![...PRESENCE, ...ELSEWHERE].includes(name));

  it.each(needsValue)('E91: %s never matches', (operator) => {
    for (const filterValue of ['', 'null']) {
      for (const property of ['"x"', 'null', '""', ABSENT]) {
        expect(decide(operator, filterValue, property)).toBe(false);
      }
    }
  });
});

describe('any operator', () => {
  it.each([...OPERATORS])('E92: %s gives an outcome for any filter and property value', (operator) => {
    const values = fc.oneof(
      fc.jsonValue().map((value) => value as JsonValue),
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[-+]?[0-9v.]{0,8}[-+hdwmyeTZ:*, ]{0,3}[0-9.:]{0,6}$/),
      fc.array(fc.constantFrom<JsonValue>(true, 'true', 1, null, 'a', '__proto__'), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(values, values, (filterValue, property) => {
        expect([true, false, 'error']).toContain(decideValues(operator, filterValue, property));
      }),
      { seed: 93, numRuns: 100 },
    );
  });
});
