import type { JsonValue } from '@halyard/json';
import type { Definitions } from '@halyard/engine';

/** What a project costs before its first flag. */
const BASE_BYTES = 8_192;
/** Bytes that compiled definitions take per character of their text and per value, rounded up from measurements. */
const BYTES_PER_CHARACTER = 2;
const BYTES_PER_VALUE = 160;

/**
 * About how many bytes of memory a project's compiled definitions take. Only a bound on memory hangs on it, so an estimate within a
 * factor of two is good enough.
 */
export function estimateBytes(definitions: Definitions): number {
  let bytes = BASE_BYTES;
  const pending: (JsonValue | undefined)[] = [
    definitions.flags,
    definitions.cohorts as JsonValue,
    definitions.groupTypeMapping as JsonValue,
  ];
  while (pending.length > 0) {
    const value = pending.pop();
    bytes += BYTES_PER_VALUE;
    if (typeof value === 'string') bytes += value.length * BYTES_PER_CHARACTER;
    if (typeof value !== 'object' || value === null) continue;
    for (const key of Object.keys(value)) pending.push((value as Readonly<Record<string, JsonValue>>)[key]);
  }
  return bytes;
}
