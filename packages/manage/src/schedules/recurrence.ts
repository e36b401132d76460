import { Cron } from 'croner';

export const intervals = ['daily', 'weekly', 'monthly', 'yearly'] as const;

/** When something happens again (M137): in equal steps of the calendar, or by five cron fields in a time zone. */
export interface Recurrence {
  readonly interval: string | null;
  readonly cron: string | null;
  /** IANA name, for cron fields. */
  readonly timezone: string;
}

/** Whether a text is five fields that cron understands, and some moment fits them. */
export function isCronExpression(text: string): boolean {
  return text.trim().split(/\s+/).length === 5 && nextByCron(text, 0, 'UTC') !== null;
}

/**
 * The first time after `after` at which it happens again.
 *
 * @param from when it was due; steps of the calendar are counted from there
 * @param after milliseconds since the epoch
 * @returns milliseconds since the epoch; `null`: never
 */
export function nextTime({ interval, cron, timezone }: Recurrence, from: number, after: number): number | null {
  if (cron !== null) return nextByCron(cron, after, timezone);
  if (interval === 'daily' || interval === 'weekly') {
    const step = (interval === 'daily' ? 1 : 7) * 24 * 60 * 60 * 1000;
    return from + Math.max(1, Math.floor((after - from) / step) + 1) * step;
  }
  if (interval !== 'monthly' && interval !== 'yearly') return null;
  const months = interval === 'monthly' ? 1 : 12;
  const [start, end] = [new Date(from), new Date(after)];
  const apart = (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth();
  for (let count = Math.max(1, Math.floor(apart / months)); ; count += 1) {
    const time = monthsLater(start, count * months);
    if (time > after) return time;
  }
}

/** The same day of the month as far as that month has it. */
function monthsLater(start: Date, months: number): number {
  const time = new Date(start);
  time.setUTCDate(1);
  time.setUTCMonth(start.getUTCMonth() + months);
  const last = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 0)).getUTCDate();
  time.setUTCDate(Math.min(start.getUTCDate(), last));
  return time.getTime();
}

function nextByCron(text: string, after: number, timezone: string): number | null {
  try {
    return new Cron(text, { timezone, mode: '5-part' }).nextRun(new Date(after))?.getTime() ?? null;
  } catch {
    return null;
  }
}
