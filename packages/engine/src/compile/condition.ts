import type { ConditionDefinition } from '../definitions/filters-v1.ts';
import { cohortId } from '../definitions/cohort-id.ts';
import type { FilterDefinition } from '../definitions/filter.ts';
import { MATCH, MISS } from '../operators/outcome.ts';
import type { Run } from '../run.ts';
import type { CompiledCohort, Cohorts } from './cohort.ts';
import {
  ASSUMED,
  type CompiledFilter,
  compileFlagFilter,
  compileGroupFilter,
  compilePersonFilter,
  type FilterScope,
} from './filter.ts';

/** All filters passed. */
export const PASSED = 1;
/** Some filter missed. */
export const FILTERS_MISSED = 0;
/** Missed on a cohort that holds behaviour, which cannot be evaluated (E129). */
export const COHORT_MISSED = 2;
/** A cohort cannot be resolved; `run.failure` says why (E161). */
export const FAILED = 3;

export type FiltersOutcome = typeof PASSED | typeof FILTERS_MISSED | typeof COHORT_MISSED | typeof FAILED;

/** A cohort filter: `wanted` is the membership that passes, `null` when none does (E121). */
export interface CohortFilter {
  readonly definition: FilterDefinition;
  /** `undefined` when the project has no such cohort, or the filter names none. */
  readonly cohort: CompiledCohort | undefined;
  readonly wanted: boolean | null;
}

/** One condition of a flag, ready to run (section 4.3). */
export class CompiledCondition {
  readonly definition: ConditionDefinition;
  /** Effective aggregation: a group type index, or -1 for persons. */
  readonly group: number;
  readonly rollout: number;
  /** `rollout / 100`, and the point up to which subjects are in (E16). */
  readonly threshold: number;
  /** Position of the pinned variant; -1 when the variant comes from the hash (E71). */
  readonly pinned: number;
  readonly filters: readonly CompiledFilter[];
  readonly cohorts: readonly CohortFilter[];
  /** E159: some group filter names a group type index itself. */
  readonly namesGroup: boolean;
  /** E143: filters on one flag that cannot all hold; positions of such flags. */
  readonly #contradicted: ReadonlySet<number>;

  constructor(definition: ConditionDefinition, variants: readonly string[], scope: FilterScope, cohorts: Cohorts) {
    this.definition = definition;
    this.group = definition.aggregation ?? -1;
    this.rollout = definition.rollout;
    this.threshold = definition.rollout / 100;
    this.pinned = definition.variant === null ? -1 : variants.indexOf(definition.variant);
    const plain = definition.filters.filter((filter) => filter.type !== 'cohort');
    this.filters = plain.map((filter) => compileFilter(filter, definition.aggregation, scope));
    this.cohorts = definition.filters
      .filter((filter) => filter.type === 'cohort')
      .map((filter) => compileCohortFilter(filter, cohorts));
    this.namesGroup = plain.some((filter) => filter.type === 'group' && filter.groupTypeIndex !== null);
    this.#contradicted = contradictions(this.filters);
  }

  /** Tests all filters in the order of E67. Sets `run.assumed` when a failed flag's value had to be assumed (E143). */
  test(run: Run): FiltersOutcome {
    const { filters, cohorts } = this;
    const { recorder } = run;
    for (let i = 0; i < filters.length; i++) {
      const filter = filters[i] as CompiledFilter;
      const outcome = filter.test(run);
      if (recorder !== null) recorder.filter(run, filter.definition, outcome);
      if (outcome === MATCH) continue;
      if (outcome !== ASSUMED || this.#contradicted.has(filter.target)) return FILTERS_MISSED;
      run.assumed = filter.target;
    }
    return cohorts.length === 0 ? PASSED : this.#testCohorts(run);
  }

  #testCohorts(run: Run): FiltersOutcome {
    if (!run.cohortsPrepared) return FILTERS_MISSED; // E124
    for (const { cohort, definition } of this.cohorts) {
      // E122: every cohort is resolved before any is tested.
      if (cohort === undefined) {
        run.failure ??=
          cohortId(definition.value) === null ? 'cohort_filters_parsing_error' : 'dependency_not_found_cohort';
      } else if (cohort.problem !== null) run.failure ??= cohort.problem;
      else cohort.resolve(run);
    }
    if (run.failure !== null) return FAILED;
    let outcome: FiltersOutcome = PASSED;
    for (const { cohort, definition, wanted } of this.cohorts) {
      const passes = cohort?.isMember === wanted;
      run.recorder?.filter(run, definition, passes ? MATCH : MISS);
      if (passes) continue;
      outcome = FILTERS_MISSED;
      break;
    }
    if (outcome === PASSED) return PASSED;
    return this.cohorts.some(({ cohort }) => cohort?.behavioural === true) ? COHORT_MISSED : FILTERS_MISSED;
  }
}

function compileFilter(filter: FilterDefinition, aggregation: number | null, scope: FilterScope): CompiledFilter {
  if (filter.type === 'flag') return compileFlagFilter(filter, scope);
  if (filter.type === 'group') return compileGroupFilter(filter, filter.groupTypeIndex ?? aggregation, scope); // E8
  return compilePersonFilter(filter, scope);
}

function compileCohortFilter(definition: FilterDefinition, cohorts: Cohorts): CohortFilter {
  const id = cohortId(definition.value);
  const { operator } = definition;
  const wanted = operator === null || operator === 'in' ? true : operator === 'not_in' ? false : null;
  return { definition, cohort: id === null ? undefined : cohorts.use(id), wanted };
}

/** Targets on which the filters ask for values that no single value can satisfy. */
function contradictions(filters: readonly CompiledFilter[]): ReadonlySet<number> {
  const wanted = new Map<number, unknown[]>();
  for (const { target, definition } of filters) {
    if (target >= 0) wanted.set(target, [...(wanted.get(target) ?? []), definition.value]);
  }
  const result = new Set<number>();
  for (const [target, values] of wanted) {
    const exact = new Set(values.filter((value) => value !== true));
    // `true` goes with any variant but not with `false`; two exact values exclude each other.
    if (exact.size > 1 || (exact.has(false) && values.includes(true))) result.add(target);
  }
  return result;
}
