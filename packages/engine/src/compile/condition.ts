import { cohortId } from '../definitions/cohort-id.ts';
import type { FilterDefinition } from '../definitions/filter.ts';
import type { ConditionDefinition } from '../definitions/filters-v1.ts';
import type { CohortFilter, CompiledCondition } from '../program/condition.ts';
import type { CompiledFilter } from '../program/filter.ts';
import { type Cohorts, wantedMembership } from './cohort.ts';
import { compileFilter, type FilterScope } from './filter.ts';

/** Compiles one condition of a flag with these variant keys; `next` comes after it. */
export function compileCondition(
  definition: ConditionDefinition,
  variants: readonly string[],
  scope: FilterScope,
  cohorts: Cohorts,
  next: CompiledCondition | null = null,
): CompiledCondition {
  const plain = definition.filters.filter((filter) => filter.type !== 'cohort');
  const filters: CompiledFilter[] = []; // the last one first: each is made with the one after it
  for (const filter of plain.toReversed()) {
    filters.push(compileFilter(filter, definition.aggregation, scope, filters.at(-1) ?? null));
  }
  const cohortFilters = definition.filters
    .filter((filter) => filter.type === 'cohort')
    .map((filter) => compileCohortFilter(filter, cohorts));
  return {
    group: definition.aggregation ?? -1,
    rollout: definition.rollout,
    threshold: definition.rollout / 100,
    pinned: definition.variant === null ? -1 : variants.indexOf(definition.variant),
    firstFilter: filters.at(-1) ?? null,
    cohorts: cohortFilters.length === 0 ? null : cohortFilters,
    behavioural: cohortFilters.some(({ cohort }) => cohort?.behavioural === true),
    namesGroup: plain.some((filter) => filter.type === 'group' && filter.groupTypeIndex !== null),
    contradicted: contradictions(filters),
    next,
  };
}

function compileCohortFilter(definition: FilterDefinition, cohorts: Cohorts): CohortFilter {
  const id = cohortId(definition.value);
  const cohort = id === null ? undefined : cohorts.use(id);
  const missing = id === null ? 'cohort_filters_parsing_error' : 'dependency_not_found_cohort'; // E120, E133
  return {
    kind: 'cohort',
    definition,
    cohort: cohort ?? null,
    problem: cohort === undefined ? missing : cohort.problem,
    wanted: wantedMembership(definition.operator),
  };
}

/** Targets on which the filters ask for values that no single value can satisfy (E143). */
function contradictions(filters: readonly CompiledFilter[]): ReadonlySet<number> {
  const wanted = new Map<number, unknown[]>();
  for (const filter of filters) {
    if (filter.kind !== 'flag' || filter.target < 0) continue;
    wanted.set(filter.target, [...(wanted.get(filter.target) ?? []), filter.definition.value]);
  }
  const result = new Set<number>();
  for (const [target, values] of wanted) {
    const exact = new Set(values.filter((value) => value !== true));
    // `true` goes with any variant but not with `false`; two exact values exclude each other.
    if (exact.size > 1 || (exact.has(false) && values.includes(true))) result.add(target);
  }
  return result;
}
