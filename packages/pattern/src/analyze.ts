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
  /** Of `\G` only: nothing can stand before it, so a search that fails there is over. */
  readonly leads: boolean;
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
  /** Groups opened so far. */
  let groups = 0;
  /** Least number of characters between the start of the innermost group and the node at hand. */
  let ahead = 0;
  let openAlternatives = 0;

  function leaf(node: Node, minSize: number, hard: boolean, constSize = true): Analysis {
    return { node, children: [], minSize, constSize, hard, leads: false };
  }

  function inner(node: Node, children: readonly Analysis[], size: Size, hard: boolean): Analysis {
    const { minSize, constSize } = size;
    return { node, children, minSize, constSize, hard, leads: false };
  }

  function visitAt(position: number, node: Node): Analysis {
    const outside = ahead;
    ahead = position;
    const analysis = visit(node);
    ahead = outside;
    return analysis;
  }

  function concat(node: Node, parts: readonly Node[]): Analysis {
    let minSize = 0;
    const children = parts.map((part) => {
      const child = visitAt(ahead + minSize, part);
      minSize += child.minSize;
      return child;
    });
    const constSize = children.every((child) => child.constSize);
    const hard = children.some((child) => child.hard);
    return inner(node, children, { minSize, constSize }, hard);
  }

  function alternate(node: Node, alternatives: readonly Node[]): Analysis {
    openAlternatives += 1;
    const children = alternatives.map(visit);
    openAlternatives -= 1;
    const first = children[0]?.minSize ?? 0;
    const minSize = children.reduce((least, child) => Math.min(least, child.minSize), first);
    const constSize = children.every((child) => child.constSize && child.minSize === first);
    const hard = children.some((child) => child.hard);
    return inner(node, children, { minSize, constSize }, hard);
  }

  function group(node: Node, index: number, content: Node): Analysis {
    groups += 1;
    const child = visitAt(0, content);
    groupSizes.set(index, child);
    // A referenced group may have to give back what it took, so it cannot be decided on its own.
    return inner(node, [child], child, child.hard || pattern.referenced.has(index));
  }

  function conditional(node: Node, ifNode: Node, thenNode: Node, elseNode: Node): Analysis {
    const condition = visit(ifNode);
    const yes = visitAt(ahead + condition.minSize, thenNode);
    const no = visit(elseNode);
    const same = condition.minSize + yes.minSize === no.minSize;
    const minSize = condition.minSize + Math.min(yes.minSize, no.minSize);
    const constSize = condition.constSize && yes.constSize && no.constSize && same;
    return inner(node, [condition, yes, no], { minSize, constSize }, true);
  }

  function visit(node: Node): Analysis {
    switch (node.kind) {
      case 'empty':
        return leaf(node, 0, false);
      case 'keep':
      case 'group-set':
        return leaf(node, 0, true);
      case 'assert': {
        const leads = node.what === 'search-start' && groups === 0 && ahead === 0 && openAlternatives === 0;
        return { ...leaf(node, 0, HARD_ASSERTIONS.has(node.what)), leads };
      }
      case 'any':
      case 'char':
      case 'set':
        return leaf(node, 1, false);
      case 'concat':
        return concat(node, node.children);
      case 'alternate':
        return alternate(node, node.children);
      case 'group':
        return group(node, node.index, node.child);
      case 'repeat': {
        const child = visit(node.child);
        const minSize = child.minSize * node.min;
        return inner(node, [child], { minSize, constSize: child.constSize && node.min === node.max }, child.hard);
      }
      case 'look':
        return inner(node, [visit(node.child)], { minSize: 0, constSize: true }, true);
      case 'atomic': {
        const child = visit(node.child);
        return inner(node, [child], child, true);
      }
      case 'backreference': {
        const size = groupSizes.get(node.group);
        return leaf(node, size?.minSize ?? 0, true, size?.constSize ?? false);
      }
      case 'conditional':
        return conditional(node, node.condition, node.yes, node.no);
    }
  }

  return visit(pattern.root);
}

/**
 * Where the stepwise middle of a sequence begins and ends. Its start of fixed length goes to an automaton, and so does its end
 * as far as nothing can come back to it: `stepwise` is set where something after the sequence may fail.
 */
export function stepwiseMiddle(
  parts: readonly Analysis[],
  stepwise: boolean,
): { readonly from: number; readonly to: number } {
  let from = parts.findIndex((part) => part.hard || !part.constSize);
  if (from < 0) from = parts.length;
  let to = parts.length;
  for (; to > from; to -= 1) {
    const part = parts[to - 1];
    if (part === undefined || part.hard || (stepwise && !part.constSize)) break;
  }
  return { from, to };
}

/**
 * Whether the first thing in a pattern is the start of the text. The reference looks no deeper than that before it decides
 * to try every place of the text, and each place is a step of the budget (E105).
 */
export function beginsWithAnchor(root: Node): boolean {
  const first = root.kind === 'concat' ? root.children[0] : root;
  return first?.kind === 'assert' && first.what === 'text-start';
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
  const parts = root.kind === 'concat' ? root.children : [root];
  const last = parts.at(-1);
  if (last?.kind !== 'look' || last.behind || last.negative) return root;
  // The first part stays a sequence of its own, even when it is empty: where the content must be stepped through, the
  // reference counts it as something that follows, and an anchor in it as one that does not begin the pattern.
  return { kind: 'concat', children: [{ kind: 'concat', children: parts.slice(0, -1) }, last.child] };
}
