import type { JsonObject } from '@halyard/json';
import type { Parts } from '../doors/door.ts';
import { type Verdict, verdict } from '../report.ts';
import { need, nowOf } from '../vectors.ts';

/** A relative date at a moment (E118). */
export async function checkRelativeDate(data: JsonObject, parts: Parts): Promise<Verdict> {
  const value = need<string>(data, 'value');
  const got = await parts.readRelativeDate(value, { now: nowOf(data), timezone: timezoneOf(data) });
  return compareInstants(data['expect'] as string | null, got);
}

/** A clock time in a zone (E117). */
export async function checkNaive(data: JsonObject, parts: Parts): Promise<Verdict> {
  const got = await parts.readDate(need<string>(data, 'naive'), { now: nowOf(data), timezone: timezoneOf(data) });
  return compareInstants(data['expect'] as string | null, got);
}

function timezoneOf(data: JsonObject): string {
  return (data['timezone'] as string | undefined) ?? 'UTC';
}

function compareInstants(expected: string | null, got: number | null): Verdict {
  const wanted = expected === null ? null : Date.parse(expected);
  return verdict(wanted === got, String(expected), got === null ? 'null' : new Date(got).toISOString());
}
