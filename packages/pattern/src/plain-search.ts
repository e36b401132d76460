import type { Node } from './ast.ts';
import type { Budget } from './budget.ts';
import type { RegexOutcome } from './outcome.ts';
import { spelledText } from './spelled-text.ts';

/** Characters that a string method reads for one step of the budget, as a power of two. */
const CHARACTERS = 2;

/** Looking for a longer text can take the runtime a hundred times as long for each character; an automaton never does. */
const LONGEST_WANTED = 64;

/**
 * A search for a pattern that only spells a text, perhaps tied to the start or end: string methods do it at once.
 * Undefined for every other pattern.
 */
export function plainSearch(root: Node): ((text: string, budget?: Budget) => RegexOutcome) | undefined {
  const nodes = root.kind === 'concat' ? [...root.children] : [root];
  const fromStart = isAssertion(nodes[0], 'text-start');
  if (fromStart) nodes.shift();
  const toEnd = isAssertion(nodes.at(-1), 'text-end');
  if (toEnd) nodes.pop();
  const wanted = spelledText(nodes);
  // Half a character must not be found inside a whole one.
  if (wanted === undefined || /\p{Surrogate}/u.test(wanted)) return undefined;
  if (fromStart && toEnd) return (text, budget) => (spend(budget, 1) ? outcome(text === wanted) : 2);
  if (fromStart) return (text, budget) => (spend(budget, 1) ? outcome(text.startsWith(wanted)) : 2);
  if (toEnd) return (text, budget) => (spend(budget, 1) ? outcome(text.endsWith(wanted)) : 2);
  if (wanted.length > LONGEST_WANTED) return undefined;
  return (text, budget) => (spend(budget, 1 + (text.length >> CHARACTERS)) ? outcome(text.includes(wanted)) : 2);
}

function spend(budget: Budget | undefined, steps: number): boolean {
  if (budget === undefined) return true;
  budget.left -= steps;
  return budget.left >= 0;
}

function outcome(found: boolean): RegexOutcome {
  return found ? 1 : 0;
}

function isAssertion(node: Node | undefined, what: 'text-start' | 'text-end'): boolean {
  return node?.kind === 'assert' && node.what === what;
}
