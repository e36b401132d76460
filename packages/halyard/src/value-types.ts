/*
 * What a value is, whatever its prototype says: asked of the language itself, since not every place where this runs has `node:util`.
 */

/** Whether `ask`, which the language answers for values of one type only, does not throw. */
function answers(ask: (value: unknown) => unknown): (value: unknown) => boolean {
  return (value) => {
    try {
      ask(value);
      return true;
    } catch {
      return false;
    }
  };
}

/** By the name that the language gives it; a value may lie here, and is then named wrongly in a message. */
function named(name: string): (value: unknown) => boolean {
  return (value) => typeof value === 'object' && Object.prototype.toString.call(value) === `[object ${name}]`;
}

const key = {};
export const isMap = answers((value) => Map.prototype.has.call(value as never, key));
export const isSet = answers((value) => Set.prototype.has.call(value as never, key));
export const isWeakMap = answers((value) => WeakMap.prototype.has.call(value as never, key));
export const isWeakSet = answers((value) => WeakSet.prototype.has.call(value as never, key));
export const isRegExp = answers((value) => Reflect.get(RegExp.prototype, 'source', value));
export const isPromise = named('Promise');
export const isNativeError = named('Error');

const isArrayBuffer = answers((value) => Reflect.get(ArrayBuffer.prototype, 'byteLength', value));
const isShared =
  typeof SharedArrayBuffer === 'undefined'
    ? () => false
    : answers((value) => Reflect.get(SharedArrayBuffer.prototype, 'byteLength', value));

export function isAnyArrayBuffer(value: unknown): boolean {
  return isArrayBuffer(value) || isShared(value);
}

const isNumber = answers((value) => Number.prototype.valueOf.call(value));
const isString = answers((value) => String.prototype.valueOf.call(value));
const boxed = [
  isNumber,
  isString,
  answers((value) => Boolean.prototype.valueOf.call(value)),
  answers((value) => BigInt.prototype.valueOf.call(value)),
  answers((value) => Symbol.prototype.valueOf.call(value)),
];

export function isNumberObject(value: unknown): boolean {
  return typeof value === 'object' && isNumber(value);
}

export function isStringObject(value: unknown): boolean {
  return typeof value === 'object' && isString(value);
}

export function isBoxedPrimitive(value: unknown): boolean {
  return typeof value === 'object' && boxed.some((is) => is(value));
}
