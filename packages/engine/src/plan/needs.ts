import type { JsonObject } from '@halyard/json';
import type { GroupContext } from '../groups.ts';
import type { FlagNeeds } from '../program/needs.ts';
import type { EvaluationRequest } from '../request.ts';

const NO_PROPERTIES: JsonObject = {};

/** E151: whether a flag with these needs asks for stored data in this request. */
export function needs(wanted: FlagNeeds, request: EvaluationRequest, groups: GroupContext): boolean {
  if (wanted.always || !saysAll(request, wanted.personKeys)) return true;
  for (const { index, key } of wanted.groupFilters) {
    if (groups.key(index) !== null && !groups.hasOverride(index, key)) return true;
  }
  return false;
}

/** Whether all of these are among the person properties that came with the request. */
export function saysAll({ personProperties = NO_PROPERTIES }: EvaluationRequest, keys: readonly string[]): boolean {
  for (const key of keys) if (!Object.hasOwn(personProperties, key)) return false;
  return true;
}
