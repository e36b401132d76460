import { type JsonValue, textOf } from '@halyard/json';
import { asciiLowerCase } from './cell.ts';
import { MATCH, MISS, type Outcome } from './outcome.ts';
import type { OperatorCompiler, PropertyTest } from './property-test.ts';

type TextTest = (needle: string, found: Outcome, other: Outcome) => PropertyTest;

const contains: TextTest = (needle, found, other) => (cell) =>
  cell.value !== undefined && cell.asciiLower().includes(needle) ? found : other;

const startsWith: TextTest = (needle, found, other) => (cell) =>
  cell.value !== undefined && cell.asciiLower().startsWith(needle) ? found : other;

const endsWith: TextTest = (needle, found, other) => (cell) =>
  cell.value !== undefined && cell.asciiLower().endsWith(needle) ? found : other;

/** `icontains`, `starts_with`, `ends_with` (E100): an array as filter value is searched for as its JSON text. */
export const icontains = oneNeedle(contains, MATCH, MISS);
export const iStartsWith = oneNeedle(startsWith, MATCH, MISS);
export const iEndsWith = oneNeedle(endsWith, MATCH, MISS);

/** Their complements, also for a property that is not set (E89). */
export const notIcontains = oneNeedle(contains, MISS, MATCH);
export const notIStartsWith = oneNeedle(startsWith, MISS, MATCH);
export const notIEndsWith = oneNeedle(endsWith, MISS, MATCH);

/** `icontains_multi` and its complement (E101): any element of an array; anything else as `icontains`. */
export const icontainsMulti = anyNeedle(MATCH, MISS);
export const notIcontainsMulti = anyNeedle(MISS, MATCH);

function oneNeedle(test: TextTest, found: Outcome, other: Outcome): OperatorCompiler {
  return (value) => test(needleOf(value), found, other);
}

function anyNeedle(found: Outcome, other: Outcome): OperatorCompiler {
  return (value) => {
    if (!Array.isArray(value)) return contains(needleOf(value), found, other);
    const needles = (value as readonly JsonValue[]).map(needleOf);
    return (cell) => {
      if (cell.value === undefined) return other;
      const text = cell.asciiLower();
      for (let i = 0; i < needles.length; i++) {
        if (text.includes(needles[i] as string)) return found; // i < needles.length
      }
      return other;
    };
  };
}

function needleOf(value: JsonValue): string {
  return asciiLowerCase(textOf(value));
}
