import { Instant, readInstant } from './operators/dates/read-instant.ts';
import { parseRelative } from './operators/dates/relative.ts';
import { zoneOf } from './operators/dates/zone.ts';

/** In which zone a text without an offset is read, and relative to which moment. */
export interface DateSettings {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** IANA name; an unknown one counts as UTC. */
  readonly timezone: string;
}

/** The instant that a text means to the date operators (E117), in milliseconds since the epoch; `null` when it means none. */
export function readDate(text: string, { now, timezone }: DateSettings): number | null {
  const instant = new Instant();
  if (!readInstant(text, zoneOf(timezone), now, instant)) return null;
  return instant.seconds * 1000 + Math.floor(instant.nanos / 1e6);
}

/** The same for a relative date such as `-7d` (E118); `null` for every other text. */
export function readRelativeDate(text: string, settings: DateSettings): number | null {
  return parseRelative(text) === undefined ? null : readDate(text, settings);
}
