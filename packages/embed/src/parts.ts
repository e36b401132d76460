import { type JsonObject, jsonText, type JsonValue, parseJson } from '@halyard/json';
import {
  bucketingHash,
  isInRollout,
  type MatchPropertyOptions,
  matchProperty,
  pickVariant,
  readDate,
  readRelativeDate,
  variantBoundaries,
} from '@halyard/engine';
import { numberOf, required, stringOf } from './request.ts';

type Part = (call: JsonObject) => JsonValue;

/** Parts of the engine by name, so that vectors about parts can be run through a host. */
const parts: ReadonlyMap<string, Part> = new Map<string, Part>([
  [
    'bucketingHash',
    (call) => bucketingHash(stringOf(call, 'prefix'), stringOf(call, 'identifier'), stringOf(call, 'salt')),
  ],
  ['isInRollout', (call) => isInRollout(numberOf(call, 'hash'), numberOf(call, 'percentage'))],
  ['pickVariant', (call) => pickVariant(numberOf(call, 'hash'), variantBoundaries(numbers(call)))],
  ['variantBoundaries', (call) => variantBoundaries(numbers(call))],
  [
    'matchProperty',
    (call) =>
      matchProperty(
        required(call, 'filter'),
        required(call, 'properties') as JsonObject,
        required(call, 'options') as unknown as MatchPropertyOptions,
      ),
  ],
  ['readDate', (call) => readDate(stringOf(call, 'text'), settings(call))],
  ['readRelativeDate', (call) => readRelativeDate(stringOf(call, 'text'), settings(call))],
]);

/** Calls a part. The call: its arguments and, as `part`, its name. Answer: `=` and the result as JSON. */
export function callPart(text: string): string {
  const call = parseJson(text) as JsonObject;
  const name = stringOf(call, 'part');
  const part = parts.get(name);
  if (part === undefined) throw new RangeError(`there is no part "${name}"`);
  return `=${jsonText(part(call))}`;
}

function numbers(call: JsonObject): number[] {
  return (required(call, 'percentages') as readonly JsonValue[]).map((_, index, list) => numberOf(list, index));
}

function settings(call: JsonObject): { now: number; timezone: string } {
  return { now: numberOf(call, 'now'), timezone: stringOf(call, 'timezone') };
}
