import { describe, expect, it } from 'vitest';
import { Cell } from '../cell.ts';
import { decide } from '../decide.cases.ts';
import { compileOperator } from '../index.ts';
import { MATCH, MISS } from '../outcome.ts';

const DATE = '"2024-06-01T00:00:00Z"';

describe('is_date_exact, is_date_after, is_date_before', () => {
  it.each([
    ['"2024-06-01T00:00:00Z"', true, false, false],
    ['"2024-06-01"', true, false, false],
    ['1717200000', true, false, false],
    ['"2024-06-01T02:00:00+02:00"', true, false, false],
    ['"2024-06-01T00:00:00.000000001Z"', false, true, false],
    ['"2024-05-31T23:59:59.999999999Z"', false, false, true],
    ['"2024-06-01T12:00:00Z"', false, true, false],
    ['"2024-05-01"', false, false, true],
    ['"never"', false, false, false],
    ['null', false, false, false],
    ['true', false, false, false],
  ])('E115: %s against midnight of 1 June: exact %s, after %s, before %s', (property, exact, after, before) => {
    expect(decide('is_date_exact', DATE, property)).toBe(exact);
    expect(decide('is_date_after', DATE, property)).toBe(after);
    expect(decide('is_date_before', DATE, property)).toBe(before);
  });

  it.each(['1717200000', 'true', '["2024-06-01"]', '"never"', '""', '"2024-02-30"'])(
    'E115: a filter value of %s never matches',
    (filterValue) => {
      for (const operator of ['is_date_exact', 'is_date_after', 'is_date_before']) {
        expect(decide(operator, filterValue, '"2020-01-01"')).toBe(false);
        expect(decide(operator, filterValue, '"2030-01-01"')).toBe(false);
      }
    },
  );

  it('E117: the filter value is read in the team zone', () => {
    const timezone = 'America/Los_Angeles';
    expect(decide('is_date_exact', '"2024-06-01"', '"2024-06-01T07:00:00Z"', { timezone })).toBe(true);
    expect(decide('is_date_exact', '"2024-06-01"', '"2024-06-01 00:00"', { timezone })).toBe(true);
    expect(decide('is_date_exact', '"2024-06-01"', '"2024-06-01T00:00:00Z"', { timezone })).toBe(false);
  });

  it('E119: relative dates work on either side', () => {
    expect(decide('is_date_after', '"-3d"', '"2d"')).toBe(true);
    expect(decide('is_date_before', '"-3d"', '"2d"')).toBe(false);
    expect(decide('is_date_exact', '"-3d"', '"3d"')).toBe(true);
    expect(decide('is_date_before', '"2024-06-09"', '"3d"')).toBe(true);
  });

  it('E119: now is the time of each evaluation', () => {
    const settings = { timezone: 'UTC', propertyMatchingVersion: 1 as const };
    const test = compileOperator('is_date_after', '7d', settings);
    const cell = new Cell('2024-06-05');
    const early = { now: Date.parse('2024-06-10T00:00:00Z') };
    const late = { now: Date.parse('2024-06-20T00:00:00Z') };
    expect(test(cell, early)).toBe(MATCH);
    expect(test(cell, late)).toBe(MISS);
    expect(test(cell, early)).toBe(MATCH);
  });

  it('E117: a filter date without a time moves with the clock', () => {
    const property = '"2021-05-25T12:00:00Z"';
    expect(decide('is_date_after', '"May 25, 2021"', property, { now: '2024-06-10T11:00:00Z' })).toBe(true);
    expect(decide('is_date_after', '"May 25, 2021"', property, { now: '2024-06-10T13:00:00Z' })).toBe(false);
  });

  it('E118: a filter date that falls into a gap of the clock does not match, and later works again', () => {
    const settings = { timezone: 'Europe/Oslo', propertyMatchingVersion: 1 as const };
    const test = compileOperator('is_date_before', '1d', settings);
    const cell = new Cell('2020-01-01');
    expect(test(cell, { now: Date.parse('2024-04-01T00:30:00Z') })).toBe(MISS);
    expect(test(cell, { now: Date.parse('2024-04-01T01:30:00Z') })).toBe(MATCH);
  });
});
