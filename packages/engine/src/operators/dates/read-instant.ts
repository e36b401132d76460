import { ExactNumber, type JsonValue } from '@halyard/json';
import { parseNumber } from '../numbers.ts';
import { DateReading, MAX_SECONDS, MIN_SECONDS, wallNanos, wallSeconds } from './calendar.ts';
import { readCommonForm } from './common-forms.ts';
import { readIso } from './iso.ts';
import { readMailDate } from './mail-date.ts';
import { parseRelative, secondsBefore } from './relative.ts';
import type { Zone } from './zone.ts';

/** A point in time, exact to the nanosecond. Reused as a scratch object; nobody keeps a reference to one. */
export class Instant {
  /** Whole seconds since the epoch, rounded down. */
  seconds = 0;
  /** From 0; 1 000 000 000 and more is a leap second. */
  nanos = 0;
  /** Whether the text means another instant at another time, as `-7d` does. Set even if there is no instant. */
  usesNow = false;
}

const MILLIS_TO_NANOS = 1_000_000;
/** Tells most texts that are no date at first sight: what is left of E117 has two digits in a row. */
const PLAUSIBLE = /[0-9]{2}/;
const UNIX = /^(?:[0-9]{10}|[0-9]{13}|[0-9]{19})$/;
const I64_MAX = '9223372036854775807';

const reading = new DateReading();

/**
 * Reads a property value as an instant (E116): a number, also as text, is Unix seconds.
 *
 * @param now milliseconds since the epoch
 * @returns whether there is an instant; if not, `out` is rubbish.
 */
export function readPropertyInstant(value: JsonValue, zone: Zone, now: number, out: Instant): boolean {
  if (typeof value === 'number') return readUnixSeconds(value, out);
  if (typeof value !== 'string') {
    return value instanceof ExactNumber && readUnixSeconds(value.value, out);
  }
  if (!looksLikeIso(value)) {
    const number = parseNumber(value);
    if (number !== undefined) return readUnixSeconds(number, out);
  }
  return readInstant(value, zone, now, out);
}

/**
 * Reads a text as an instant (E117).
 *
 * @param now milliseconds since the epoch
 * @returns whether there is an instant; if not, `out.seconds` and `out.nanos` are rubbish.
 */
export function readInstant(text: string, zone: Zone, now: number, out: Instant): boolean {
  out.usesNow = false;
  if (!looksLikeIso(text)) {
    const relative = parseRelative(text);
    if (relative !== undefined) {
      out.usesNow = true;
      out.seconds = Number.isFinite(now) ? secondsBefore(Math.floor(now / 1000), relative, zone) : NaN;
      out.nanos = nanosOfSecond(now);
      return !Number.isNaN(out.seconds);
    }
  }
  if (readIso(text, reading)) return place(zone, out);
  if (!PLAUSIBLE.test(text)) return false;
  if (UNIX.test(text)) return readUnixDigits(text, out);
  if (readMailDate(text, reading)) return place(zone, out);
  const found = readCommonForm(text, Math.floor(now / 1000), nanosOfSecond(now), reading);
  out.usesNow = found === 'a moment of now' || found === 'nothing now';
  return (found === 'a moment' || found === 'a moment of now') && place(zone, out);
}

/** Four digits and a dash: neither a number nor a relative date, whatever follows. */
function looksLikeIso(text: string): boolean {
  const last = text.charCodeAt(3);
  return text.charCodeAt(4) === 45 && last >= 48 && last <= 57;
}

/** Turns `reading` into an instant, in the given zone if it has no offset of its own. */
function place(zone: Zone, out: Instant): boolean {
  const wall = wallSeconds(reading);
  out.seconds = Number.isNaN(reading.offset) ? zone.instantOf(wall) : wall - reading.offset;
  out.nanos = wallNanos(reading);
  return out.seconds >= MIN_SECONDS && out.seconds <= MAX_SECONDS;
}

/** E116: not-a-number is 0; before the epoch the fraction is dropped after rounding down. */
function readUnixSeconds(value: number, out: Instant): boolean {
  if (Number.isNaN(value)) value = 0;
  const fraction = value - Math.trunc(value);
  out.seconds = Math.floor(value);
  out.nanos = fraction > 0 ? Math.round(fraction * 1e9) : 0;
  out.usesNow = false;
  // A fraction that rounds up to a whole second reads as a leap second, which only the last of a minute can be.
  if (out.nanos === 1e9 && (out.seconds - 59) % 60 !== 0) return false;
  return out.seconds >= MIN_SECONDS && out.seconds <= MAX_SECONDS;
}

/** Unix time in seconds, milliseconds or nanoseconds, told apart by the number of digits (E117.5). */
function readUnixDigits(text: string, out: Instant): boolean {
  if (text.length === I64_MAX.length && text > I64_MAX) return false;
  out.seconds = Number(text.slice(0, 10));
  out.nanos = Number(text.slice(10).padEnd(9, '0'));
  return true;
}

function nanosOfSecond(now: number): number {
  return Math.round((now - Math.floor(now / 1000) * 1000) * MILLIS_TO_NANOS);
}
