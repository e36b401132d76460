import { type JsonValue, parseJson } from '@halyard/json';
import { Cell } from './cell.ts';
import { compileOperator } from './index.ts';
import { ERROR, MATCH } from './outcome.ts';

/** Stands for a property that is not set. */
export const ABSENT = 'absent';

interface Options {
  readonly timezone?: string;
  readonly propertyMatchingVersion?: 1 | 2;
  /** ISO 8601. */
  readonly now?: string;
}

/**
 * Decides one operator, filter value and property value, the latter two written as JSON text, so that a test
 * can say `1.0`. `''` is no filter value, `ABSENT` a property that is not set.
 */
export function decide(
  operator: string,
  filterValue: string,
  propertyValue: string,
  { timezone = 'UTC', propertyMatchingVersion = 1, now = '2024-06-10T12:00:00Z' }: Options = {},
): boolean | 'error' {
  const value = filterValue === '' ? undefined : parseJson(filterValue);
  const test = compileOperator(operator, value, { timezone, propertyMatchingVersion });
  const cell = new Cell(propertyValue === ABSENT ? undefined : parseJson(propertyValue));
  const outcome = test(cell, { now: Date.parse(now) });
  return outcome === ERROR ? 'error' : outcome === MATCH;
}

/** `decide` for values that are at hand. */
export function decideValues(operator: string, filterValue: JsonValue, propertyValue: JsonValue): boolean | 'error' {
  const cell = new Cell(propertyValue);
  const test = compileOperator(operator, filterValue, { timezone: 'UTC', propertyMatchingVersion: 1 });
  const outcome = test(cell, { now: 0 });
  return outcome === ERROR ? 'error' : outcome === MATCH;
}
