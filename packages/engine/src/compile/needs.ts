import type { FiltersV1 } from '../definitions/filters-v1.ts';
import { cohortId } from '../definitions/cohort-id.ts';
import type { MembershipTest } from '../program/cohort.ts';
import type { FlagNeeds } from '../program/needs.ts';
import type { ProgramParts } from '../program/program.ts';
import type { Cohorts } from './cohort.ts';
import { personKeyOf } from './filter.ts';

export const NEEDS_NOTHING: FlagNeeds = {
  always: false,
  personKeys: [],
  groupFilters: [],
  testsCohorts: false,
  cohortKeys: [],
  staticCohorts: [],
  refersToGroups: false,
};

export function flagNeeds(key: string, filters: FiltersV1, cohorts: Cohorts): FlagNeeds {
  const personKeys = new Set<string>();
  const groupFilters: { index: number; key: string }[] = [];
  const staticCohorts = new Set<number>();
  const cohortKeys = new Set<string>();
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
        for (const { test } of cohort?.steps ?? []) {
          if (test.kind === 'static') staticCohorts.add(test.id);
          else for (const read of keysIn(test)) cohortKeys.add(read);
        }
      }
      if (!(condition.rollout > 0)) continue;
      if (filter.type === 'person' || filter.type === 'person_metadata') personKeys.add(personKeyOf(filter));
      else if (filter.type === 'group' && index !== null) groupFilters.push({ index, key: filter.key });
    }
  }
  personKeys.delete('distinct_id');
  cohortKeys.delete('distinct_id');
  const groupAggregated = filters.aggregation !== null || filters.conditions.some((condition) => condition.ownGroup);
  return {
    always: groupAggregated || testsCohorts,
    personKeys: [...personKeys],
    groupFilters,
    testsCohorts,
    cohortKeys: [...cohortKeys],
    staticCohorts: [...staticCohorts],
    refersToGroups,
  };
}

function keysIn(test: MembershipTest): readonly string[] {
  if (test.kind === 'filter') return [test.filter.property.key];
  return test.kind === 'any' || test.kind === 'all' ? test.of.flatMap(keysIn) : [];
}

/** What some of the flags ask of a request, put together flag by flag. */
export class NeedsUnion {
  readonly #personKeys = new Set<string>();
  #always = false;
  #groups = false;

  add({ always, personKeys, groupFilters }: FlagNeeds): void {
    if (always) this.#always = true;
    if (groupFilters.length > 0) this.#groups = true;
    for (const key of personKeys) this.#personKeys.add(key);
  }

  get needs(): ProgramParts['unionNeeds'] {
    return { always: this.#always, personKeys: [...this.#personKeys], groups: this.#groups };
  }
}

/** E51: the person property that decides enrollment. */
export function enrollmentProperty(flagKey: string): string {
  return `$feature_enrollment/${flagKey}`;
}
