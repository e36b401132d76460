import type { GroupContext } from '../groups.ts';
import { MATCH } from '../operators/outcome.ts';
import type { CompiledCondition } from '../program/condition.ts';
import type { ConfigurationV1 } from '../program/flag.ts';
import { drawRollout, drawVariant, personSubject } from './draw.ts';
import type { EvaluationState } from './evaluation-state.ts';
import { ASSUMED } from './filter-outcome.ts';
import { testCohorts } from './test-cohorts.ts';
import { testFilter } from './test-filter.ts';
import {
  type Assumption,
  FILTERS_MISSED,
  GROUP_TYPES_UNKNOWN,
  matched,
  NO_DEVICE_ID,
  NO_GROUP_TYPE,
  outOfRollout,
  type Verdict,
} from './verdict.ts';

/** Judges one condition: the steps of section 4.3, of which the first that decides ends it. */
export function judge(configuration: ConfigurationV1, condition: CompiledCondition, state: EvaluationState): Verdict {
  const { group } = condition;
  // E60, without regard to whether a hash could matter (docs/decisions/differences.md).
  if (group < 0 && configuration.onDevice && state.deviceId === null) return NO_DEVICE_ID;
  if (state.mappingFailed && dependsOnMapping(condition, state.groups)) return GROUP_TYPES_UNKNOWN; // E159
  if (group < 0) return judgeFor(null, configuration, condition, state);
  const key = state.groups.key(group);
  return key === null ? NO_GROUP_TYPE : judgeFor(key, configuration, condition, state); // E66
}

/** The steps from the filters on, for the group with that key, or for the person. */
export function judgeFor(
  groupKey: string | null,
  configuration: ConfigurationV1,
  condition: CompiledCondition,
  state: EvaluationState,
): Verdict {
  let assuming: Assumption = null;
  for (let filter = condition.firstFilter; filter !== null; filter = filter.next) {
    const outcome = testFilter(filter, state);
    if (outcome === MATCH) continue;
    // E143: a filter on a failed flag passes for now, unless others ask for what contradicts it.
    if (outcome !== ASSUMED || filter.kind !== 'flag' || condition.contradicted.has(filter.target))
      return FILTERS_MISSED; // E67
    assuming = filter;
  }
  const { cohorts, rollout } = condition;
  const cohortVerdict = cohorts === null ? null : testCohorts(cohorts, condition.behavioural, state); // E122
  if (cohortVerdict !== null) return cohortVerdict;

  const subject = groupKey === null ? personSubject(configuration, state) : state.subjects.other.set(groupKey);
  // E17, E69: 100 % needs no hash.
  if (rollout !== 100 && !drawRollout(configuration, condition, subject, state)) return outOfRollout(assuming);
  return matched(drawVariant(configuration, condition, subject, state), assuming); // E70, E71
}

/** E159: the mapping could change what this condition does. */
function dependsOnMapping(condition: CompiledCondition, groups: GroupContext): boolean {
  return condition.group >= 0 ? groups.hasKey : condition.namesGroup && groups.hasContext;
}
