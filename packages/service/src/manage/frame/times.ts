const STORED = /^(\d{4,6}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d(?::?\d\d)?)$/;

/**
 * A time as callers get it: ISO 8601, UTC, microseconds, `Z` (M24).
 *
 * @param stored as PostgreSQL writes it in text or JSON, in whatever zone; null stays null
 */
export function apiTime(stored: string | null): string | null {
  const [, day, time, fraction = '', zone = ''] = stored === null ? [] : (STORED.exec(stored) ?? []);
  if (day === undefined || time === undefined) return null;
  const at = new Date(`${day}T${time}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone}`);
  return `${at.toISOString().slice(0, 19)}.${fraction.padEnd(6, '0')}Z`;
}
