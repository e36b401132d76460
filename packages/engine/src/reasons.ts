import type { Reason } from './result.ts';

/** Why a flag has its value when no condition matched, in ascending score (E26): a later, equal score replaces. */
export const NO_GROUP_TYPE = 1;
export const NO_CONDITION_MATCH = 2;
export const OUT_OF_ROLLOUT = 3;
/** Finer texts of `NO_CONDITION_MATCH` (E29); never tracked, only reported. */
export const NO_MATCH_GROUPS_SKIPPED = 4;
export const NO_MATCH_COHORT = 5;

export type MissReason =
  | typeof NO_GROUP_TYPE
  | typeof NO_CONDITION_MATCH
  | typeof OUT_OF_ROLLOUT
  | typeof NO_MATCH_GROUPS_SKIPPED
  | typeof NO_MATCH_COHORT;

const MISS_TEXTS: Readonly<Record<MissReason, readonly [code: string, description: string]>> = {
  [NO_GROUP_TYPE]: ['no_group_type', 'No group type'],
  [NO_CONDITION_MATCH]: ['no_condition_match', 'No matching condition set'],
  [OUT_OF_ROLLOUT]: ['out_of_rollout_bound', 'Out of rollout bound'],
  [NO_MATCH_GROUPS_SKIPPED]: [
    'no_condition_match',
    'No matching condition set (group conditions were not evaluated because no group type was provided)',
  ],
  [NO_MATCH_COHORT]: [
    'no_condition_match',
    'No matching condition set (a cohort is based on behavior and cannot be fully evaluated)',
  ],
};

/** `index` −1 means none. */
export function missReason(reason: MissReason, index: number): Reason {
  const [code, description] = MISS_TEXTS[reason];
  return { code, conditionIndex: index < 0 ? null : index, description };
}

export function matchReason(index: number): Reason {
  return { code: 'condition_match', conditionIndex: index, description: `Matched condition set ${index + 1}` };
}

export const ENROLLMENT: Reason = {
  code: 'super_condition_value',
  conditionIndex: 0,
  description: 'Super condition value',
};
export const HOLDOUT: Reason = {
  code: 'holdout_condition_value',
  conditionIndex: null,
  description: 'Holdout condition value',
};
export const MISSING_DEPENDENCY: Reason = {
  code: 'missing_dependency',
  conditionIndex: null,
  description: 'Flag cannot be evaluated due to missing dependency',
};

/** Failures that evaluation itself finds (E163). Those of loading come with their facts. */
export const FAILURE_TEXTS = {
  dependency_not_found_cohort: 'Cohort dependency not found',
  dependency_cycle_cohort: 'Cohort dependency cycle detected',
  cohort_filters_parsing_error: 'Failed to parse cohort filters',
  group_type_lookup_failed: 'Failed to look up group types',
} as const;

export type FailureCode = keyof typeof FAILURE_TEXTS;
