import type { DateReading } from './calendar.ts';
import { readMonth, readShortMonth } from './names.ts';
import { readOffset } from './offset.ts';
import { Scanner } from './scanner.ts';

const POINT = 46;
const PERCENT = 37;
const BLANK = 32;

const HALVES = ['am', 'pm'];

const scan = new Scanner();

/**
 * Reads a whole text by a layout in the letters of `strftime`:
 *
 * | letter | field |
 * | --- | --- |
 * | `%Y` | year: up to four digits, or any number of them after a sign |
 * | `%y` | year of two digits, 1970 to 2069 |
 * | `%B` `%b` | month by its name, or by the first three letters alone |
 * | `%m` `%d` | month, day |
 * | `%H` `%I` | hour of the day, hour from 1 to 12 that `%P` (am or pm) completes |
 * | `%M` `%S` `%f` | minute, second, point and fraction if there is a point |
 * | `%z` `%Z` | offset, zone whose meaning is not looked at |
 *
 * Blanks may stand before every number, and any number of them, or none, where the layout has a blank.
 * What the layout does not name keeps its value in `out`, but an hour sets back what is smaller than it.
 *
 * @returns whether the text has this layout and its time of day exists; if not, `out` is rubbish. The date may be one that
 * does not exist.
 */
export function readLayout(text: string, layout: string, out: DateReading): boolean {
  scan.open(text);
  for (let i = 0; i < layout.length; i++) {
    const unit = layout.charCodeAt(i);
    if (unit === BLANK) scan.skipBlanks();
    else if (unit === PERCENT) {
      if (!readField(layout.charAt(++i), out)) return false;
    } else if (!scan.skip(unit)) return false;
  }
  return scan.done;
}

/** Reads one field; whether it was there and is within its bounds. */
function readField(letter: string, out: DateReading): boolean {
  switch (letter) {
    case 'Y':
      out.year = scan.year();
      return scan.digits > 0;
    case 'y':
      out.year = scan.upToTwoDigits();
      out.year += out.year < 70 ? 2000 : 1900;
      return scan.digits > 0;
    case 'B':
      out.month = readMonth(scan);
      return out.month > 0;
    case 'b':
      out.month = readShortMonth(scan);
      return out.month > 0;
    case 'm':
      out.month = scan.upToTwoDigits();
      return scan.digits > 0;
    case 'd':
      out.day = scan.upToTwoDigits();
      return scan.digits > 0;
    case 'H':
      startTime(out);
      return out.hour <= 23;
    case 'I':
      startTime(out);
      return out.hour >= 1 && out.hour <= 12;
    case 'P':
      return readHalf(out);
    case 'M':
      out.minute = scan.upToTwoDigits();
      return out.minute <= 59;
    case 'S':
      out.second = scan.upToTwoDigits();
      return out.second <= 60;
    case 'f':
      if (scan.skip(POINT)) out.nanos = scan.nanos();
      return !Number.isNaN(out.nanos);
    case 'z':
      scan.skipBlanks();
      out.offset = readOffset(scan, 'colons and blanks', true);
      return !Number.isNaN(out.offset);
    case 'Z':
      scan.skipWord();
      return true;
    default:
      throw new Error(`no such field in a date layout: %${letter}`);
  }
}

function startTime(out: DateReading): void {
  out.hour = scan.upToTwoDigits();
  out.second = 0;
  out.nanos = 0;
}

/** Which half of the day an hour from 1 to 12 is in. */
function readHalf(out: DateReading): boolean {
  const half = scan.oneOf(HALVES, 2);
  out.hour = (out.hour % 12) + half * 12;
  return half >= 0;
}
