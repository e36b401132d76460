import { describe, expect, it } from 'vitest';
import { decide } from './decide.cases.ts';

function versions(operator: string, filterValue: string, property: string): boolean | 'error' {
  return decide(operator, JSON.stringify(filterValue), JSON.stringify(property));
}

describe('version texts', () => {
  it.each([
    ['3', '3.0.0'],
    ['3.1', '3.1.0'],
    ['3.08', '3.8.0'],
    ['01.002.0003', '1.2.3'],
    ['000', '0.0.0'],
    ['v1.2.3', '1.2.3'],
    [' 1.2.3\t', '1.2.3'],
    ['v 1.2.3', '1.2.3'],
    ['\u0085\u30001.2.3\u2028', '1.2.3'],
    ['1.2-beta', '1.2.0-beta'],
    ['1-a.1+b', '1.0.0-a.1+b'],
    ['1+b-c', '1.0.0+b-c'],
    ['1.2.3+b.10', '1.2.3+b.10'],
    ['9007199254740991', '9007199254740991.0.0'],
    ['18446744073709551615.0.0', '18446744073709551615.0.0'],
    ['9007199254740993', '9007199254740993.0.0'],
  ])('E109: %j means %s', (text, version) => {
    expect(versions('semver_eq', version, text)).toBe(true);
    expect(versions('semver_eq', text, version)).toBe(true);
  });

  const broken = [
    '',
    'v',
    'abc',
    '1.2.3.4',
    '1..3',
    '.1.2',
    '1.2.',
    'V1.2.3',
    ' v1.2.3',
    'vv1',
    '1.2.x',
    '1 .2',
    '-1',
    '1.2.3-',
    '1.2.3-a..b',
    '1.2.3-01',
    '1.2.3+',
    '1.2.3+a+b',
    '1.2.3-é',
    '\ufeff1.2.3', // white space to JavaScript, not to Unicode
    '1.2.3 beta',
    '18446744073709551616',
    '9'.repeat(400),
    '1e3',
    '٣',
  ];

  it.each(broken)('E110: a property of %j never matches', (text) => {
    for (const name of ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'tilde', 'caret', 'wildcard']) {
      expect(versions(`semver_${name}`, '1.0.0', text)).toBe(false);
    }
  });

  it.each(broken)('E110: a filter value of %j is an error', (text) => {
    for (const name of ['eq', 'neq', 'gt', 'gte', 'lt', 'lte']) {
      expect(versions(`semver_${name}`, text, '1.0.0')).toBe('error');
    }
  });

  it('E109: a number is read as its text', () => {
    expect(decide('semver_eq', '"2.48.0"', '2.48')).toBe(true);
    expect(decide('semver_eq', '2.5', '"2.5.0"')).toBe(true);
    expect(decide('semver_eq', '"3.0.0"', '3')).toBe(true);
    expect(decide('semver_eq', '"3.0.0"', '3.0')).toBe(true);
    expect(decide('semver_eq', '"1.0.0"', 'true')).toBe(false);
  });
});

describe('version order', () => {
  const ascending = [
    '0.0.0',
    '0.9.9',
    '1.0.0-0',
    '1.0.0-9',
    '1.0.0-10',
    '1.0.0-18446744073709551616',
    '1.0.0--',
    '1.0.0-ALPHA',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.1.0',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0-rc.1+A',
    '1.0.0-rc.1+b',
    '1.0.0',
    '1.0.0+1',
    '1.0.0+01',
    '1.0.0+2',
    '1.0.0+b',
    '1.0.0+b.1',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '9007199254740992.0.0',
    '9007199254740993.0.0',
    '18446744073709551615.0.0',
  ];

  it.each(ascending)('E111: %s compares with every other version of a sorted list', (low) => {
    const at = ascending.indexOf(low);
    for (const [index, high] of ascending.entries()) {
      const order = Math.sign(at - index);
      expect([versions('semver_gt', high, low), high]).toEqual([order > 0, high]);
      expect([versions('semver_gte', high, low), high]).toEqual([order >= 0, high]);
      expect([versions('semver_lt', high, low), high]).toEqual([order < 0, high]);
      expect([versions('semver_lte', high, low), high]).toEqual([order <= 0, high]);
      expect([versions('semver_eq', high, low), high]).toEqual([order === 0, high]);
      expect([versions('semver_neq', high, low), high]).toEqual([order !== 0, high]);
    }
  });
});

