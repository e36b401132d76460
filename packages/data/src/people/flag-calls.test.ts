import { describe, expect, it } from 'vitest';
import { flagCallDay } from './flag-calls.ts';

const now = Date.UTC(2026, 10, 30, 9);
const day = 86_400_000;

describe('the day of a flag call', () => {
  it.each([
    ['a moment ago', now - 1, '2026-11-30'],
    ['yesterday', now - day, '2026-11-29'],
    ['tomorrow, by a clock that is ahead', now + 20 * 3_600_000, '2026-12-01'],
    ['almost a week ago', now - 7 * day + 1, '2026-11-23'],
    ['long ago, which would make a row for any day that ever was', now - 7 * day, '2026-11-30'],
    ['in the year 0', Date.UTC(0, 0, 1) - 1900 * 366 * day, '2026-11-30'],
    ['never', Number.NaN, '2026-11-30'],
  ])('I110: %s', (_, time, expected) => {
    expect(flagCallDay(time, now)).toBe(expected);
  });
});
