import { type DateReading, daysFromDate, isDate } from './calendar.ts';
import { readShortMonth, readWeekday, weekdayOf } from './names.ts';
import { readMailZone } from './offset.ts';
import { Scanner } from './scanner.ts';

const COMMA = 44;
const COLON = 58;
const OPEN = 40;
const CLOSE = 41;
const BACKSLASH = 92;

const scan = new Scanner();

/**
 * Reads a date as mail has it (RFC 2822), such as `Tue, 1 Jul 2003 10:52:37 +0200`: weekday and seconds may be left
 * out, comments may follow. Leaves rubbish in `out` if the text is none.
 */
export function readMailDate(text: string, out: DateReading): boolean {
  scan.open(text);
  scan.skipBlanks();
  const weekday = readWeekday(scan);
  if (weekday >= 0 && !scan.skip(COMMA)) return false;
  if (!readDate(out)) return false;
  if (weekday >= 0 && weekdayOf(daysFromDate(out.year, out.month, out.day)) !== weekday) return false;
  if (!readTime(out) || !scan.skipBlanks()) return false;
  out.offset = readMailZone(scan);
  if (Number.isNaN(out.offset)) return false;
  while (!scan.done) if (!skipComment()) return false;
  return true;
}

function readDate(out: DateReading): boolean {
  scan.skipBlanks();
  out.day = scan.number(2);
  if (!scan.skipBlanks()) return false;
  out.month = readShortMonth(scan);
  if (!scan.skipBlanks()) return false;
  const year = scan.number(Infinity);
  out.year = fullYear(year, scan.digits);
  return scan.digits >= 2 && isDate(out.year, out.month, out.day) && scan.skipBlanks();
}

/** Years of two and three digits are of the times of early mail. */
function fullYear(year: number, digits: number): number {
  if (digits === 2) return year < 50 ? year + 2000 : year + 1900;
  return digits === 3 ? year + 1900 : year;
}

/** Blanks may stand around the first colon and before the second. */
function readTime(out: DateReading): boolean {
  out.hour = scan.twoDigits();
  scan.skipBlanks();
  if (!scan.skip(COLON)) return false;
  scan.skipBlanks();
  out.minute = scan.twoDigits();
  out.second = 0;
  out.nanos = 0;
  const end = scan.at;
  scan.skipBlanks();
  if (scan.skip(COLON)) out.second = scan.twoDigits();
  else scan.at = end;
  return out.hour <= 23 && out.minute <= 59 && out.second <= 60;
}

/** Skips blanks and one comment in brackets, which may hold further ones; a backslash takes away a bracket's meaning. */
function skipComment(): boolean {
  scan.skipBlanks();
  if (!scan.skip(OPEN)) return false;
  for (let depth = 1; depth > 0; scan.at++) {
    const unit = scan.next;
    if (Number.isNaN(unit)) return false;
    if (unit === BACKSLASH) scan.at++;
    else if (unit === OPEN) depth++;
    else if (unit === CLOSE) depth--;
  }
  return true;
}
