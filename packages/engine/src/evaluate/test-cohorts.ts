import { ERROR, MATCH, MISS } from '../operators/outcome.ts';
import type { CohortFilter } from '../program/condition.ts';
import { membershipIn } from './cohort-membership.ts';
import type { EvaluationState, Membership } from './evaluation-state.ts';
import { COHORT_NOT_EVALUATED, type Failed, FILTERS_MISSED, failed, type Missed } from './verdict.ts';

/** Tests the cohort filters of a condition whose other filters passed; `null` when all pass. All are resolved before any is tested (E122). */
export function testCohorts(
  cohorts: readonly CohortFilter[],
  behavioural: boolean,
  state: EvaluationState,
): Missed | Failed | null {
  if (!state.cohortsPrepared) {
    for (const filter of cohorts) state.trace.filter(filter, undefined, 'not_loaded', ERROR);
    return FILTERS_MISSED; // E124
  }
  for (const filter of cohorts) {
    const membership = membershipFor(filter, state);
    if (typeof membership === 'string') return failed(membership);
  }
  for (const filter of cohorts) {
    const membership = membershipFor(filter, state) === true;
    const passes = membership === filter.wanted;
    state.trace.filter(filter, membership, 'cohort', passes ? MATCH : MISS);
    if (!passes) return behavioural ? COHORT_NOT_EVALUATED : FILTERS_MISSED; // E129
  }
  return null;
}

function membershipFor({ cohort, problem }: CohortFilter, state: EvaluationState): Membership {
  if (problem !== null) return problem;
  return cohort === null ? false : membershipIn(cohort, state);
}
