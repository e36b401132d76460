import type { Node } from './ast.ts';

/** The text that a sequence of plain characters spells, or undefined when there is more to it. */
export function spelledText(nodes: readonly Node[]): string | undefined {
  let text = '';
  for (const node of nodes) {
    if (node.kind === 'char') text += String.fromCodePoint(node.codePoint);
    else if (node.kind === 'concat') {
      const inner = spelledText(node.children);
      if (inner === undefined) return undefined;
      text += inner;
    } else if (node.kind !== 'empty') return undefined;
  }
  return text;
}
