import type { Scanner } from './scanner.ts';

const PLUS = 43;
const MINUS = 45;
const COLON = 58;
/** U+2212, which readers of RFC 3339 take for a minus too. */
const MINUS_SIGN = 0x2212;

/** Seconds ahead of UTC must be fewer than this, either way. */
const LIMIT = 86_400;

/** What may stand between the hours and the minutes of an offset. */
export type Separator = 'nothing' | 'one colon' | 'colons and blanks';

/** Hours of the zone abbreviations that mail knows (RFC 2822); daylight saving time is told by the word. */
const HOURS: ReadonlyMap<string, number> = new Map([
  ['gmt', 0],
  ['ut', 0],
  ['edt', -4],
  ['est', -5],
  ['cdt', -5],
  ['cst', -6],
  ['mdt', -6],
  ['mst', -7],
  ['pdt', -7],
  ['pst', -8],
]);

/**
 * Reads `+hhmm` or `-hhmm`.
 *
 * @returns seconds ahead of UTC, NaN if there is no such offset or it is a day or more
 */
export function readOffset(scan: Scanner, separator: Separator, minutesMayMiss = false): number {
  const sign = scan.next;
  if (sign !== PLUS && sign !== MINUS && sign !== MINUS_SIGN) return NaN;
  scan.at++;
  const hours = scan.twoDigits();
  if (separator === 'one colon') {
    if (!scan.skip(COLON)) return NaN;
  } else if (separator === 'colons and blanks') {
    while (scan.skip(COLON) || scan.skipBlanks());
  }
  const minutes = minutesMayMiss && scan.done ? 0 : scan.twoDigits();
  const seconds = hours * 3600 + minutes * 60;
  if (!(minutes <= 59 && seconds < LIMIT)) return NaN;
  return sign === PLUS ? seconds : -seconds;
}

/** The zone of a mail date: an abbreviation, a military letter, which says nothing, or `+hhmm`. NaN for none. */
export function readMailZone(scan: Scanner): number {
  if (scan.next === MINUS_SIGN) return NaN;
  const word = scan.letters();
  if (word === '') return readOffset(scan, 'nothing');
  if (word.length === 1) return word === 'j' ? NaN : 0;
  return (HOURS.get(word) ?? NaN) * 3600;
}

/**
 * The zone at the end of the other forms: an abbreviation, where an unknown one means UTC, or an offset. What follows
 * either is not looked at. NaN for neither.
 */
export function readZone(scan: Scanner, hasColon: boolean): number {
  if (hasColon) return readOffset(scan, 'colons and blanks');
  const word = scan.letters();
  return word === '' ? readOffset(scan, 'nothing') : (HOURS.get(word) ?? 0) * 3600;
}
