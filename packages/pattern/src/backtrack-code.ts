import type { Dfa } from './dfa.ts';
import type { KnownSet } from './known-set.ts';

/**
 * Instructions of the backtracking search: an operation and its operands, one number each. "Slots" hold places and counters and
 * are restored when the search steps back; a "way" is an untried continuation.
 */
export const OP = {
  MATCH: 0,
  /** Any one character. */
  ANY: 1,
  /** `index` into `texts`. */
  TEXT: 2,
  /** `index` into `sets`. */
  SET: 3,
  /** `code` of an assertion. */
  ASSERT: 4,
  /** `leads` (0 or 1): where it fails with only later places of the text untried, the search is over. `\G`. */
  SEARCH_START: 5,
  /** `first second`: goes on at the first, the second is put aside. */
  SPLIT: 6,
  /** `target`. */
  JUMP: 7,
  /** `slot` := the place. */
  SAVE: 8,
  /** The place := `slot`. */
  RESTORE: 9,
  /** `slot` := 0. */
  ZERO: 10,
  /**
   * `slot min max exit check`: another round of the body behind, or on to the exit, counting rounds in the slot; a maximum of -1
   * is none. `check` is a slot for the place before the latest optional round where a round may take nothing, or -1.
   */
  REPEAT_GREEDY: 11,
  REPEAT_LAZY: 12,
  /** `count` characters back. */
  BACK: 13,
  /** `group`. */
  BACKREFERENCE: 14,
  BACKREFERENCE_CASELESS: 15,
  /** `group`: it has taken part. */
  GROUP_SET: 16,
  /** Puts the number of ways on a stack. */
  MARK: 17,
  /** Takes a number off that stack and drops the ways that came after. */
  CUT: 18,
  /** `slot` := number of ways, before a negative look-around. */
  MARK_LOOK: 19,
  /** `slot`: the body of a negative look-around matched, so drop the ways it left and fail. */
  FAIL_LOOK: 20,
  /** `index` into `automata`: goes on where the preferred match ends. */
  AUTOMATON: 21,
  /** `index` into `automata`: whether the text read backwards matches. A look-behind of variable length. */
  BEHIND: 22,
} as const;

/** A pattern compiled for the backtracking search. */
export interface BacktrackProgram {
  /** One more than the instructions, so that every instruction has something behind it to read. */
  readonly code: Int32Array;
  readonly texts: readonly string[];
  readonly sets: readonly KnownSet[];
  readonly automata: readonly (() => Dfa)[];
  /** Slots 2g and 2g + 1 hold start and end of group g. */
  readonly slotCount: number;
  /** Whether a match can begin at the start of the text only, as far as the reference looks. */
  readonly anchored: boolean;
}
