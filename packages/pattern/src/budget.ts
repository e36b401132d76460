/**
 * Work that the pattern searches of one request may still do together (E105a). Pass the same budget to every search of the request;
 * once it is spent, each further search answers "given up" (2) at once.
 *
 * Counted in steps of some 10 nanoseconds, not in time: an instruction of the backtracking search, an instruction that an
 * automaton follows to build a state, 4 characters of a text that an automaton reads in states it has already.
 */
export interface Budget {
  /** Steps left; spent when negative. */
  left: number;
}

/**
 * Steps of a request. A thousand patterns on texts of 2 kB take less than half of it; a hostile request ends after some
 * 100 ms (docs/decisions/regex-engine.md has the measurements).
 */
const REQUEST_STEPS = 8_000_000;

/** One search takes no more than this, so that one bad pattern leaves the others something. */
const SEARCH_STEPS = 2_000_000;

/** A fresh budget for one request. */
export function createBudget(steps: number = REQUEST_STEPS): Budget {
  return { left: steps };
}

/** Leaves in the budget what one search may take, and returns the rest, to be added again afterwards. */
export function keepBack(budget: Budget): number {
  const kept = Math.max(0, budget.left - SEARCH_STEPS);
  budget.left -= kept;
  return kept;
}
