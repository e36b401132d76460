import JSON5 from 'json5';
import { type JsonValue, parseDefinitions, parseJson, TooDeep, TooManyValues } from '@halyard/json';
import { Failure } from '../wire/failure.ts';

/** Deepest nesting that a body may have (H37). */
export const MAX_DEPTH = 128;

/**
 * How many members and items a body may have (H37a). Somebody who sends that many has made a mistake, and reading and comparing them would
 * stop the whole process for up to a second and a half.
 */
export const MAX_VALUES = 20_000;

const LIMITS = { maxDepth: MAX_DEPTH, maxValues: MAX_VALUES };

/**
 * Longest text given to the JSON5 reader. It takes one to two microseconds per character, in which nobody else is served; what clients
 * really send this way is a few kilobytes.
 */
export const MAX_LENIENT_LENGTH = 16 * 1024;

/** Reads a body's text (H33): strict JSON first, which keeps number texts exact; JSON5 for what is left. */
export function parseLenient(text: string): JsonValue | Failure {
  try {
    return parseJson(text, LIMITS);
  } catch (error) {
    return limitFailure(error) ?? (text.length > MAX_LENIENT_LENGTH ? new Failure('json_invalid') : parseJson5(text));
  }
}

/** Reads text as strict JSON (H35). */
export function parseStrict(text: string): JsonValue | Failure {
  try {
    return parseJson(text, LIMITS);
  } catch (error) {
    return limitFailure(error) ?? new Failure('json_invalid');
  }
}

/** Reads text as strict JSON, and keeps how definitions in it are written (E175). */
export function parseExactly(text: string): JsonValue | Failure {
  try {
    return parseDefinitions(text);
  } catch {
    return new Failure('json_invalid', 'A body with definitions must be JSON proper.');
  }
}

/** What was found before the text as a whole: it need not be JSON. */
function limitFailure(error: unknown): Failure | null {
  if (error instanceof TooManyValues) return new Failure('body_too_many_values');
  return error instanceof TooDeep ? new Failure('json_too_deep') : null;
}

function parseJson5(text: string): JsonValue | Failure {
  let value: JsonValue;
  try {
    value = JSON5.parse<JsonValue>(text);
  } catch {
    return new Failure('json_invalid');
  }
  return tidied(value, 0) ? value : new Failure('json_too_deep');
}

/**
 * Turns NaN and the infinities inside the tree into null, in place; false if the tree is too deep. The tree is fresh
 * from the parser, so nobody else sees the change.
 */
function tidied(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === MAX_DEPTH) return false;
  const container = value as Record<string, JsonValue>;
  for (const key of Object.keys(container)) {
    const member = container[key] as JsonValue; // an own key
    if (typeof member !== 'number') {
      if (!tidied(member, depth + 1)) return false;
    } else if (!Number.isFinite(member)) {
      container[key] = null;
    }
  }
  return true;
}
