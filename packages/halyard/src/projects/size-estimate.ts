import type { JsonValue } from '@halyard/json';
import type { Definitions } from '@halyard/engine';

/** What a project costs before its first flag. */
const BASE_BYTES = 4_096;
/** Bytes that compiled definitions take per character of their text and per value, rounded up from measurements. */
const BYTES_PER_CHARACTER = 2;
const BYTES_PER_VALUE = 90;
/** And a flag or cohort as such, with the texts of its outcomes. */
const BYTES_PER_ROW = 2_200;
/** And a pattern, with the automaton that grows as texts are searched. One that sees the strangest texts may grow to a mebibyte. */
const BYTES_PER_PATTERN = 9_000;

/** Flags and cohorts that are looked at in one piece: some milliseconds. */
const PIECE = 400;

/**
 * About how many bytes of memory a project's compiled definitions take, in pieces. A bound on memory hangs on it: `size-estimate.test.ts` compares it with what is really
 * taken.
 */
export function* estimateBytes(definitions: Definitions): Generator<void, number, void> {
  let bytes = BASE_BYTES;
  const cohorts = Array.isArray(definitions.cohorts) ? (definitions.cohorts as readonly JsonValue[]) : [];
  for (const [place, row] of [...definitions.flags, ...cohorts].entries()) {
    if (place % PIECE === PIECE - 1) yield;
    bytes += bytesOf(row);
  }
  return bytes;
}

function bytesOf(row: JsonValue): number {
  let bytes = BYTES_PER_ROW;
  const pending: (JsonValue | undefined)[] = [row];
  while (pending.length > 0) {
    const value = pending.pop();
    bytes += BYTES_PER_VALUE;
    if (value === 'regex' || value === 'not_regex') bytes += BYTES_PER_PATTERN;
    if (typeof value === 'string') bytes += value.length * BYTES_PER_CHARACTER;
    if (typeof value !== 'object' || value === null) continue;
    for (const key of Object.keys(value)) pending.push((value as Readonly<Record<string, JsonValue>>)[key]);
  }
  return bytes;
}
