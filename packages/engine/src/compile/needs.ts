import type { FiltersV1 } from '../definitions/filters-v1.ts';
import { cohortId } from '../definitions/cohort-id.ts';
import { metadataName } from '../person-slot.ts';
import type { Cohorts } from './cohort.ts';

/** What makes a flag ask for stored data (E151). */
export interface FlagNeeds {
  /** It asks whatever the request says: it aggregates by group, or tests cohorts. */
  readonly always: boolean;
  /** It asks unless all of these are in the person overrides. */
  readonly personKeys: readonly string[];
  /** It asks when the request has a usable key of that group type and the override lacks the property. */
  readonly groupFilters: readonly { readonly index: number; readonly key: string }[];
  readonly testsCohorts: boolean;
  /** Cohorts with stored membership, nested ones included. */
  readonly staticCohorts: readonly number[];
  /** Some condition or the flag level names a group type (E159). */
  readonly refersToGroups: boolean;
}

export const NEEDS_NOTHING: FlagNeeds = {
  always: false,
  personKeys: [],
  groupFilters: [],
  testsCohorts: false,
  staticCohorts: [],
  refersToGroups: false,
};

export function flagNeeds(key: string, filters: FiltersV1, cohorts: Cohorts): FlagNeeds {
  const personKeys = new Set<string>();
  const groupFilters: { index: number; key: string }[] = [];
  const staticCohorts = new Set<number>();
  let testsCohorts = false;
  let refersToGroups = filters.aggregation !== null;
  if (filters.enrollment) personKeys.add(enrollmentProperty(key));
  else for (const filter of filters.superCondition?.filters ?? []) personKeys.add(filter.key);
  for (const condition of filters.conditions) {
    if (condition.aggregation !== null) refersToGroups = true;
    for (const filter of condition.filters) {
      const index = filter.groupTypeIndex ?? condition.aggregation;
      if (filter.type === 'group' && index !== null) refersToGroups = true;
      if (filter.type === 'cohort') {
        // Memberships are told to all conditions once anything is loaded (E152); only a rollout above 0 asks for loading.
        if (condition.rollout > 0) testsCohorts = true;
        const id = cohortId(filter.value);
        const cohort = id === null ? undefined : cohorts.use(id);
        for (const used of cohort === undefined ? [] : [...cohort.dependencies, cohort]) {
          if (used.isStatic) staticCohorts.add(used.id);
        }
      }
      if (!(condition.rollout > 0)) continue;
      if (filter.type === 'person') personKeys.add(filter.key);
      else if (filter.type === 'person_metadata') personKeys.add(metadataName(filter.key));
      else if (filter.type === 'group' && index !== null) groupFilters.push({ index, key: filter.key });
    }
  }
  personKeys.delete('distinct_id');
  const groupAggregated = filters.aggregation !== null || filters.conditions.some((condition) => condition.ownGroup);
  return {
    always: groupAggregated || testsCohorts,
    personKeys: [...personKeys],
    groupFilters,
    testsCohorts,
    staticCohorts: [...staticCohorts],
    refersToGroups,
  };
}

/** E51: the person property that decides enrollment. */
export function enrollmentProperty(flagKey: string): string {
  return `$feature_enrollment/${flagKey}`;
}
