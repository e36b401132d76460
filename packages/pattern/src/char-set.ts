import { PatternProblem } from './pattern-problem.ts';

/**
 * A set of code points as an expression. Nothing is expanded to tables: membership of one character is computed when a
 * text first shows that character, and remembered by the automaton (alphabet.ts).
 */
export type CharSet =
  /** Sorted, disjoint pairs: from, to, from, to … */
  | { readonly kind: 'ranges'; readonly ranges: readonly number[]; readonly caseless: boolean }
  | { readonly kind: 'perl'; readonly name: 'd' | 's' | 'w' }
  /** `body` is what stands between `\p{` and `}` in a native pattern. */
  | { readonly kind: 'property'; readonly body: string; readonly caseless: boolean }
  | { readonly kind: 'not'; readonly of: CharSet; readonly depth: number }
  | { readonly kind: 'union'; readonly of: readonly CharSet[]; readonly depth: number }
  | {
      readonly kind: 'intersection' | 'difference' | 'symmetric-difference';
      readonly left: CharSet;
      readonly right: CharSet;
      readonly depth: number;
    };

export type SetOperation = 'intersection' | 'difference' | 'symmetric-difference';

export const LAST_CODE_POINT = 0x10ffff;

/** Deeper class expressions are refused, as in the reference; it also bounds every recursion over a set. */
const DEEPEST = 250;

function depthOf(set: CharSet): number {
  return 'depth' in set ? set.depth : 0;
}

function under(position: number, ...parts: readonly CharSet[]): number {
  const depth = parts.reduce((deepest, part) => Math.max(deepest, depthOf(part)), 0) + 1;
  if (depth > DEEPEST) throw new PatternProblem('character class is nested too deeply', position);
  return depth;
}

export function complement(of: CharSet, position: number): CharSet {
  return { kind: 'not', of, depth: under(position, of) };
}

export function unite(of: readonly CharSet[], position: number): CharSet {
  const [only] = of;
  if (only !== undefined && of.length === 1) return only;
  let depth = 1;
  for (const part of of) depth = Math.max(depth, under(position, part));
  return { kind: 'union', of, depth };
}

export function combine(kind: SetOperation, left: CharSet, right: CharSet, position: number): CharSet {
  return { kind, left, right, depth: under(position, left, right) };
}

/** Ranges in any order, possibly overlapping, as a set. */
export function rangesOf(pairs: readonly number[], caseless: boolean): CharSet {
  const sorted: [number, number][] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) sorted.push([pairs[i] ?? 0, pairs[i + 1] ?? 0]);
  sorted.sort((a, b) => a[0] - b[0]);
  const ranges: number[] = [];
  for (const [from, to] of sorted) {
    const end = ranges.at(-1);
    if (end !== undefined && from <= end + 1) ranges[ranges.length - 1] = Math.max(end, to);
    else ranges.push(from, to);
  }
  return { kind: 'ranges', ranges, caseless };
}

/** Equal keys mean equal sets, so that a program tests each distinct set once per character. */
export function setKey(set: CharSet): string {
  switch (set.kind) {
    case 'ranges':
      return `${set.caseless ? 'i' : 'r'}${set.ranges.join(',')}`;
    case 'perl':
      return `\\${set.name}`;
    case 'property':
      return `${set.caseless ? 'I' : 'p'}{${set.body}}`;
    case 'not':
      return `^(${setKey(set.of)})`;
    case 'union':
      return `(${set.of.map(setKey).join('|')})`;
    case 'intersection':
    case 'difference':
    case 'symmetric-difference':
      return `(${setKey(set.left)} ${set.kind} ${setKey(set.right)})`;
  }
}
