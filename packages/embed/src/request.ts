import { ExactNumber, type JsonObject, type JsonValue, parseDefinitions, parseJson } from '@halyard/json';
import type { EvaluationRequest } from '@halyard/engine';
import type { HostStore } from './stores.ts';

/** What a host sends with a request beside the request itself. */
export interface HostRequest extends EvaluationRequest {
  /** What `load` answered. */
  readonly program: number;
  /** Which databases the host would ask; absent: nothing is stored, all is in the request. */
  readonly store?: HostStore;
}

/** The host checks the types of what its callers pass; here the text only has to be JSON. */
export function parseRequest(text: string): HostRequest {
  return parseJson(text) as unknown as HostRequest;
}

export function parseObject(text: string): JsonObject {
  return parseJson(text, { maxDepth: 512 }) as JsonObject;
}

/** The same for a call that brings definitions. */
export function parseLoad(text: string): JsonObject {
  return parseDefinitions(text) as JsonObject;
}

/** A member that the host must have sent. */
export function required(object: JsonObject, name: string): JsonValue {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined) throw new TypeError(`the call lacks "${name}"`);
  return value;
}

export function stringOf(object: JsonObject, name: string): string {
  const value = required(object, name);
  if (typeof value !== 'string') throw new TypeError(`"${name}" must be a string`);
  return value;
}

/** A number that may have been written exactly (E95), as a plain double. */
export function numberOf(from: JsonObject | readonly JsonValue[], name: string | number): number {
  const value = (from as Readonly<Record<string, JsonValue>>)[name];
  if (value instanceof ExactNumber) return value.value;
  if (typeof value === 'number') return value;
  throw new TypeError(`"${name}" must be a number`);
}
