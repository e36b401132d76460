import type { CharSet } from './char-set.ts';

/** A test of the place between two characters. `search-start` is `\G`: we search from 0 only. */
export type Assertion =
  | 'text-start'
  | 'text-end'
  | 'line-start'
  | 'line-end'
  | 'word-boundary'
  | 'not-word-boundary'
  | 'word-start'
  | 'word-end'
  | 'word-start-half'
  | 'word-end-half'
  | 'search-start';

/** Syntax tree of a pattern (E106). Flags are already folded into the nodes they govern. */
export type Node =
  | { readonly kind: 'empty' }
  /** `\K` moves the reported start of a match. Nobody asks for that here, so it only consumes nothing. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'any' }
  /** One code point, matched exactly. */
  | { readonly kind: 'char'; readonly codePoint: number }
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'concat'; readonly children: readonly Node[] }
  | { readonly kind: 'alternate'; readonly children: readonly Node[] }
  | { readonly kind: 'group'; readonly index: number; readonly child: Node }
  /** `max` is Infinity for an open repetition. */
  | {
      readonly kind: 'repeat';
      readonly child: Node;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    }
  | { readonly kind: 'look'; readonly child: Node; readonly behind: boolean; readonly negative: boolean }
  | { readonly kind: 'atomic'; readonly child: Node }
  | { readonly kind: 'backreference'; readonly group: number; readonly caseless: boolean }
  /** True once the group has taken part in the match. */
  | { readonly kind: 'group-set'; readonly group: number }
  | { readonly kind: 'conditional'; readonly condition: Node; readonly yes: Node; readonly no: Node };

/** A parsed pattern with what only the parser knows. */
export interface ParsedPattern {
  readonly root: Node;
  /** Capture groups in the pattern; they are numbered from 1. */
  readonly groupCount: number;
  /** Groups that a back-reference or a condition names. */
  readonly referenced: ReadonlySet<number>;
}

export const EMPTY: Node = { kind: 'empty' };
