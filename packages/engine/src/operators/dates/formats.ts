import { DateReading, dateFromDays, daysFromDate, isDate, SECONDS_PER_DAY } from './calendar.ts';

/** What `readCommonFormat` found. */
export const NO_DATE = 0;
/** A date and time of its own. */
export const FIXED = 1;
/** A reading completed with today's date or the present time of day. */
export const FROM_NOW = 2;

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const WEEKDAYS = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed']; // 1970-01-01 was a Thursday

/** Abbreviations with a meaning of their own; any other one reads as UTC, as mail readers do (RFC 2822). */
const HOURS_OF_ZONE: ReadonlyMap<string, number> = new Map([
  ['edt', -4],
  ['est', -5],
  ['cdt', -5],
  ['cst', -6],
  ['mdt', -6],
  ['mst', -7],
  ['pdt', -7],
  ['pst', -8],
]);

const TIME =
  '(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?:\\.(?<fraction>[0-9]{1,9}))?)?(?:\\s*(?<half>am|pm|AM|PM))?';
const ZONE = '(?<zone>[A-Za-z]{3,6}|[+-][0-9]{2}(?::?[0-9]{2})?)';
const NAME = '(?<name>[A-Za-z]{3,9})';

/** The forms of E117.5, first match wins. All are anchored and short, and so is the text. */
const FORMATS: readonly RegExp[] = [
  // RFC 2822
  `(?:(?<weekday>[A-Za-z]{3}),\\s*)?(?<day>[0-9]{1,2})\\s+(?<name>[A-Za-z]{3})\\s+(?<year>[0-9]{4})\\s+${TIME}\\s+(?<zone>[A-Za-z]{1,6}|[+-][0-9]{4})`,
  `(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})\\s+${TIME}(?:\\s*${ZONE})?`,
  `(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})\\s*${ZONE}`,
  `(?<year>[0-9]{4})-${NAME}-(?<day>[0-9]{2})`,
  `${TIME}(?:\\s+${ZONE})?`,
  `(?<name>[A-Za-z]{3})\\s+(?<day>[0-9]{1,2})(?:\\s+at)?\\s+${TIME}`,
  `${NAME}\\.?\\s+(?<day>[0-9]{1,2}),?\\s+(?<year>[0-9]{2,4})(?:,?(?:\\s+at)?\\s+${TIME}(?:\\s+${ZONE})?)?`,
  `(?<day>[0-9]{1,2})\\s+${NAME}\\s+(?<year>[0-9]{2,4})(?:,?\\s+${TIME})?`,
  `(?<month>[0-9]{1,2})/(?<day>[0-9]{1,2})/(?<year>[0-9]{2,4})(?:\\s+${TIME})?`,
  `(?<year>[0-9]{4})/(?<month>[0-9]{1,2})/(?<day>[0-9]{1,2})(?:\\s+${TIME})?`,
  '(?<month>[0-9]{1,2})\\.(?<day>[0-9]{1,2})\\.(?<year>[0-9]{4}|[0-9]{2})',
  '(?<year>[0-9]{4})\\.(?<month>[0-9]{1,2})\\.(?<day>[0-9]{1,2})',
].map((format) => new RegExp(`^${format}$`));

/** No form is longer. */
const MAX_LENGTH = 64;
const PLAUSIBLE = /^[0-9A-Za-z].*[0-9][0-9]/s;

type Groups = Readonly<Record<string, string | undefined>>;

const today = new DateReading();

/**
 * Reads one of the common date formats (E117.5). Without a zone they are in UTC; a date without a time takes
 * the present time of day, a time without a date is today.
 *
 * @param now whole seconds since the epoch
 * @param nowNanos the rest of now
 */
export function readCommonFormat(
  text: string,
  now: number,
  nowNanos: number,
  out: DateReading,
): typeof NO_DATE | typeof FIXED | typeof FROM_NOW {
  if (text.length > MAX_LENGTH || !PLAUSIBLE.test(text)) return NO_DATE;
  for (const format of FORMATS) {
    const groups = format.exec(text)?.groups;
    if (groups === undefined) continue;
    out.offset = offsetOf(groups['zone']);
    readNow(now + out.offset, nowNanos, today);
    if (readDate(groups, out) && readTime(groups, out)) {
      return groups['day'] !== undefined && groups['year'] !== undefined && groups['hour'] !== undefined
        ? FIXED
        : FROM_NOW;
    }
  }
  return NO_DATE;
}

/** Year, month and day; those not written are today's. */
function readDate(groups: Groups, out: DateReading): boolean {
  out.year = yearOf(groups['year']);
  out.month = monthOf(groups);
  out.day = groups['day'] === undefined ? today.day : Number(groups['day']);
  if (!isDate(out.year, out.month, out.day)) return false;
  const weekday = groups['weekday']?.toLowerCase();
  if (weekday === undefined) return true;
  const days = daysFromDate(out.year, out.month, out.day);
  return WEEKDAYS[((days % 7) + 7) % 7] === weekday;
}

function yearOf(text: string | undefined): number {
  if (text === undefined) return today.year;
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 70 ? year + 2000 : year + 1900;
}

function monthOf({ name, month }: Groups): number {
  if (name === undefined) return month === undefined ? today.month : Number(month);
  const word = name.toLowerCase();
  return MONTHS.findIndex((full) => full === word || full.slice(0, 3) === word) + 1;
}

/** The time of day; one that is not written is the present one. */
function readTime({ hour, minute, second, fraction, half }: Groups, out: DateReading): boolean {
  if (hour === undefined) {
    out.hour = today.hour;
    out.minute = today.minute;
    out.second = today.second;
    out.nanos = today.nanos;
    return true;
  }
  out.hour = Number(hour);
  out.minute = Number(minute);
  out.second = Number(second ?? 0);
  out.nanos = Number((fraction ?? '').padEnd(9, '0'));
  if (half !== undefined) {
    if (out.hour < 1 || out.hour > 12) return false;
    out.hour = (out.hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  }
  return out.hour <= 23 && out.minute <= 59 && out.second <= 60;
}

/** Seconds ahead of UTC of an abbreviation or of `+hh`, `+hhmm`, `+hh:mm`; 0 for none. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined) return 0;
  const sign = zone[0];
  if (sign !== '+' && sign !== '-') return (HOURS_OF_ZONE.get(zone.toLowerCase()) ?? 0) * 3600;
  const digits = zone.slice(1).replace(':', '');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return sign === '-' ? -seconds : seconds;
}

function readNow(seconds: number, nanos: number, out: DateReading): void {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = seconds - days * SECONDS_PER_DAY;
  dateFromDays(days, out);
  out.hour = Math.floor(rest / 3600);
  out.minute = Math.floor(rest / 60) % 60;
  out.second = rest % 60;
  out.nanos = nanos;
}
