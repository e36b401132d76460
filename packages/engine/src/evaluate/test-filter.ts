import { ERROR, MATCH, MISS } from '../operators/outcome.ts';
import type { CompiledFilter, FlagFilter } from '../program/filter.ts';
import type { EvaluationState } from './evaluation-state.ts';
import { ASSUMED, type FilterOutcome } from './filter-outcome.ts';

/** Tests one filter of a condition, and tells what it saw. */
export function testFilter(filter: CompiledFilter, state: EvaluationState): FilterOutcome {
  if (filter.kind === 'flag') return testFlag(filter, state);
  const cell = state.seenBy(filter);
  const { value, source } = cell;
  const outcome = value === undefined && source === 'not_loaded' ? ERROR : filter.matches(cell, state); // E88
  state.trace.filter(filter, value, source, outcome);
  return outcome;
}

/** E135: by the value that the flag has in this request. One that failed has none (E143). */
function testFlag(filter: FlagFilter, state: EvaluationState): FilterOutcome {
  const { target, wanted } = filter;
  const recorded = target < 0 ? undefined : state.recorded(target);
  const value = typeof recorded !== 'object' ? recorded : recorded.failed ? undefined : recorded.value;
  let outcome: FilterOutcome = MISS;
  if (wanted !== null) {
    if (value === undefined) outcome = ASSUMED;
    else if (wanted === true ? value !== false : value === wanted) outcome = MATCH;
  }
  state.trace.filter(filter, value, 'flag', outcome);
  return outcome;
}