describe('semver_tilde', () => {
  it.each([
    ['1.2.3', '1.2.3', true],
    ['1.2.3', '1.2.10', true],
    ['1.2.3', '1.2.2', false],
    ['1.2.3', '1.3.0', false],
    ['1.2.3', '2.2.3', false],
    ['1', '1.0.9', true],
    ['1', '1.1.0', false],
    ['1.2', '1.2.9', true],
    ['3.08', '3.8.5', true],
    ['3.008', '3.8.5', true],
    ['1.2', '1.2.0', true],
    ['1.2-beta', '1.2.0-beta', true],
    ['1.2-beta', '1.2.5', true],
    ['v1.2.3', '1.2.4', true],
    ['1.2.3-beta.1', '1.2.3-beta.2', true],
    ['1.2.3-beta.2', '1.2.3-beta.1', false],
    ['1.2.3-beta.1', '1.2.4', true],
    ['1.2.3-beta.1', '1.2.4-beta.1', false],
    ['1.2.3', '1.2.4-beta', false],
    ['1.2.3+b', '1.2.3+c', true],
  ])('E112: tilde %s on %s: %s', (filterValue, property, expected) => {
    expect(versions('semver_tilde', filterValue, property)).toBe(expected);
  });
});

describe('semver_caret', () => {
  it.each([
    ['1.2.3', '1.2.3', true],
    ['1.2.3', '1.9.0', true],
    ['1.2.3', '2.0.0', false],
    ['1.2.3', '1.2.2', false],
    ['1.2.3', '1.1.9', false],
    ['0.2.3', '0.2.9', true],
    ['0.2.3', '0.3.0', false],
    ['0.2.3', '0.2.2', false],
    ['0.0.3', '0.0.3', true],
    ['0.0.3', '0.0.4', false],
    ['0.0.0', '0.0.0', true],
    ['0', '0.0.1', false],
    ['0', '0.0.0', true],
    ['1', '1.9.9', true],
    ['1.2.0-alpha', '1.2.0', true],
    ['1.2.0-alpha', '1.2.0-beta', true],
    ['1.2.0-beta', '1.2.0-alpha', false],
    ['1.2.0-alpha', '1.3.0-alpha', false],
    ['1.2.3', '1.3.0-alpha', false],
    ['0.0.3-a', '0.0.3-b', true],
  ])('E112: caret %s on %s: %s', (filterValue, property, expected) => {
    expect(versions('semver_caret', filterValue, property)).toBe(expected);
  });

  it.each(['', 'abc', '1.2.3.4', '1..2', '1.2.3-', '1.x.3', '18446744073709551616'])(
    'E110: a tilde or caret value of %j is an error',
    (filterValue) => {
      expect(versions('semver_caret', filterValue, '1.0.0')).toBe('error');
      expect(versions('semver_tilde', filterValue, '1.0.0')).toBe('error');
    },
  );
});

