import { ExactNumber, isList, isObject, type JsonValue, NumberToken, parseJson } from '@halyard/json';
import { DefinitionError } from '../definitions/reader.ts';
import type { ReturnType } from './definition.ts';

/** How deep objects and lists of a value may stand in one another, the value itself being the first (E173). */
const DEEPEST = 20;

/** A value of the flag's return type (E173), with its numbers as everywhere else. */
export function typedValueAt(value: JsonValue | undefined, type: ReturnType, path: string): JsonValue {
  switch (type) {
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'string':
      if (typeof value === 'string' && value !== '') return value;
      break;
    case 'number':
      if (value instanceof ExactNumber) return plainNumber(value, path);
      break;
    case 'object':
      if (isObject(value)) return plainContainer(value, path, 1);
  }
  throw new DefinitionError(path, `must be ${type === 'string' ? 'a string with characters' : WANTED[type]}`);
}

const WANTED = { boolean: 'true or false', number: 'a number', object: 'an object' } as const;

/** The same value with numbers as `parseJson` reads them. */
export function plainValue(value: JsonValue): JsonValue {
  if (value instanceof NumberToken) return parseJson(value.token);
  if (isList(value)) return value.map(plainValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValue(item)]));
}

function plainContainer(value: JsonValue, path: string, depth: number): JsonValue {
  if (value instanceof ExactNumber) return plainNumber(value, path);
  if (!isList(value) && !isObject(value)) return value;
  if (depth > DEEPEST) throw new DefinitionError(path, `is nested deeper than ${DEEPEST} levels`);
  if (isList(value)) return value.map((item) => plainContainer(item, path, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainContainer(item, path, depth + 1)]));
}

function plainNumber(value: ExactNumber, path: string): JsonValue {
  if (Math.abs(value.value) > Number.MAX_SAFE_INTEGER) {
    throw new DefinitionError(path, 'holds a number beyond 2^53 − 1, which is not exact');
  }
  return plainValue(value);
}
