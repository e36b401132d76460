import { ExactNumber, isList, isObject, type JsonValue, jsonText } from '@halyard/json';
import { byteLength } from './text.ts';

/** Properties, in order of arrival. A map, since `__proto__` is a key like any other. */
export type Members = ReadonlyMap<string, JsonValue>;

/** Bytes that members take in the JSON of an object. */
export function sizeOf(members: Members): number {
  let bytes = 0;
  for (const [key, value] of members) bytes += memberBytes(key, value);
  return bytes;
}

/** Bytes that one member takes in the JSON of an object, with its colon and comma. */
export function memberBytes(key: string, value: JsonValue): number {
  return byteLength(jsonText(key)) + byteLength(jsonText(value)) + 2;
}

/** Whether two values are the same to `jsonb` (I75): members in any order, numbers by their value, to the last digit. */
export function sameValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a === null || b === null) return false;
  if (isNumber(a)) return isNumber(b) && sameNumber(a, b);
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}

function isNumber(value: JsonValue): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber;
}

function sameNumber(a: number | ExactNumber, b: number | ExactNumber): boolean {
  return decimal(jsonText(a)) === decimal(jsonText(b));
}

/** A number's digits without zeros around them, and where its point stands. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const solid = digits.replace(/0+$/, '');
  return solid === '' ? '0' : `${sign}${solid}e${Number(exponent) - fraction.length + digits.length - solid.length}`;
}
