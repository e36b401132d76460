import { DateReading, dateFromDays, daysFromDate, daysInMonth, SECONDS_PER_DAY } from './calendar.ts';
import type { Zone } from './zone.ts';

const RELATIVE = /^-?([0-9]+)([hdwmy])$/;
const LIMIT = 10_000;

const date = new DateReading();

/** A stretch of time before now (E118). */
export interface RelativeDate {
  readonly count: number;
  readonly unit: 'h' | 'd' | 'w' | 'm' | 'y';
}

/** Reads a relative date such as `7d` or `-7d`; both mean seven days ago (E118). */
export function parseRelative(text: string): RelativeDate | undefined {
  const match = RELATIVE.exec(text);
  if (match === null) return undefined;
  const count = Number(match[1]);
  return count < LIMIT ? { count, unit: match[2] as RelativeDate['unit'] } : undefined;
}

/**
 * Seconds of the instant that a relative date means, counted back on the zone's wall clock (E118).
 * The part of a second is that of now. NaN if that wall clock reading does not exist.
 *
 * @param now seconds since the epoch, whole
 */
export function secondsBefore(now: number, { count, unit }: RelativeDate, zone: Zone): number {
  const wall = now + zone.offsetAt(now);
  switch (unit) {
    case 'h':
      return zone.instantOf(wall - count * 3600);
    case 'd':
      return zone.instantOf(wall - count * SECONDS_PER_DAY);
    case 'w':
      return zone.instantOf(wall - count * 7 * SECONDS_PER_DAY);
    case 'm':
      return zone.instantOf(monthsBefore(wall, count, 1));
    case 'y':
      return zone.instantOf(monthsBefore(wall, count, 12));
  }
}

/** Goes back `count` steps, clamping the day to the month reached after each step (E118). */
function monthsBefore(wall: number, count: number, step: 1 | 12): number {
  const days = Math.floor(wall / SECONDS_PER_DAY);
  const timeOfDay = wall - days * SECONDS_PER_DAY;
  dateFromDays(days, date);
  let day = date.day;
  let months = date.year * 12 + date.month - 1;
  let left = count;
  // Only a day after the 28th can be clamped, and it soon is.
  for (; left > 0 && day > 28; left--) {
    months -= step;
    day = Math.min(day, daysInMonth(yearOf(months), monthOf(months)));
  }
  months -= left * step;
  return daysFromDate(yearOf(months), monthOf(months), day) * SECONDS_PER_DAY + timeOfDay;
}

function yearOf(months: number): number {
  return Math.floor(months / 12);
}

function monthOf(months: number): number {
  return months - yearOf(months) * 12 + 1;
}
