import { type JsonValue, textOf } from '@halyard/json';

/** Whether two values are the same JSON: order of members does not count, order of lists and the text of numbers does. */
export function sameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return textOf([a]) === textOf([b]);
}

/** Whether two lists hold the same names. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((name) => right.has(name));
}
