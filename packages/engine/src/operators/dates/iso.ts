import { type DateReading, isDate } from './calendar.ts';

const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const COLON = 58;
const UPPER_T = 84;
const LOWER_T = 116;
/** U+2212, which RFC 3339 readers take for a minus too. */
const MINUS_SIGN = 0x2212;

// The text being read, how far, and how many digits the last number had.
let source = '';
let at = 0;
let digits = 0;

/**
 * Reads the forms 2, 3 and 4 of E117: a timestamp with an offset, a date, which means its midnight, and a
 * date with a time. Leaves rubbish in `out` if the text is none of them.
 */
export function readIso(text: string, out: DateReading): boolean {
  source = text;
  at = 0;
  out.hour = 0;
  out.minute = 0;
  out.second = 0;
  out.nanos = 0;
  out.offset = NaN;

  // Form 2 has fixed widths and no blanks; the other two are laxer.
  out.year = readYear();
  let strict = at === 4 && digits === 4;
  if (!skip(MINUS)) return false;
  out.month = readNumber();
  strict &&= at === 7 && digits === 2;
  if (!skip(MINUS)) return false;
  out.day = readNumber();
  strict &&= at === 10 && digits === 2;
  if (!isDate(out.year, out.month, out.day)) return false;
  if (at === text.length) return true;

  const separator = text.charCodeAt(at);
  if (separator !== UPPER_T && separator !== LOWER_T && !isBlank(separator)) return false;
  at++;
  out.hour = readNumber();
  strict &&= at === 13 && digits === 2;
  if (!(out.hour <= 23) || !skip(COLON)) return false;
  out.minute = readNumber();
  strict &&= at === 16 && digits === 2;
  if (!(out.minute <= 59)) return false;
  if (at === text.length) return separator !== LOWER_T;
  if (!skip(COLON)) return false;
  out.second = readNumber();
  strict &&= at === 19 && digits === 2;
  if (!(out.second <= 60)) return false;
  if (text.charCodeAt(at) === POINT && !readFraction(out)) return false;
  if (at === text.length) return separator !== LOWER_T;
  return strict && readOffset(out);
}

/** Up to two digits after optional blanks; NaN if there is none. */
function readNumber(): number {
  while (isBlank(source.charCodeAt(at))) at++;
  return readDigits(2);
}

/** Up to four digits, or any number of them after a sign. */
function readYear(): number {
  while (isBlank(source.charCodeAt(at))) at++;
  const sign = source.charCodeAt(at);
  if (sign !== PLUS && sign !== MINUS) return readDigits(4);
  at++;
  const year = readDigits(Infinity);
  return sign === MINUS ? -year : year;
}

function readDigits(most: number): number {
  let value = 0;
  for (digits = 0; digits < most; digits++, at++) {
    const digit = source.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    value = value * 10 + digit;
  }
  return digits === 0 ? NaN : value;
}

/** A point and digits; those after the ninth do not count. */
function readFraction(out: DateReading): boolean {
  at++;
  let nanos = readDigits(9);
  if (digits === 0) return false;
  for (let missing = digits; missing < 9; missing++) nanos *= 10;
  out.nanos = nanos;
  readDigits(Infinity);
  return true;
}

/** `Z` or hours and minutes with a sign, up to the end of the text. */
function readOffset(out: DateReading): boolean {
  const sign = source.charCodeAt(at++);
  out.offset = 0;
  if (sign === 90 || sign === 122) return at === source.length;
  if (sign !== PLUS && sign !== MINUS && sign !== MINUS_SIGN) return false;
  const hours = readDigits(2);
  if (digits !== 2 || hours > 23 || !skip(COLON)) return false;
  const minutes = readDigits(2);
  if (digits !== 2 || minutes > 59) return false;
  out.offset = (hours * 3600 + minutes * 60) * (sign === PLUS ? 1 : -1);
  return at === source.length;
}

function skip(unit: number): boolean {
  if (source.charCodeAt(at) !== unit) return false;
  at++;
  return true;
}

function isBlank(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13);
}
