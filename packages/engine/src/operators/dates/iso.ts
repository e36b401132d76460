import { type DateReading, isDate } from './calendar.ts';
import { readOffset } from './offset.ts';
import { Scanner } from './scanner.ts';

const MINUS = 45;
const POINT = 46;
const COLON = 58;
const BLANK = 32;
const UPPER_T = 84;
const LOWER_T = 116;
const UPPER_Z = 90;
const LOWER_Z = 122;

const scan = new Scanner();

/**
 * Reads the forms 2, 3 and 4 of E117: a timestamp with an offset, a date, which means its midnight, and a
 * date with a time. Leaves rubbish in `out` if the text is none of them.
 */
export function readIso(text: string, out: DateReading): boolean {
  scan.open(text);
  out.hour = 0;
  out.minute = 0;
  out.second = 0;
  out.nanos = 0;
  out.offset = NaN;

  // Form 2 has fixed widths and no blanks; the other two are laxer.
  out.year = scan.year();
  let strict = scan.at === 4 && scan.digits === 4;
  if (!scan.skip(MINUS)) return false;
  out.month = scan.upToTwoDigits();
  strict &&= scan.at === 7 && scan.digits === 2;
  if (!scan.skip(MINUS)) return false;
  out.day = scan.upToTwoDigits();
  strict &&= scan.at === 10 && scan.digits === 2;
  if (!isDate(out.year, out.month, out.day)) return false;
  if (scan.done) return true;

  // Form 4 has a T or white space, which may be missing too: the day ends with its second digit.
  const separator = scan.next;
  if (separator === UPPER_T || separator === LOWER_T) scan.at++;
  else strict &&= separator === BLANK;
  out.hour = scan.upToTwoDigits();
  strict &&= scan.at === 13 && scan.digits === 2;
  if (!(out.hour <= 23) || !scan.skip(COLON)) return false;
  out.minute = scan.upToTwoDigits();
  strict &&= scan.at === 16 && scan.digits === 2;
  if (!(out.minute <= 59)) return false;
  if (scan.done) return separator !== LOWER_T;
  if (!scan.skip(COLON)) return false;
  out.second = scan.upToTwoDigits();
  strict &&= scan.at === 19 && scan.digits === 2;
  if (!(out.second <= 60)) return false;
  if (scan.skip(POINT)) out.nanos = scan.nanos();
  if (Number.isNaN(out.nanos)) return false;
  if (scan.done) return separator !== LOWER_T;
  return strict && readZone(out);
}

/** `Z` or hours and minutes with a sign, up to the end of the text. */
function readZone(out: DateReading): boolean {
  out.offset = scan.skip(UPPER_Z) || scan.skip(LOWER_Z) ? 0 : readOffset(scan, 'one colon');
  return !Number.isNaN(out.offset) && scan.done;
}
