import { SECONDS_PER_DAY } from './calendar.ts';

/** Before standard time every zone keeps one offset, that of its first entry. */
const FIRST_SECONDS = Date.UTC(1800, 0, 1) / 1000;
/** The reference's tables end here: every zone keeps the offset it has then, so that summers have no time of their own. */
const LAST_SECONDS = Date.UTC(2100, 0, 1) / 1000;
/** Days whose offset is remembered; forgotten all at once when full. */
const MAX_DAYS = 4096;

/** A time zone: turns wall clock readings into instants and back. */
export interface Zone {
  /** Seconds to add to UTC at an instant, to get the wall clock. */
  offsetAt(seconds: number): number;
  /**
   * Instant of a wall clock reading given in seconds as if it were UTC: the earlier one if it occurs twice,
   * NaN if it does not occur (E117).
   */
  instantOf(wall: number): number;
}

export const UTC: Zone = { offsetAt: () => 0, instantOf: (wall) => wall };

const zones = new Map<string, Zone>([
  ['UTC', UTC],
  ['GMT', UTC],
  ['Etc/UTC', UTC],
]);

/** The zone of an IANA name, made once per name; UTC for an unknown name (E117). */
export function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = openZone(name);
    if (zone !== UTC) zones.set(name, zone);
  }
  return zone;
}

function openZone(name: string): Zone {
  // Some runtimes take "+02:00" for a name, others do not; no zone is called that.
  if (!/^[A-Za-z]/.test(name)) return UTC;
  try {
    return new IntlZone(name);
  } catch {
    return UTC; // RangeError: unknown name
  }
}

class IntlZone implements Zone {
  readonly #format: Intl.DateTimeFormat;
  /** Offset by UTC day; NaN for a day on which it changes. */
  readonly #days = new Map<number, number>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  offsetAt(seconds: number): number {
    const day = Math.floor(seconds / SECONDS_PER_DAY);
    let offset = this.#days.get(day);
    if (offset === undefined) {
      // No zone changes its offset and changes it back within one day.
      offset = this.#ask(day * SECONDS_PER_DAY);
      if (this.#ask((day + 1) * SECONDS_PER_DAY) !== offset) offset = NaN;
      if (this.#days.size === MAX_DAYS) this.#days.clear();
      this.#days.set(day, offset);
    }
    return Number.isNaN(offset) ? this.#ask(seconds) : offset;
  }

  instantOf(wall: number): number {
    const before = this.offsetAt(wall - SECONDS_PER_DAY);
    const after = this.offsetAt(wall + SECONDS_PER_DAY);
    if (before === after) return wall - before;
    const early = wall - Math.max(before, after);
    if (this.offsetAt(early) === wall - early) return early;
    const late = wall - Math.min(before, after);
    return this.offsetAt(late) === wall - late ? late : NaN;
  }

  #ask(seconds: number): number {
    const at = Math.floor(Math.min(Math.max(seconds, FIRST_SECONDS), LAST_SECONDS));
    let year = 0;
    let month = 0;
    let day = 0;
    let hour = 0;
    let minute = 0;
    let second = 0;
    for (const { type, value } of this.#format.formatToParts(at * 1000)) {
      const number = Number(value);
      if (type === 'year') year = number;
      else if (type === 'month') month = number;
      else if (type === 'day') day = number;
      else if (type === 'hour') hour = number;
      else if (type === 'minute') minute = number;
      else if (type === 'second') second = number;
    }
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - at;
  }
}
