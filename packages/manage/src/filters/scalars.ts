import { isInteger32 } from '@halyard/data/management';
import { ExactNumber, type JsonValue } from '@halyard/json';
import type { FilterProblems } from './place.ts';

/** A share of 0 to 100; a whole one is stored as an integer (M62). */
export function percentage(value: JsonValue | undefined, place: string, problems: FilterProblems): JsonValue {
  const number = value instanceof ExactNumber ? value.value : value;
  if (typeof number !== 'number') {
    problems.wrongType(place, 'a number', value);
    return null;
  }
  if (!(number >= 0 && number <= 100)) {
    problems.structural(place, 'out_of_range', 'Must be a number from 0 to 100.');
    return null;
  }
  return number === 0 ? 0 : number;
}

export function int32OrNull(value: JsonValue | undefined, place: string, problems: FilterProblems): number | null {
  if (value === undefined || value === null) return null;
  const number = value instanceof ExactNumber ? value.value : value;
  if (typeof number === 'number' && isInteger32(number)) return number;
  problems.wrongType(place, 'a 32-bit integer', value);
  return null;
}

export function flagOrNull(value: JsonValue | undefined, place: string, problems: FilterProblems): void {
  if (value === undefined || value === null || typeof value === 'boolean') return;
  problems.wrongType(place, 'true or false', value);
}
