import type { Scanner } from './scanner.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const REST = ['uary', 'ruary', 'ch', 'il', '', 'e', 'y', 'ust', 'tember', 'ober', 'ember', 'ember'];
const WEEKDAYS = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed']; // 1970-01-01 was a Thursday

/** Reads the first three letters of an English month, in any case: 1 to 12, or 0 for none. */
export function readShortMonth(scan: Scanner): number {
  return scan.oneOf(MONTHS, 3) + 1;
}

/** The same, and the rest of the month's name where it is written. */
export function readMonth(scan: Scanner): number {
  const month = readShortMonth(scan);
  if (month > 0) scan.skipText(REST[month - 1] as string); // month is 1 to 12
  return month;
}

/** Reads the first three letters of an English weekday, in any case: a number for `weekdayOf`, or -1 for none. */
export function readWeekday(scan: Scanner): number {
  return scan.oneOf(WEEKDAYS, 3);
}

/** The weekday of a day counted from 1970-01-01. */
export function weekdayOf(days: number): number {
  return ((days % 7) + 7) % 7;
}
