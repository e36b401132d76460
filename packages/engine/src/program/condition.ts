import type { FilterDefinition } from '../definitions/filter.ts';
import type { FailureCode } from '../reasons.ts';
import type { CompiledCohort } from './cohort.ts';
import type { CompiledFilter } from './filter.ts';

/** One condition of a flag, ready to be judged (section 4.3). The conditions of a flag are a chain, as filters are. */
export interface CompiledCondition {
  /** Effective aggregation: a group type index, or -1 for persons (E5). */
  readonly group: number;
  /** In percent. */
  readonly rollout: number;
  /** The point up to which subjects are in (E16). */
  readonly threshold: number;
  /** Position of the pinned variant; -1 when the variant comes from the hash (E71). */
  readonly pinned: number;
  /** The first of all filters but those on cohorts, in stored order (E67). */
  readonly firstFilter: CompiledFilter | null;
  /** `null`: none. */
  readonly cohorts: readonly CohortFilter[] | null;
  /** E129: some cohort holds behaviour, which cannot be evaluated. */
  readonly behavioural: boolean;
  /** E159: some group filter names a group type index itself. */
  readonly namesGroup: boolean;
  /** E143: positions of flags on which the filters ask for values that cannot all hold. */
  readonly contradicted: ReadonlySet<number>;
  readonly next: CompiledCondition | null;
}

/** A filter on a cohort. */
export interface CohortFilter {
  readonly kind: 'cohort';
  readonly definition: FilterDefinition;
  /** `null` when the filter names none of the project's cohorts; `problem` says why. */
  readonly cohort: CompiledCohort | null;
  /** Why the flag fails when it gets here, or `null` (E120, E126, E133). */
  readonly problem: FailureCode | null;
  /** The membership that passes; `null` when none does (E121). */
  readonly wanted: boolean | null;
}
