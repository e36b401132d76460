import { WHITE_SPACE } from '../white-space.ts';
import { type DateReading, dateFromDays, isDate, SECONDS_PER_DAY } from './calendar.ts';
import { readLayout } from './layout.ts';
import { readZone } from './offset.ts';
import { Scanner } from './scanner.ts';

/** What `readCommonForm` found. */
export type Found =
  /** No date, now or at any other time. */
  | 'nothing'
  /** No date now, but perhaps at another time: the 30th of this month. */
  | 'nothing now'
  /** A date and time of its own. */
  | 'a moment'
  /** A reading completed with today's date or the present time of day. */
  | 'a moment of now';

interface Layout {
  readonly text: string;
  /** Whether it says the whole date and the time of day. */
  readonly complete: boolean;
}

interface Form {
  /** What a text must look like. Its group `zone` says what the layout's `%Z` means. */
  readonly shape: RegExp;
  /** How such a text may be read, first match wins. */
  readonly layouts: readonly Layout[];
  /** What is taken out before it is read by a layout. */
  readonly noise: RegExp | null;
}

const S = WHITE_SPACE;
const YMD = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const DAY = '[0-9]{1,2}';
const MONTH = '[A-Za-z]{3,9}';
const YEAR = '[0-9]{2,4}';
const TIME = '[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?';
const TIME_OF_TWO = '[0-9]{2}:[0-9]{2}(?::[0-9]{2})?';
const FRACTION = '(?:\\.[0-9]{1,9})?';
const HALF = `(?:${S}*(?:am|pm|AM|PM))?`;
/** Letters, digits and, as the reference has it, all signs from plus to colon. */
const ZONE = '(?<zone>[+-:A-Za-z]{3,6})';

/**
 * The forms of E117.5 in the order in which they are tried. No shape has two runs of any length
 * that could share characters, so that looking for it takes time in proportion to the text.
 */
const FORMS: readonly Form[] = [
  // 2019-11-29 08:08:05-08
  form(`^${YMD}${S}+${TIME_OF_TWO}${FRACTION}[+-:]{3,6}$`, ['%Y-%m-%d %H:%M:%S%f%z', '%Y-%m-%d %H:%M%z']),
  // 2014-04-26 05:24:37 PM
  form(`^${YMD}${S}+${TIME_OF_TWO}${HALF}$`, ['%Y-%m-%d %I:%M:%S %P', '%Y-%m-%d %I:%M %P']),
  // 2017-11-25 13:31:15 PST
  form(`^${YMD}${S}+${TIME_OF_TWO}${FRACTION}${S}*${ZONE}$`, [
    '%Y-%m-%d %H:%M:%S %Z',
    '%Y-%m-%d %H:%M %Z',
    '%Y-%m-%d %H:%M:%S%f %Z',
  ]),
  // 2021-02-21 PST
  form(`^${YMD}${S}*${ZONE}$`, ['%Y-%m-%d %Z']),
  // 4:00pm
  form(`^${TIME}${HALF}$`, ['%H:%M:%S', '%H:%M', '%I:%M:%S %P', '%I:%M %P']),
  // 6:00 AM PST
  form(`^${TIME}${HALF}${S}+${ZONE}$`, ['%H:%M:%S %Z', '%H:%M %Z', '%I:%M:%S %P %Z', '%I:%M %P %Z']),
  // 2021-Feb-21
  form(`^[0-9]{4}-${MONTH}-[0-9]{2}$`, ['%Y-%b-%d']),
  // May 6 at 9:24 PM
  form(`^[A-Za-z]{3}${S}+${DAY}(?:${S}*at)?${S}+${TIME}${HALF}$`, ['%b %d at %I:%M %P', '%b %d %H:%M:%S']),
  // May 8, 2009 5:57:51 PM
  form(
    `^${MONTH}\\.?${S}+${DAY},${S}+${YEAR},?${S}+${TIME}${HALF}$`,
    ['%B %d %Y %H:%M:%S', '%B %d %Y %H:%M', '%B %d %Y %I:%M:%S %P', '%B %d %Y %I:%M %P'],
    /[,.](?= )/g,
  ),
  // May 26, 2021, 12:49 AM PDT
  form(
    `^${MONTH}${S}+${DAY},?${S}+[0-9]{4}(?:${S}*(?:,(?:at)?|at))?${S}+${TIME_OF_TWO}${HALF}${S}+${ZONE}$`,
    ['%B %d %Y %H:%M:%S %Z', '%B %d %Y %H:%M %Z', '%B %d %Y %I:%M:%S %P %Z', '%B %d %Y %I:%M %P %Z'],
    /,|at/g,
  ),
  // Oct. 7, 1970
  form(`^${MONTH}\\.?${S}+${DAY},${S}+${YEAR}$`, ['%B %d %y', '%B %d %Y'], /[,.](?= )/g),
  // 14 May 2019 19:11:40.164
  form(
    `^${DAY}${S}+${MONTH}${S}+${YEAR},?${S}+${TIME}${FRACTION}$`,
    ['%d %B %Y %H:%M:%S%f', '%d %B %Y %H:%M'],
    /,(?= )/g,
  ),
  // 7 oct 70
  form(`^${DAY}${S}+${MONTH}${S}+${YEAR}$`, ['%d %B %y', '%d %B %Y']),
  // 8/8/1965 01:00 PM
  form(`^${DAY}/${DAY}/${YEAR}${S}+${TIME}${FRACTION}${HALF}$`, [
    '%m/%d/%y %H:%M:%S%f',
    '%m/%d/%y %H:%M',
    '%m/%d/%y %I:%M:%S %P',
    '%m/%d/%y %I:%M %P',
    '%m/%d/%Y %H:%M:%S%f',
    '%m/%d/%Y %H:%M',
    '%m/%d/%Y %I:%M:%S %P',
    '%m/%d/%Y %I:%M %P',
  ]),
  // 08/21/71
  form(`^${DAY}/${DAY}/${YEAR}$`, ['%m/%d/%y', '%m/%d/%Y']),
  // 2012/03/19 10:11:59.3186369
  form(`^[0-9]{4}/${DAY}/${DAY}${S}+${TIME}${FRACTION}${HALF}$`, [
    '%Y/%m/%d %H:%M:%S%f',
    '%Y/%m/%d %H:%M',
    '%Y/%m/%d %I:%M:%S %P',
    '%Y/%m/%d %I:%M %P',
  ]),
  // 2014/3/31
  form(`^[0-9]{4}/${DAY}/${DAY}$`, ['%Y/%m/%d']),
  // 3.31.2014, 2014.03.30, 2014.03
  form('[0-9][^\\n][0-9]{2}', ['%m.%d.%y', '%m.%d.%Y', '%Y.%m.%d', '%Y.%m']),
  // 171113 14:14:20
  form(`[0-9]{6}${S}+[0-9]{2}:[0-9]{2}:[0-9]{2}`, ['%y%m%d %H:%M:%S']),
  // 2014年04月08日11时25分18秒
  form('^[0-9]{4}年[0-9]{2}月[0-9]{2}日[0-9]{2}时[0-9]{2}分[0-9]{2}秒$', ['%Y年%m月%d日%H时%M分%S秒']),
  // 2014年04月08日
  form('^[0-9]{4}年[0-9]{2}月[0-9]{2}日$', ['%Y年%m月%d日']),
];

