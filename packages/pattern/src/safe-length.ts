import { type Analysis, stepwiseMiddle } from './analyze.ts';

/**
 * What stepping through a part can cost at most, as polynomials in the number of places n: how many ways it can be
 * passed (`exits`), and how many ways it puts aside for later while all of them are tried (`steps`).
 */
interface Cost {
  readonly exits: Polynomial;
  readonly steps: Polynomial;
}

/** Coefficients of 1, n, n² … */
type Polynomial = readonly number[];

const ONE: Polynomial = [1];
const NONE: Polynomial = [];
const PLACES: Polynomial = [0, 1];
const PASSED: Cost = { exits: ONE, steps: NONE };

/** Longer polynomials are of no use: the budget is 10 000. */
const MOST_TERMS = 4;
/** No runtime has longer texts. */
const LONGEST_TEXT = 2 ** 30;
/** Where a repetition may go on for longer, the text ends it. */
const MOST_ROUNDS = 100;

/**
 * Length up to which no text can make a whole search take more than `mostSteps` backtracking steps (E105), for a pattern that
 * an automaton can decide: there the answer of the automaton is that of the search, and comes much faster. -1 when it cannot
 * be said of any text.
 */
export function longestSafeText(analysis: Analysis, anchored: boolean, mostSteps: number): number {
  const cost = costOf(analysis, false);
  if (cost === undefined) return -1;
  let safe = -1;
  let tooLong = LONGEST_TEXT;
  while (tooLong - safe > 1) {
    const length = Math.floor((safe + tooLong) / 2);
    if (stepsOfSearch(cost.steps, length, anchored) <= mostSteps) safe = length;
    else tooLong = length;
  }
  return safe;
}

function stepsOfSearch(steps: Polynomial, length: number, anchored: boolean): number {
  const n = length + 1;
  if (anchored) return evaluate(steps, n);
  // A start at each place, with ever less text behind it: the sums of 1, k, k² and k³ for k up to n.
  const sums = [n, (n * (n + 1)) / 2, (n * (n + 1) * (2 * n + 1)) / 6, ((n * (n + 1)) / 2) ** 2];
  return steps.reduce((total, factor, power) => total + factor * (sums[power] ?? Infinity), n);
}

/** Mirrors what `compileBacktracking` makes of a part. */
function costOf(part: Analysis, stepwise: boolean): Cost | undefined {
  if (!stepwise && !part.hard) return PASSED;
  const { node, children } = part;
  switch (node.kind) {
    case 'concat': {
      const { from, to } = stepwiseMiddle(children, stepwise);
      return inSequence(children.slice(from, to).map((child) => costOf(child, true)));
    }
    case 'alternate':
      return choice(children.map((child) => costOf(child, stepwise)));
    case 'group':
      return inSequence(children.map((child) => costOf(child, stepwise)));
    case 'repeat':
      return repetition(part, node.min, node.max, stepwise);
    case 'look':
    case 'atomic':
    case 'backreference':
    case 'group-set':
    case 'conditional':
      return undefined;
    default:
      return PASSED;
  }
}

function inSequence(costs: readonly (Cost | undefined)[]): Cost | undefined {
  let exits = ONE;
  let steps = NONE;
  for (const cost of costs) {
    if (cost === undefined) return undefined;
    steps = sum(steps, product(exits, cost.steps));
    exits = product(exits, cost.exits);
  }
  return small({ exits, steps });
}

function choice(costs: readonly (Cost | undefined)[]): Cost | undefined {
  let exits = NONE;
  let steps: Polynomial = [costs.length - 1];
  for (const cost of costs) {
    if (cost === undefined) return undefined;
    exits = sum(exits, cost.exits);
    steps = sum(steps, cost.steps);
  }
  return small({ exits, steps });
}

function repetition(part: Analysis, min: number, max: number, stepwise: boolean): Cost | undefined {
  const [child] = part.children;
  if (child === undefined) return undefined;
  const once = min === 0 && max === 1;
  const body = costOf(child, once ? stepwise : stepwise || child.hard);
  if (body === undefined) return undefined;
  if (once) return small({ exits: sum(ONE, body.exits), steps: sum(ONE, body.steps) });
  // With one way through the body, each round that need not be puts one way aside. With more, rounds multiply.
  if (body.exits.length !== 1 || body.exits[0] !== 1) return undefined;
  if (max <= MOST_ROUNDS) {
    return small({ exits: [max - min + 1], steps: sum([max - min], product([max], body.steps)) });
  }
  const rounds = child.minSize > 0 ? PLACES : sum(PLACES, [min + 1]); // An empty round is the last one.
  return small({ exits: rounds, steps: product(rounds, sum(ONE, body.steps)) });
}

function small(cost: Cost): Cost | undefined {
  return Math.max(cost.exits.length, cost.steps.length) <= MOST_TERMS ? cost : undefined;
}

function sum(a: Polynomial, b: Polynomial): Polynomial {
  const longer = a.length >= b.length ? a : b;
  const shorter = longer === a ? b : a;
  return longer.map((factor, power) => factor + (shorter[power] ?? 0));
}

function product(a: Polynomial, b: Polynomial): Polynomial {
  const result = Array.from({ length: a.length === 0 || b.length === 0 ? 0 : a.length + b.length - 1 }, () => 0);
  a.forEach((left, i) => {
    b.forEach((right, j) => {
      result[i + j] = (result[i + j] ?? 0) + left * right;
    });
  });
  return result;
}

function evaluate(polynomial: Polynomial, n: number): number {
  return polynomial.reduceRight((value, factor) => value * n + factor, 0);
}
