import type { Node } from './ast.ts';

/**
 * A search for a pattern that only spells a text, perhaps tied to the start or end: string methods do it at once.
 * Undefined for every other pattern.
 */
export function plainSearch(root: Node): ((text: string) => boolean) | undefined {
  const nodes = root.kind === 'concat' ? [...root.children] : [root];
  const fromStart = isAssertion(nodes[0], 'text-start');
  if (fromStart) nodes.shift();
  const toEnd = isAssertion(nodes.at(-1), 'text-end');
  if (toEnd) nodes.pop();
  let wanted = '';
  for (const node of nodes) {
    if (node.kind !== 'char') return undefined;
    wanted += String.fromCodePoint(node.codePoint);
  }
  // Half a character must not be found inside a whole one.
  if (/\p{Surrogate}/u.test(wanted)) return undefined;
  if (fromStart && toEnd) return (text) => text === wanted;
  if (fromStart) return (text) => text.startsWith(wanted);
  if (toEnd) return (text) => text.endsWith(wanted);
  return (text) => text.includes(wanted);
}

function isAssertion(node: Node | undefined, what: 'text-start' | 'text-end'): boolean {
  return node?.kind === 'assert' && node.what === what;
}