/** What is left of them once the first character is known to be a digit, or not to be one. */
const FROM_DIGIT = FORMS.filter(({ shape }) => !shape.source.startsWith('^[A-Za-z]'));
const FROM_OTHERS = FORMS.filter(({ shape }) => !shape.source.startsWith('^[0-9]'));

const scan = new Scanner();

function form(shape: string, layouts: readonly string[], noise: RegExp | null = null): Form {
  return { shape: new RegExp(shape), layouts: layouts.map(layoutOf), noise };
}

function layoutOf(text: string): Layout {
  return { text, complete: /%[Yy]/.test(text) && text.includes('%d') && /%[HI]/.test(text) };
}

/**
 * Reads one of the common date forms (E117.5). Without a zone they are in UTC; a date without a time takes the
 * present time of day, a time without a date is today.
 *
 * @param now whole seconds since the epoch
 * @param nowNanos the rest of now
 */
export function readCommonForm(text: string, now: number, nowNanos: number, out: DateReading): Found {
  let found: Found = 'nothing';
  const forms = /^[0-9]/.test(text) ? FROM_DIGIT : FROM_OTHERS;
  for (const { shape, layouts, noise } of forms) {
    const match = shape.exec(text);
    if (match === null) continue;
    const offset = offsetOf(match.groups?.['zone']);
    if (Number.isNaN(offset)) continue;
    const clean = noise === null ? text : text.replace(noise, '');
    for (const { text: layout, complete } of layouts) {
      readNow(now + offset, nowNanos, out);
      out.offset = offset;
      if (!readLayout(clean, layout, out)) continue;
      if (isDate(out.year, out.month, out.day)) return complete ? 'a moment' : 'a moment of now';
      if (!complete) found = 'nothing now';
    }
  }
  return found;
}

/** Seconds ahead of UTC of the zone that is written, 0 where none is. NaN if it is none. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined) return 0;
  scan.open(zone);
  return readZone(scan, zone.includes(':'));
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
