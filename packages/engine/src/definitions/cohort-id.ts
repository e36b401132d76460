import type { JsonValue } from '@halyard/json';

/** E120: the cohort that a filter's value names, an integer or a string holding one; `null` when it names none. */
export function cohortId(value: JsonValue | undefined): number | null {
  if (typeof value === 'number') return (value | 0) === value ? value : null;
  return typeof value === 'string' ? int32FromText(value) : null;
}

/** A decimal integer of 32 bits with optional sign and nothing around it; `null` otherwise. */
export function int32FromText(text: string): number | null {
  if (!/^[+-]?\d+$/.test(text)) return null;
  const number = Number(text);
  return (number | 0) === number ? number : null;
}
