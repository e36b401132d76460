import { analyze, beginsWithAnchor, isAnchored, withoutFinalLookAhead } from './analyze.ts';
import type { Node } from './ast.ts';
import { compileBacktracking } from './backtrack-program.ts';
import { searchBacktracking } from './backtracker.ts';
import { checkCompiledSize } from './compiled-size.ts';
import { type Budget, Dfa } from './dfa.ts';
import { compileNfa, type Nfa } from './nfa.ts';
import { parsePattern } from './parser.ts';
import { PatternProblem } from './pattern-problem.ts';
import { plainSearch } from './plain-search.ts';

/** 0: no match; 1: a match somewhere; 2: given up because the step budget was exceeded (E105). */
export type RegexOutcome = 0 | 1 | 2;

/** A pattern ready to search with, or why it is not valid (E104). `position` counts UTF-16 units of the pattern. */
export type CompiledRegex =
  | { readonly valid: true; test(text: string): RegexOutcome }
  | { readonly valid: false; readonly problem: string; readonly position: number };

/**
 * Work one search may do: instructions run, characters read by automata that start anew, states built. A search of a long
 * text by an automaton stays far below it; it is there so that no pattern and text together can hold the process.
 */
const MOST_WORK = 25_000_000;

/**
 * Compiles a pattern in the dialect of E106. Never throws. Patterns without look-around, back-references, atomic parts and
 * conditions are decided in time linear in the text; the others by backtracking within the budget of E105.
 */
export function compileRegex(pattern: string): CompiledRegex {
  try {
    return { valid: true, test: compileSearch(pattern) };
  } catch (error) {
    if (!(error instanceof PatternProblem)) throw error;
    return { valid: false, problem: error.message, position: error.position };
  }
}

type Search = (text: string) => RegexOutcome;

function compileSearch(pattern: string): Search {
  const parsed = parsePattern(pattern);
  const root = withoutFinalLookAhead(parsed.root);
  const analysis = analyze({ ...parsed, root });
  if (!analysis.hard) {
    checkCompiledSize(root);
    return linearSearch(compileNfa(root), root);
  }
  const program = compileBacktracking(analysis, parsed.groupCount, beginsWithAnchor(root));
  return (text) => {
    const result = searchBacktracking(program, text, { left: MOST_WORK });
    if (result === 'exceeded') return 2;
    return result === 'match' ? 1 : 0;
  };
}

function linearSearch(nfa: Nfa, root: Node): Search {
  const plain = plainSearch(root);
  if (plain !== undefined) return (text) => (plain(text) ? 1 : 0);
  const anchored = isAnchored(root);
  let dfa: Dfa | undefined;
  return (text) => {
    dfa ??= new Dfa(nfa, anchored);
    const budget: Budget = { left: MOST_WORK };
    const found = dfa.occursIn(text, budget);
    if (budget.left < 0) return 2;
    return found ? 1 : 0;
  };
}
