import type { Assertion, Node } from './ast.ts';

/** What an assertion becomes when a text is read from its end: left and right change places. */
const MIRRORED: Partial<Record<Assertion, Assertion>> = {
  'text-start': 'text-end',
  'text-end': 'text-start',
  'line-start': 'line-end',
  'line-end': 'line-start',
};

/**
 * The pattern that matches the same texts read backwards, for a look-behind of variable length (E106). Only for what an
 * automaton can decide; which of several matches is preferred gets lost.
 */
export function reversed(node: Node): Node {
  switch (node.kind) {
    case 'assert':
      return { kind: 'assert', what: MIRRORED[node.what] ?? node.what };
    case 'concat':
      return { kind: 'concat', children: node.children.map(reversed).reverse() };
    case 'alternate':
      return { kind: 'alternate', children: node.children.map(reversed) };
    case 'group':
    case 'repeat':
      return { ...node, child: reversed(node.child) };
    default:
      return node;
  }
}
