import { type Membership, membership } from './membership.ts';
import { type Nfa, OP } from './nfa.ts';
import { SIDE, sideOf } from './place.ts';

/** Class number of the end of the text. Real characters have classes from 1. */
export const END = 0;

/** Characters that an automaton cannot tell apart. */
export interface CharClass {
  /** The code point when some CHAR instruction names it, else -1. */
  readonly literal: number;
  /** One flag per set of the automaton. */
  readonly inSet: readonly boolean[];
  /** Side kind, as coarse as the automaton's assertions allow. */
  readonly side: number;
}

/** Characters beyond ASCII remembered per automaton. When there are more, it forgets them all and starts again. */
const MOST_REMEMBERED = 1 << 12;

/**
 * Maps characters to the few classes that matter to one automaton, on first sight. This keeps the automaton's tables small
 * and every Unicode test to once per character.
 */
export class Alphabet {
  readonly classes: CharClass[] = [{ literal: -1, inSet: [], side: SIDE.EDGE }];
  /** Class of each ASCII character, END while not yet known. */
  readonly ascii = new Uint16Array(128);
  /** Steps of the budget that a new character costs. */
  readonly effort: number;
  readonly #beyond = new Map<number, number>();
  readonly #numbers = new Map<string, number>();
  readonly #literals: ReadonlySet<number>;
  readonly #sets: readonly Membership[];
  readonly #seesLines: boolean;
  readonly #seesWords: boolean;

  constructor(nfa: Nfa) {
    this.#literals = new Set(nfa.x.filter((_, pc) => nfa.ops[pc] === OP.CHAR));
    this.#sets = nfa.sets.map(membership);
    this.#seesLines = nfa.assertions.has('line-start') || nfa.assertions.has('line-end');
    this.#seesWords = [...nfa.assertions].some((what) => what.includes('word'));
    this.effort = 16 * (1 + this.#sets.length);
  }

  /** The class of a code point seen before, or undefined. */
  known(codePoint: number): number | undefined {
    return codePoint < 128 ? this.ascii[codePoint] || undefined : this.#beyond.get(codePoint);
  }

  /** Classifies a code point and remembers it. */
  learn(codePoint: number): number {
    const literal = this.#literals.has(codePoint) ? codePoint : -1;
    const inSet = this.#sets.map((has) => has(codePoint));
    const side = this.side(sideOf(codePoint));
    const key = `${literal}:${side}:${inSet.map(Number).join('')}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.classes.push({ literal, inSet, side }) - 1;
      this.#numbers.set(key, number);
    }
    if (codePoint < 128) this.ascii[codePoint] = number;
    else {
      if (this.#beyond.size >= MOST_REMEMBERED) this.#beyond.clear();
      this.#beyond.set(codePoint, number);
    }
    return number;
  }

  /** Forgets distinctions between sides that no assertion of the automaton makes. */
  side(side: number): number {
    if (side === SIDE.WORD && !this.#seesWords) return SIDE.OTHER;
    if (side === SIDE.LINE_FEED && !this.#seesLines) return SIDE.OTHER;
    return side;
  }
}
