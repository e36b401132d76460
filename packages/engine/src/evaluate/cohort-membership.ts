import { MATCH } from '../operators/outcome.ts';
import type { CompiledCohort, MembershipTest } from '../program/cohort.ts';
import type { EvaluationState, Membership } from './evaluation-state.ts';

/** Decides membership in a cohort that can be resolved, those it refers to first. Each is decided once for all flags of the request. */
export function membershipIn(cohort: CompiledCohort, state: EvaluationState): Membership {
  let last: Membership = false;
  for (const { number, test } of cohort.steps) {
    const known = state.membership(number);
    last = known ?? decide(test, state);
    if (known === undefined) state.decideMembership(number, last);
    if (typeof last === 'string') return last;
  }
  return last;
}

function decide(test: MembershipTest, state: EvaluationState): Membership {
  switch (test.kind) {
    case 'static':
      return state.person?.staticCohorts.has(test.id) === true;
    case 'any':
      return firstOther(false, test.of, state);
    case 'all':
      return firstOther(true, test.of, state);
    case 'filter': {
      const { filter, negation } = test;
      // Nobody's cohorts are decided while the person could not be loaded (E124), so a missing value is one that is not set.
      const outcome = filter.matches(state.personProperty(filter.property), state);
      return (outcome === MATCH) !== negation; // E92: an error is false, then negated
    }
    case 'cohort':
      return (state.membership(test.number) === test.wanted) !== test.negation;
    case 'always':
      return test.value;
    case 'malformed':
      return 'cohort_filters_parsing_error';
  }
}

/** Left to right, the first answer other than `usual`, a failure too; `usual` when there is none (E126). */
function firstOther(usual: boolean, tests: readonly MembershipTest[], state: EvaluationState): Membership {
  for (const test of tests) {
    const membership = decide(test, state);
    if (membership !== usual) return membership;
  }
  return usual;
}
