import { ExactNumber } from './exact-number.ts';

const U64_MAX = '18446744073709551615';
const I64_MIN = '9223372036854775808';

/**
 * Text of a plain double (E95). Safe integers print as integers, since nothing says how they were written;
 * minus zero prints `-0.0`; every other double prints its shortest digits with a fraction or an exponent.
 * Not-a-number and the infinities, which JSON cannot hold, print `null`.
 */
export function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return value === 0 && 1 / value < 0 ? '-0.0' : String(value);
  if (!Number.isFinite(value)) return 'null';
  const size = Math.abs(value);
  if (size >= 1e-5 && size < 1e16) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  return value.toExponential(); // a positive exponent carries its plus sign: 1e+16
}

/**
 * Value of one JSON number token: a plain number where `numberText` of it is the token's E95 text,
 * otherwise an `ExactNumber`. The token must be valid JSON.
 * A number beyond the range of doubles keeps its text as written and is infinite in comparisons.
 */
export function numberFromToken(token: string, isInteger: boolean): number | ExactNumber {
  const value = Number(token);
  if (Number.isSafeInteger(value)) {
    if (isInteger || (value === 0 && 1 / value < 0)) return value;
    return new ExactNumber(`${value}.0`, value);
  }
  if (isInteger && fits64Bits(token)) return new ExactNumber(token, value);
  return Number.isFinite(value) ? value : new ExactNumber(token, value);
}

/** Whether an integer token is one of a signed or an unsigned 64-bit integer. */
function fits64Bits(token: string): boolean {
  const negative = token.charCodeAt(0) === 45;
  const digits = negative ? token.slice(1) : token;
  const limit = negative ? I64_MIN : U64_MAX;
  return digits.length < limit.length || (digits.length === limit.length && digits <= limit);
}
