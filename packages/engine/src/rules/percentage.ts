import { type JsonValue, NumberToken } from '@halyard/json';
import { DefinitionError } from '../definitions/reader.ts';

/** A percentage of ordered rules, and exactly how many hundredths of a percent it is. */
export interface Percentage {
  /** As a double, which is what is computed with. */
  readonly percent: number;
  readonly hundredths: number;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** A number from 0 to 100 whose decimal text has at most two significant decimals (E175). */
export function percentageAt(value: JsonValue | undefined, path: string): Percentage {
  if (!(value instanceof NumberToken)) throw new DefinitionError(path, 'must be a number from 0 to 100');
  const hundredths = hundredthsOf(value.token);
  if (hundredths === null) throw new DefinitionError(path, 'must have at most two decimals');
  if (hundredths < 0 || hundredths > 10_000) throw new DefinitionError(path, 'must be from 0 to 100');
  return { percent: value.value === 0 ? 0 : value.value, hundredths }; // E185a: −0 equals 0
}

/** The number of hundredths that a number is written as; `null` when it has a part of one. */
function hundredthsOf(token: string): number | null {
  const match = DECIMAL.exec(token);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return 0;
  // digits × 10^(exponent − decimals), of which two decimals are hundredths.
  const shift = Number(exponent) - fraction.length + (digits.length - significant.length) + 2;
  if (shift < 0) return null;
  const size = Number(`${significant}e${shift}`);
  return sign === '-' ? -size : size;
}
