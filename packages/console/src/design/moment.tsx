import { useState } from 'react';

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** How long ago, as people say it. */
function ago(time: number, now: number): string {
  const seconds = (time - now) / 1000;
  const unit = units.find(([, size]) => Math.abs(seconds) >= size);
  return unit === undefined ? 'just now' : relative.format(Math.trunc(seconds / unit[1]), unit[0]);
}

interface MomentProps {
  /** ISO 8601. */
  readonly time: string | null;
  /** Date and time instead of how long ago. */
  readonly whole?: boolean;
  /** Both, below each other. */
  readonly both?: boolean;
  /** Without a time it is not known when, rather than that it never was. */
  readonly unknown?: boolean;
}

/** A moment: how long ago, or in the reader's zone; UTC on hover (K63). */
export function Moment({ time, whole = false, both = false, unknown = false }: MomentProps) {
  const [now] = useState(() => Date.now());
  if (time === null) return <span className="quiet">{unknown ? '–' : 'never'}</span>;
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return <span>{time}</span>;
  return (
    <time dateTime={time} title={`${date.toISOString().replace('T', ' ').slice(0, 19)} UTC`}>
      {whole || both ? absolute.format(date) : ago(date.getTime(), now)}
      {both && <span className="quiet small below">{ago(date.getTime(), now)}</span>}
    </time>
  );
}
