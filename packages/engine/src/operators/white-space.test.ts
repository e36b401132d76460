import { describe, expect, it } from 'vitest';
import { decide } from './decide.cases.ts';

/** Whether a version is read with this character around it (E109). */
const isTrimmed = (unit: number): boolean => {
  const sign = String.fromCharCode(unit);
  return decide('semver_eq', '"1.2.3"', JSON.stringify(`${sign}1.2.3${sign}`)) === true;
};

describe('E109: white space is that of Unicode', () => {
  const all = [
    [0x09, 0x0d],
    [0x20, 0x20],
    [0x85, 0x85],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
  ].concat([0x2028, 0x2029, 0x202f, 0x205f, 0x3000].map((unit) => [unit, unit])) as [number, number][];

  it('and nothing else in the first plane', () => {
    const expected = all.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
    const candidates = [...Array(0x3100).keys(), 0xfeff, 0xfffe].filter((unit) => unit < 0x100 || unit > 0x1600);
    expect(candidates.filter((unit) => isTrimmed(unit))).toEqual(expected);
  });

  it('at either end, however much, also where there is nothing else', () => {
    expect(decide('semver_eq', '"1.2.3"', '"  \\t1.2.3\\u2028 "')).toBe(true);
    expect(decide('semver_eq', '"1.2.3"', '"   "')).toBe(false);
    expect(decide('semver_eq', '"   "', '"1.2.3"')).toBe('error');
  });
});
