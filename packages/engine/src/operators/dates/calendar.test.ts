import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DateReading, dateFromDays, daysFromDate, daysInMonth, isDate, MAX_SECONDS, MIN_SECONDS } from './calendar.ts';

describe('calendar', () => {
  it('counts days as the platform does', () => {
    const date = new DateReading();
    fc.assert(
      fc.property(fc.integer({ min: -95_000_000, max: 95_000_000 }), (days) => {
        const expected = new Date(days * 86_400_000);
        dateFromDays(days, date);
        expect([date.year, date.month, date.day]).toEqual([
          expected.getUTCFullYear(),
          expected.getUTCMonth() + 1,
          expected.getUTCDate(),
        ]);
        expect(daysFromDate(date.year, date.month, date.day)).toBe(days);
      }),
      { seed: 117, numRuns: 2000 },
    );
  });

  it.each([
    [2024, 2, 29],
    [2023, 2, 28],
    [2000, 2, 29],
    [1900, 2, 28],
    [2024, 4, 30],
    [2024, 12, 31],
  ])('%d-%d has %d days', (year, month, days) => {
    expect(daysInMonth(year, month)).toBe(days);
    expect(isDate(year, month, days)).toBe(true);
    expect(isDate(year, month, days + 1)).toBe(false);
  });

  it('E116: ends at the years that have instants', () => {
    expect(isDate(262_142, 12, 31)).toBe(true);
    expect(isDate(262_143, 1, 1)).toBe(false);
    expect(isDate(-262_143, 1, 1)).toBe(true);
    expect(isDate(-262_144, 12, 31)).toBe(false);
    expect(new Date(MIN_SECONDS * 1000).toISOString()).toBe('-262143-01-01T00:00:00.000Z');
    expect(new Date(MAX_SECONDS * 1000).toISOString()).toBe('+262142-12-31T23:59:59.000Z');
  });
});