describe('semver_wildcard', () => {
  it.each([
    ['*', '9.9.9', true],
    ['*', '1.0.0-a', false],
    ['1.*', '1.0.0', true],
    ['1.*', '1.5.0', true],
    ['1.*', '2.0.0', false],
    ['1.*', '1.5.0-a', false],
    ['1.*.*', '1.99.99', true],
    ['1.*.*', '2.0.0', false],
    ['1.2.*', '1.2.0', true],
    ['1.2.*', '1.3.0', false],
    ['3.08.*', '3.8.5', true],
    ['v1.2.*', '1.2.7', true],
    ['1.2.3', '1.9.0', true],
    ['1.2.3', '2.0.0', false],
    ['1.2', '1.9.0', true],
    ['1', '1.0.0', true],
    ['0.2', '0.2.9', true],
    ['0.2', '0.3.0', false],
    ['0', '0.9.0', true],
    ['=1.2', '1.2.9', true],
    ['=1.2.3', '1.2.4', false],
    ['=1.2.3-a', '1.2.3-a', true],
    ['>1.2', '1.2.9', false],
    ['>1.2', '1.3.0', true],
    ['>=1.2', '1.2.0', true],
    ['>1', '1.9.9', false],
    ['>1', '2.0.0', true],
    ['<1.2', '1.1.9', true],
    ['<1.2', '1.2.0', false],
    ['<=1.2', '1.2.9', true],
    ['<=1', '1.9.9', true],
    ['>=1.2.3-a', '1.2.3-b', true],
    ['>=1.2.3-a', '1.2.4-b', false],
    ['~1', '1.9.9', true],
    ['~1.2', '1.2.9', true],
    ['~1.2', '1.3.0', false],
    ['^1.2.3', '1.3.0', true],
    ['> 1.0, < 2.0', '1.5.0', true],
    ['>1.0,<2.0', '2.0.0', false],
    ['>1.0,  <2.0', '1.5.0', true],
    ['>=1.*, <1.5.0', '1.4.9', true],
    ['1.X', '1.5.0', true],
    ['1.x.X', '1.5.0', true],
    ['0.2', '0.2.0', true],
    ['~1.2', '1.2.0', true],
    ['=9007199254740991', '9007199254740991.0.0', true],
    ['>1.2.3', '1.2.2', false],
    ['>1.2.3', '1.2.3', false],
    ['>1.2.3', '1.2.4', true],
    ['>=1.2.3', '1.2.2', false],
    ['>=1.2.3', '1.2.3', true],
    ['>=1.2.3', '1.2.4', true],
    ['>=1.2', '1.1.9', false],
    ['>=2', '1.9.9', false],
    ['<1.2.3', '1.2.2', true],
    ['<1.2.3', '1.2.3', false],
    ['<1.2.3', '1.2.4', false],
    ['<=1.2.3', '1.2.2', true],
    ['<=1.2.3', '1.2.3', true],
    ['<=1.2.3', '1.2.4', false],
    ['<=1.2', '1.1.0', true],
    ['<=1.2', '1.3.0', false],
    ['<=1', '2.0.0', false],
    ['=1.2.3', '1.2.3', true],
    ['=1.2.3-a', '1.2.3', false],
    ['<18446744073709551615.0.0', '18446744073709551614.0.0', true],
  ])('E113: %s on %s: %s', (filterValue, property, expected) => {
    expect(versions('semver_wildcard', filterValue, property)).toBe(expected);
  });

  it.each([
    '',
    '**',
    '*.*',
    '*.1',
    '1.*.3',
    '1.*.*.*',
    '1.2.*-a',
    '1.2.*+b',
    '1.2-a',
    '1.2.3.4',
    '1.2.3,',
    ',1',
    '1 2',
    '>=',
    '=>1',
    'latest',
    '1.2.3-',
    '1.2.3-a.',
    '18446744073709551616',
    '>1.18446744073709551616',
    '>1.2.18446744073709551616',
    `${'1,'.repeat(32)}1`,
  ])('E113: %j is an error', (filterValue) => {
    expect(versions('semver_wildcard', filterValue, '1.2.3')).toBe('error');
  });

  it('E113: takes lists of up to 32 comparators', () => {
    expect(versions('semver_wildcard', `${'1,'.repeat(31)}1`, '1.2.3')).toBe(true);
  });

  it.each<['semver_tilde' | 'semver_caret' | 'semver_wildcard', string, string, boolean]>([
    ['semver_tilde', '1.2.3-rc.1', '1.2.3-rc.2', true],
    ['semver_tilde', '1.2.3-rc.1', '1.2.4-rc.2', false],
    ['semver_tilde', '1.2.3', '1.2.4-rc.1', false],
    ['semver_caret', '1.2.3-rc.1', '1.2.3-rc.2', true],
    ['semver_caret', '1.2.3-rc.1', '1.3.0-rc.2', false],
    ['semver_caret', '1.2.3', '1.3.0-rc.1', false],
    ['semver_wildcard', '1.*', '1.3.0-rc.1', false],
    ['semver_wildcard', '>=1.3.0-rc.1', '1.3.0-rc.2', true],
    ['semver_wildcard', '>=1.3.0-rc.1', '1.4.0-rc.2', false],
    ['semver_wildcard', '>=1.3.0-rc.1', '2.3.0-rc.2', false],
    ['semver_wildcard', '<=1.3.0', '1.3.0-rc.1', false],
    ['semver_wildcard', '<1.3.0', '1.3.0-rc.1', false],
  ])('E114: %s %s takes the pre-release %s: %s', (operator, filterValue, property, expected) => {
    expect(versions(operator, filterValue, property)).toBe(expected);
  });

  it('E114: ignores build metadata', () => {
    expect(versions('semver_wildcard', '=1.2.3', '1.2.3+b')).toBe(true);
    expect(versions('semver_wildcard', '=1.2.3+x', '1.2.3+b')).toBe(true);
  });
});
