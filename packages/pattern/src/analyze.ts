import type { Assertion, Node, ParsedPattern } from './ast.ts';

/** What the compilers must know of a node beyond its syntax. */
export interface Analysis {
  readonly node: Node;
  readonly children: readonly Analysis[];
  /** Least number of characters consumed. */
  readonly minSize: number;
  /** Whether every match consumes exactly `minSize` characters. */
  readonly constSize: boolean;
  /**
   * Whether the reference steps through this part one alternative at a time, counting steps (E105), rather than handing
   * it to its linear engine.
   */
  readonly hard: boolean;
}

interface Size {
  readonly minSize: number;
  readonly constSize: boolean;
}

const HARD_ASSERTIONS: ReadonlySet<Assertion> = new Set<Assertion>([
  'word-boundary',
  'not-word-boundary',
  'word-start',
  'word-end',
  'word-start-half',
  'word-end-half',
  'search-start',
]);

/** Measures a parsed pattern, bottom up. */
export function analyze(pattern: ParsedPattern): Analysis {
  const groupSizes = new Map<number, Size>();

  function leaf(node: Node, minSize: number, hard: boolean, constSize = true): Analysis {
    return { node, children: [], minSize, constSize, hard };
  }

  function visit(node: Node): Analysis {
    switch (node.kind) {
      case 'empty':
        return leaf(node, 0, false);
      case 'keep':
      case 'group-set':
        return leaf(node, 0, true);
      case 'assert':
        return leaf(node, 0, HARD_ASSERTIONS.has(node.what));
      case 'any':
      case 'char':
      case 'set':
        return leaf(node, 1, false);
      case 'concat': {
        const children = node.children.map(visit);
        const minSize = children.reduce((sum, child) => sum + child.minSize, 0);
        return {
          node,
          children,
          minSize,
          constSize: children.every((child) => child.constSize),
          hard: children.some((child) => child.hard),
        };
      }
      case 'alternate': {
        const children = node.children.map(visit);
        const first = children[0]?.minSize ?? 0;
        return {
          node,
          children,
          minSize: children.reduce((least, child) => Math.min(least, child.minSize), first),
          constSize: children.every((child) => child.constSize && child.minSize === first),
          hard: children.some((child) => child.hard),
        };
      }
      case 'group': {
        const child = visit(node.child);
        groupSizes.set(node.index, child);
        // A referenced group may have to give back what it took, so it cannot be decided on its own.
        const hard = child.hard || pattern.referenced.has(node.index);
        return { node, children: [child], minSize: child.minSize, constSize: child.constSize, hard };
      }
      case 'repeat': {
        const child = visit(node.child);
        const constSize = child.constSize && node.min === node.max;
        return { node, children: [child], minSize: child.minSize * node.min, constSize, hard: child.hard };
      }
      case 'look':
        return { node, children: [visit(node.child)], minSize: 0, constSize: true, hard: true };
      case 'atomic': {
        const child = visit(node.child);
        return { node, children: [child], minSize: child.minSize, constSize: child.constSize, hard: true };
      }
      case 'backreference': {
        const size = groupSizes.get(node.group);
        return leaf(node, size?.minSize ?? 0, true, size?.constSize ?? false);
      }
      case 'conditional': {
        const condition = visit(node.condition);
        const yes = visit(node.yes);
        const no = visit(node.no);
        const same = condition.minSize + yes.minSize === no.minSize;
        return {
          node,
          children: [condition, yes, no],
          minSize: condition.minSize + Math.min(yes.minSize, no.minSize),
          constSize: condition.constSize && yes.constSize && no.constSize && same,
          hard: true,
        };
      }
    }
  }

  return visit(pattern.root);
}

/** Whether a finite automaton cannot decide the pattern, so that it must be searched by backtracking (E105). */
export function needsBacktracking(node: Node): boolean {
  switch (node.kind) {
    case 'look':
    case 'atomic':
    case 'backreference':
    case 'group-set':
    case 'conditional':
      return true;
    case 'concat':
    case 'alternate':
      return node.children.some(needsBacktracking);
    case 'group':
    case 'repeat':
      return needsBacktracking(node.child);
    default:
      return false;
  }
}

/**
 * Whether the first thing in a pattern is the start of the text. The reference looks no deeper than that before it decides
 * to try every place of the text, and each place is a step of the budget (E105).
 */
export function beginsWithAnchor(root: Node): boolean {
  const first = root.kind === 'concat' ? root.children[0] : root;
  return first?.kind === 'assert' && (first.what === 'text-start' || first.what === 'search-start');
}

/** Whether every match must begin at the start of the text, as far as a quick look tells. */
export function isAnchored(node: Node): boolean {
  switch (node.kind) {
    case 'assert':
      return node.what === 'text-start' || node.what === 'search-start';
    case 'group':
      return isAnchored(node.child);
    case 'concat': {
      const [first] = node.children;
      return first !== undefined && isAnchored(first);
    }
    case 'alternate':
      return node.children.every(isAnchored);
    default:
      return false;
  }
}

/**
 * A look-ahead that ends the pattern only asks whether its content follows, so for a yes-or-no search it is that content:
 * `foo(?=bar)` is `foobar`. The reference does the same and then needs no backtracking.
 */
export function withoutFinalLookAhead(root: Node): Node {
  if (root.kind === 'look') return root.behind || root.negative ? root : root.child;
  const last = root.kind === 'concat' ? root.children.at(-1) : undefined;
  if (root.kind !== 'concat' || last?.kind !== 'look' || last.behind || last.negative) return root;
  return { kind: 'concat', children: [{ kind: 'concat', children: root.children.slice(0, -1) }, last.child] };
}
