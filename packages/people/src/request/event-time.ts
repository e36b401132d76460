import { ExactNumber, type JsonValue } from '@halyard/json';

const hour = 3_600_000;
const mostAhead = 23 * hour;

/** Numbers up to here are seconds, above milliseconds: the year 5138, or a day of 1973. */
const mostSeconds = 100_000_000_000;

/** Date.UTC would read the years 0 to 99 as 1900 to 1999. */
const firstYear = -62_167_219_200_000;
const endOfYears = 253_402_300_800_000;

/** What an event and its request say about time. */
export interface TimeClaims {
  readonly timestamp: JsonValue | undefined;
  /** How many ms before its arrival the event happened. */
  readonly offset: JsonValue | undefined;
  /** The client's clock when it sent the request, in ms; undefined where it is unknown or not to be used. */
  readonly sentAt: number | undefined;
}

/**
 * When an event happened, in ms since 1970, corrected by what the client's clock is off (I120). Never later than 23 hours
 * from now.
 */
export function eventTime(claims: TimeClaims, now: number): number {
  const time = claimedTime(claims, now);
  if (time === undefined || Number.isNaN(time) || time > now + mostAhead) return now;
  return time < firstYear || time >= endOfYears ? 0 : Math.trunc(time);
}

function claimedTime({ timestamp, offset, sentAt }: TimeClaims, now: number): number | undefined {
  const before = numberOf(offset);
  if (before !== undefined) return now - before;
  const said = readTime(timestamp);
  return said === undefined || sentAt === undefined ? said : said - (sentAt - now);
}

const TIME =
  /^([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** ms since 1970 of what SDKs write as a time (I121): RFC 3339, a date, without zone (UTC), epoch seconds or ms. */
export function readTime(value: JsonValue | undefined): number | undefined {
  const number = numberOf(value);
  if (number !== undefined) return Math.abs(number) < mostSeconds ? number * 1000 : number;
  if (typeof value !== 'string') return undefined;
  const match = TIME.exec(value.trim());
  if (match === null) return undefined;
  const [year, month, day, hours, minutes, seconds] = match.slice(1, 7).map((digits) => Number(digits ?? 0));
  const fields = [month, day, hours, minutes, seconds] as [number, number, number, number, number];
  if (!areFields(year as number, ...fields)) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year as number, fields[0] - 1, fields[1]);
  date.setUTCHours(fields[2], fields[3], Math.min(fields[4], 59), Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000));
  return date.getTime() - zoneMs(match[8]);
}

/** Like `readTime`, for a place where only a text with date, time and zone is one (I40, I41). */
export function readRfc3339(value: JsonValue | undefined): number | undefined {
  const isWhole = typeof value === 'string' && /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d.*([Zz]|[+-]\d\d:\d\d)$/.test(value);
  return isWhole ? readTime(value) : undefined;
}

/** A leap second is 60; `Date` would roll over whatever else is out of range. */
function areFields(year: number, month: number, day: number, hours: number, minutes: number, seconds: number): boolean {
  if (month < 1 || month > 12 || day < 1 || hours > 23 || minutes > 59 || seconds > 60) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= days;
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || /^[zu]/i.test(zone)) return 0;
  const size = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', ''));
  return size * 60_000 * (zone.startsWith('-') ? -1 : 1);
}

function numberOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof ExactNumber) return value.value;
  return typeof value === 'string' && /^\d{9,16}(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
}
