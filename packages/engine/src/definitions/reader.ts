import { ExactNumber, isList, isObject, type JsonObject, type JsonValue } from '@halyard/json';

/** A definition does not have the shape it must have. `path` says where, from the flag or cohort down. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

export function objectAt(value: JsonValue | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
  throw new DefinitionError(path, `must be an object, not ${kindOf(value)}`);
}

export function listAt(value: JsonValue | undefined, path: string): readonly JsonValue[] {
  if (isList(value)) return value;
  throw new DefinitionError(path, `must be a list, not ${kindOf(value)}`);
}

export function stringAt(value: JsonValue | undefined, path: string): string {
  if (typeof value === 'string') return value;
  throw new DefinitionError(path, `must be a string, not ${kindOf(value)}`);
}

export function numberAt(value: JsonValue | undefined, path: string): number {
  if (typeof value === 'number') return value;
  if (value instanceof ExactNumber) return value.value;
  throw new DefinitionError(path, `must be a number, not ${kindOf(value)}`);
}

/** A whole number of 32 bits, written without fraction or exponent. */
export function int32At(value: JsonValue | undefined, path: string): number {
  if (typeof value === 'number' && (value | 0) === value) return value;
  throw new DefinitionError(path, `must be a 32-bit integer, not ${kindOf(value)}`);
}

export function booleanAt(value: JsonValue | undefined, path: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new DefinitionError(path, `must be true or false, not ${kindOf(value)}`);
}

/** Applies `read` unless the value is absent or null. */
export function optional<T>(
  value: JsonValue | undefined,
  path: string,
  read: (value: JsonValue, path: string) => T,
): T | null {
  return value === undefined || value === null ? null : read(value, path);
}

function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof ExactNumber) return `the number ${value.text}`;
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
