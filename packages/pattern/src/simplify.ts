import { EMPTY, type Node } from './ast.ts';

/**
 * A smaller pattern that occurs in the same texts. Only for a search that asks nothing but "does it occur": groups, the length
 * of the match and which of several matches is preferred get lost. Parts that only backtracking can decide stay as they are.
 *
 * - Repetitions of repetitions become one: `(?:a{0,100}){0,100}` is `a{0,10000}`, whose automaton is in one place at a time.
 * - Where a match may begin and end anywhere, what may be missing at its edges does not matter: `.*foo.*` is `foo`.
 */
export function simplify(root: Node): Node {
  return trim(trim(flatten(root), 'start'), 'end');
}

function flatten(node: Node): Node {
  switch (node.kind) {
    case 'group':
      return flatten(node.child);
    case 'keep':
      return EMPTY;
    case 'concat':
      return sequence(node.children.map(flatten));
    case 'alternate':
      return { kind: 'alternate', children: node.children.map(flatten) };
    case 'repeat':
      return repetition(flatten(node.child), node.min, node.max, node.greedy);
    default:
      return node;
  }
}

function sequence(parts: readonly Node[]): Node {
  const children = parts.flatMap((part) => (part.kind === 'concat' ? part.children : [part]));
  const kept = children.filter((part) => part.kind !== 'empty');
  const [only = EMPTY] = kept;
  return kept.length > 1 ? { kind: 'concat', children: kept } : only;
}

function repetition(child: Node, min: number, max: number, greedy: boolean): Node {
  if (max === 0 || child.kind === 'empty') return EMPTY;
  if (min === 1 && max === 1) return child;
  if (child.kind !== 'repeat' || (min !== max && !hasNoGap(child.min, child.max, min)))
    return { kind: 'repeat', child, min, max, greedy };
  return { kind: 'repeat', child: child.child, min: child.min * min, max: child.max * max, greedy };
}

/**
 * Whether `min` or more rounds of `low` to `high` make every total from `low * min` on: each number of rounds must go on where
 * the one before ends. With more rounds the ranges only get wider, so the first step decides.
 */
function hasNoGap(low: number, high: number, min: number): boolean {
  return min * low + low <= (min === 0 ? 0 : min * high) + 1;
}

/** Drops what need not be there at one edge of a match. */
function trim(node: Node, edge: 'start' | 'end'): Node {
  if (canBeEmpty(node)) return EMPTY;
  switch (node.kind) {
    case 'concat': {
      const children = [...node.children];
      while (children.length > 0) {
        const at = edge === 'start' ? 0 : children.length - 1;
        const trimmed = trim(children[at] ?? EMPTY, edge);
        children[at] = trimmed;
        if (trimmed.kind !== 'empty') break;
        children.splice(at, 1);
      }
      return sequence(children);
    }
    case 'alternate':
      return { kind: 'alternate', children: node.children.map((child) => trim(child, edge)) };
    case 'repeat':
      return node.min === 1 ? trim(node.child, edge) : { ...node, max: node.min };
    default:
      return node;
  }
}

/** Whether a part matches the empty text wherever it stands. */
function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'empty':
      return true;
    case 'concat':
      return node.children.every(canBeEmpty);
    case 'alternate':
      return node.children.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.child);
    default:
      return false;
  }
}
