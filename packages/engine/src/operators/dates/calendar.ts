/** A date and time of day as written. Reused as a scratch object; nobody keeps a reference to one. */
export class DateReading {
  year = 0;
  /** 1 to 12. */
  month = 0;
  day = 0;
  hour = 0;
  minute = 0;
  /** 60 is a leap second. */
  second = 0;
  nanos = 0;
  /** Seconds ahead of UTC of the clock that was read; NaN where the text does not say. */
  offset = NaN;
}

export const SECONDS_PER_DAY = 86_400;

/** Years that have instants at all; beyond them the outcome of E115 is "no instant". */
export const MIN_YEAR = -262_143;
export const MAX_YEAR = 262_142;

/** Days of a month of the proleptic Gregorian calendar. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Whether a day exists, in a year that has instants. */
export function isDate(year: number, month: number, day: number): boolean {
  return (
    year >= MIN_YEAR && year <= MAX_YEAR && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
  );
}

/** Days from 1970-01-01 to a date, negative before. Years count from March here, so leap days come last. */
export function daysFromDate(year: number, month: number, day: number): number {
  const fromMarch = month > 2 ? year : year - 1;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Fills in the date that is `days` after 1970-01-01. */
export function dateFromDays(days: number, out: DateReading): void {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  out.day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  out.month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  out.year = yearOfEra + era * 400 + (out.month <= 2 ? 1 : 0);
}

/** A reading as if its clock were UTC, in seconds since 1970; a leap second counts as the one before. */
export function wallSeconds({ year, month, day, hour, minute, second }: DateReading): number {
  return daysFromDate(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + (second === 60 ? 59 : second);
}

/** Nanoseconds of a reading: a leap second continues the one before. */
export function wallNanos({ second, nanos }: DateReading): number {
  return second === 60 ? nanos + 1_000_000_000 : nanos;
}

/** The instants that exist, in seconds since 1970. */
export const MIN_SECONDS = daysFromDate(MIN_YEAR, 1, 1) * SECONDS_PER_DAY;
export const MAX_SECONDS = (daysFromDate(MAX_YEAR, 12, 31) + 1) * SECONDS_PER_DAY - 1;
