import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { Cell } from './operators/cell.ts';
import { canonicalOperator, compileOperator, OPERATORS } from './operators/index.ts';
import { ERROR, MATCH } from './operators/outcome.ts';
import { metadataName } from './program/property.ts';

export interface MatchPropertyOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The properties are only what a caller sent: a missing key is an error and not a miss (E88). */
  readonly partial?: boolean;
  readonly timezone?: string;
  readonly propertyMatchingVersion?: 1 | 2;
}

/**
 * Tests one property filter against one set of properties (section 5), for previews and conformance.
 * `error` is what counts as a miss inside a condition (E68). A filter that cannot be read is an error too.
 */
export function matchProperty(
  filter: JsonValue,
  properties: JsonObject,
  options: MatchPropertyOptions,
): boolean | 'error' {
  if (!isObject(filter)) return 'error';
  const key = member(filter, 'key');
  const named = member(filter, 'operator') ?? 'exact';
  const operator = typeof named === 'string' ? canonicalOperator(named) : '';
  if (typeof key !== 'string' || !OPERATORS.has(operator)) return 'error';
  // E87: a metadata filter never reads a user property of the same name.
  const cell = new Cell(member(properties, member(filter, 'type') === 'person_metadata' ? metadataName(key) : key));
  if (options.partial === true && cell.value === undefined) return 'error';
  const test = compileOperator(operator, member(filter, 'value'), {
    timezone: options.timezone ?? 'UTC',
    propertyMatchingVersion: options.propertyMatchingVersion ?? 1,
  });
  const outcome = test(cell, { now: options.now });
  return outcome === ERROR ? 'error' : outcome === MATCH;
}
