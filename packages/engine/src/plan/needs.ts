import type { JsonObject } from '@halyard/json';
import type { GroupContext } from '../groups.ts';
import type { CompiledFlag } from '../program/flag.ts';
import type { FlagNeeds } from '../program/needs.ts';
import type { EvaluationRequest } from '../request.ts';

const NO_PROPERTIES: JsonObject = {};

/** E151: whether a flag with these needs asks for stored data in this request. */
export function needs(wanted: FlagNeeds, request: EvaluationRequest, groups: GroupContext): boolean {
  return wanted.always || !saysAll(request, wanted.personKeys) || lacksGroups(wanted, groups);
}

/**
 * Whether something stored could change the flag's value in this request, whoever has it: `needs` is what the reference loads, which is more for
 * flags that say all their cohorts and groups look at, and less for the keys of experience continuity.
 */
export function lacks(
  { needs: wanted, configuration }: CompiledFlag,
  request: EvaluationRequest,
  groups: GroupContext,
): boolean {
  if (wanted.staticCohorts.length > 0) return true;
  if (!saysAll(request, wanted.personKeys) || !saysAll(request, wanted.cohortKeys)) return true;
  if (lacksGroups(wanted, groups)) return true;
  return configuration.version === 1 && configuration.continuity && configuration.dependsOnHash;
}

function lacksGroups({ groupFilters }: FlagNeeds, groups: GroupContext): boolean {
  for (const { index, key } of groupFilters) {
    if (groups.key(index) !== null && !groups.hasOverride(index, key)) return true;
  }
  return false;
}

/** Whether all of these are among the person properties that came with the request. */
export function saysAll({ personProperties = NO_PROPERTIES }: EvaluationRequest, keys: readonly string[]): boolean {
  for (const key of keys) if (!Object.hasOwn(personProperties, key)) return false;
  return true;
}
