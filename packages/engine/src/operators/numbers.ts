import { ExactNumber, type JsonValue } from '@halyard/json';
import { ERROR, MATCH, MISS, type Outcome } from './outcome.ts';
import type { OperatorCompiler, PropertyTest } from './property-test.ts';

const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** What `numberOf` gives for a value that is no number. Not NaN, which some texts mean. */
export const NOT_A_NUMBER = undefined;

/** The double that a text stands for (E107): decimal, `inf`, `infinity` or `nan`; no white space, no hexadecimal. */
export function parseNumber(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const special = SPECIAL.exec(text);
  if (special === null) return NOT_A_NUMBER;
  if (special[2] === undefined) return NaN;
  return special[1] === '-' ? -Infinity : Infinity;
}

/** The double of a property or filter value: a number itself or a text of one. Nothing else is a number. */
export function numberOf(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return parseNumber(value);
  return value instanceof ExactNumber ? value.value : NOT_A_NUMBER;
}

type Comparison = (bound: number) => PropertyTest;

/** `gt`, `gte`, `lt`, `lte` (E107). Comparisons with NaN are false. */
export const gt = comparing((bound) => (cell) => {
  if (cell.value === undefined) return MISS;
  const number = numberOf(cell.value);
  return number === NOT_A_NUMBER ? ERROR : number > bound ? MATCH : MISS;
});
export const gte = comparing((bound) => (cell) => {
  if (cell.value === undefined) return MISS;
  const number = numberOf(cell.value);
  return number === NOT_A_NUMBER ? ERROR : number >= bound ? MATCH : MISS;
});
export const lt = comparing((bound) => (cell) => {
  if (cell.value === undefined) return MISS;
  const number = numberOf(cell.value);
  return number === NOT_A_NUMBER ? ERROR : number < bound ? MATCH : MISS;
});
export const lte = comparing((bound) => (cell) => {
  if (cell.value === undefined) return MISS;
  const number = numberOf(cell.value);
  return number === NOT_A_NUMBER ? ERROR : number <= bound ? MATCH : MISS;
});

/** A filter value that is no number fails for a set property and misses for one that is not (E89). */
function comparing(comparison: Comparison): OperatorCompiler {
  return (value) => {
    const bound = numberOf(value);
    if (bound === NOT_A_NUMBER) return (cell) => (cell.value === undefined ? MISS : ERROR);
    return comparison(bound);
  };
}

/** `between` (E108), bounds included. */
export const between = ranged(MATCH, MISS, MISS);

/** `not_between` (E108): out of range is also a property that is not set; NaN is neither in nor out. */
export const notBetween = ranged(MISS, MATCH, MATCH);

/**
 * A property that is not set is decided first, whatever the bounds (E89). One that is set and no number is an
 * error for both operators, so that `not_between` grants nothing to a text.
 */
function ranged(inside: Outcome, outside: Outcome, absent: Outcome): OperatorCompiler {
  return (value) => {
    const bounds = boundsOf(value);
    if (bounds === undefined) return (cell) => (cell.value === undefined ? absent : ERROR);
    const [low, high] = bounds;
    return (cell) => {
      if (cell.value === undefined) return absent;
      const number = numberOf(cell.value);
      if (number === NOT_A_NUMBER) return ERROR;
      if (number >= low && number <= high) return inside;
      return Number.isNaN(number) ? MISS : outside;
    };
  };
}

/** Exactly two numbers in order, neither NaN. */
function boundsOf(value: JsonValue): readonly [number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [low, high] = (value as readonly JsonValue[]).map(numberOf);
  return low !== undefined && high !== undefined && low <= high ? [low, high] : undefined;
}
