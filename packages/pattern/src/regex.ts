import { analyze, beginsWithAnchor, isAnchored, withoutFinalLookAhead } from './analyze.ts';
import type { Node } from './ast.ts';
import type { BacktrackProgram } from './backtrack-code.ts';
import { compileBacktracking } from './backtrack-program.ts';
import { backtrackingSearch, MOST_BACKTRACKS } from './backtracker.ts';
import { type Budget, createBudget, keepBack } from './budget.ts';
import { checkCompiledSize } from './compiled-size.ts';
import { Dfa } from './dfa.ts';
import { compileNfa, MOST_INSTRUCTIONS } from './nfa.ts';
import { parsePattern } from './parser.ts';
import { PatternProblem } from './pattern-problem.ts';
import type { RegexOutcome } from './outcome.ts';
import { plainSearch } from './plain-search.ts';
import { longestSafeText } from './safe-length.ts';
import { simplify } from './simplify.ts';

/** An automaton beside a backtracking program is a convenience, and may take only so much room. */
const MOST_SHORTCUT_INSTRUCTIONS = 1 << 14;

/**
 * Tells whether a pattern occurs in a text. `budget` is what the request has left, a fresh one when missing; the search takes
 * its steps off it.
 */
type Search = (text: string, budget?: Budget) => RegexOutcome;

/** A pattern ready to search with, or why it is not valid (E104). `position` counts UTF-16 units of the pattern. */
export type CompiledRegex =
  | { readonly valid: true; readonly test: Search }
  | { readonly valid: false; readonly problem: string; readonly position: number };

/**
 * Compiles a pattern in the dialect of E106. Never throws. Patterns without word boundaries, look-around, back-references, atomic
 * parts and conditions are decided in time linear in the text; the others by backtracking within the step budget of E105.
 */
export function compileRegex(pattern: string): CompiledRegex {
  try {
    return { valid: true, test: compileSearch(pattern) };
  } catch (error) {
    if (!(error instanceof PatternProblem)) throw error;
    return { valid: false, problem: error.message, position: error.position };
  }
}

function compileSearch(pattern: string): Search {
  const parsed = parsePattern(pattern);
  const root = withoutFinalLookAhead(parsed.root);
  const analysis = analyze({ ...parsed, root });
  if (!analysis.hard) {
    checkCompiledSize(root);
    return linearSearch(root, MOST_INSTRUCTIONS);
  }
  const anchored = beginsWithAnchor(root);
  const stepwise = stepwiseSearch(compileBacktracking(analysis, parsed.groupCount, anchored));
  const longest = longestSafeText(analysis, anchored, MOST_BACKTRACKS);
  const linear = longest < 0 ? undefined : shortcut(root);
  if (linear === undefined) return stepwise;
  return (text, budget) => (text.length > longest ? stepwise : linear)(text, budget);
}

/** An automaton for a pattern that the reference steps through; undefined when it would take much room. */
function shortcut(root: Node): Search | undefined {
  try {
    return linearSearch(root, MOST_SHORTCUT_INSTRUCTIONS);
  } catch (error) {
    if (error instanceof PatternProblem) return undefined;
    throw error;
  }
}

function stepwiseSearch(program: BacktrackProgram): Search {
  const search = backtrackingSearch(program);
  return (text, budget = createBudget()) => {
    const kept = keepBack(budget);
    const outcome = budget.left >= 0 ? search(text, budget) : 2;
    // An automaton that was cut off found nothing, which must not pass for an answer.
    const spent = budget.left < 0;
    budget.left += kept;
    return spent ? 2 : outcome;
  };
}

/** @throws PatternProblem when the automaton would be too large */
function linearSearch(root: Node, mostInstructions: number): Search {
  const simple = simplify(root);
  const plain = plainSearch(simple);
  if (plain !== undefined) return plain;
  const nfa = compileNfa(simple, mostInstructions);
  const anchored = isAnchored(simple);
  let dfa: Dfa | undefined;
  return (text, budget = createBudget()) => {
    const kept = keepBack(budget);
    dfa ??= new Dfa(nfa, anchored);
    const found = budget.left >= 0 && dfa.occursIn(text, budget);
    const spent = budget.left < 0;
    budget.left += kept;
    if (spent) return 2;
    return found ? 1 : 0;
  };
}
