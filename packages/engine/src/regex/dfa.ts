import { Alphabet, type CharClass, END } from './alphabet.ts';
import { ASSERTION_CODES, type Nfa, OP } from './nfa.ts';
import { holds, sideBefore } from './place.ts';

/** Work that may still be done, shared by all parts of one search. A negative rest means the search was cut off. */
export interface Budget {
  left: number;
}

/** Where the automaton stands between two characters. */
interface State {
  /** Instructions to continue with, most preferred first, assertions not yet resolved. */
  readonly threads: readonly number[];
  /** Kind of the character before. */
  readonly before: number;
  /** Whether a match ended before the latest character. */
  readonly matched: boolean;
  /** Following state by character class, filled in as texts ask for it. */
  next: (State | undefined)[];
}

/** Remembered states are dropped beyond this many numbers held by them. */
const MOST_REMEMBERED = 1 << 18;

/**
 * Runs an automaton in time linear in the text by keeping the set of places it can be in, and remembers every step, so
 * that texts of a kind seen before cost a table look-up per character. Used in two ways: *unanchored*, to tell whether
 * the pattern occurs, and *anchored*, to tell where the preferred match that starts at one place ends.
 */
export class Dfa {
  readonly #nfa: Nfa;
  readonly #anchored: boolean;
  readonly #alphabet: Alphabet;
  readonly #seen: Uint32Array;
  readonly #queued: Uint32Array;
  #mark = 0;
  #states = new Map<string, State>();
  #remembered = 0;

  constructor(nfa: Nfa, anchored: boolean) {
    this.#nfa = nfa;
    this.#anchored = anchored;
    this.#alphabet = new Alphabet(nfa);
    this.#seen = new Uint32Array(nfa.ops.length);
    this.#queued = new Uint32Array(nfa.ops.length);
  }

  /** Whether a match occurs anywhere. Meaningless when the budget ran out. */
  occursIn(text: string, budget: Budget): boolean {
    return this.#run(text, 0, true, budget) >= 0;
  }

  /** End of the preferred match that starts at `from`, or -1. Meaningless when the budget ran out. */
  matchEnd(text: string, from: number, budget: Budget): number {
    return this.#run(text, from, false, budget);
  }

  #run(text: string, from: number, earliest: boolean, budget: Budget): number {
    const alphabet = this.#alphabet;
    const { ascii } = alphabet;
    const { length } = text;
    let state = this.#state([0], alphabet.side(sideBefore(text, from)), false);
    let end = -1;
    let at = from;
    while (at < length) {
      let codePoint = text.charCodeAt(at);
      let width = 1;
      let charClass: number;
      if (codePoint < 128) charClass = ascii[codePoint] ?? END;
      else {
        codePoint = text.codePointAt(at) ?? codePoint;
        if (codePoint > 0xffff) width = 2;
        charClass = alphabet.known(codePoint) ?? END;
      }
      if (charClass === END) {
        budget.left -= alphabet.effort;
        charClass = alphabet.learn(codePoint);
      }
      const next = state.next[charClass] ?? this.#step(state, charClass, budget);
      if (next.matched) {
        end = at;
        if (earliest) break;
      }
      if (next.threads.length === 0 || budget.left < 0) {
        budget.left -= at - from;
        return end;
      }
      state = next;
      at += width;
    }
    budget.left -= at - from;
    if (at < length) return end;
    return (state.next[END] ?? this.#step(state, END, budget)).matched ? length : end;
  }

  #step(state: State, charClass: number, budget: Budget): State {
    const { ops, x, y } = this.#nfa;
    const after = this.#alphabet.classes[charClass];
    if (after === undefined) throw new RangeError('no such character class');
    const mark = this.#nextMark();
    const stack: number[] = [];
    const threads: number[] = [];
    let matched = false;
    let work = 1;
    search: for (const thread of state.threads) {
      stack.push(thread);
      for (let pc = stack.pop(); pc !== undefined; pc = stack.pop()) {
        if (this.#seen[pc] === mark) continue;
        this.#seen[pc] = mark;
        work += 1;
        const first = x[pc] ?? 0;
        switch (ops[pc]) {
          case OP.MATCH:
            // Less preferred threads no longer count.
            matched = true;
            break search;
          case OP.SPLIT:
            stack.push(y[pc] ?? 0, first);
            break;
          case OP.JUMP:
            stack.push(first);
            break;
          case OP.ASSERT: {
            const what = ASSERTION_CODES[first];
            if (what !== undefined && holds(what, state.before, after.side)) stack.push(pc + 1);
            break;
          }
          default:
            if (charClass !== END && consumes(ops[pc], first, after) && this.#queued[pc + 1] !== mark) {
              this.#queued[pc + 1] = mark;
              threads.push(pc + 1);
            }
        }
      }
    }
    if (!this.#anchored && !matched && this.#queued[0] !== mark) threads.push(0);
    // Memory for the remembered step counts as well.
    budget.left -= work + threads.length;
    const next = this.#state(threads, after.side, matched);
    state.next[charClass] = next;
    this.#remembered += 1;
    return next;
  }

  /** A number not in use in the mark arrays. */
  #nextMark(): number {
    if (this.#mark === 0xffff_ffff) {
      this.#seen.fill(0);
      this.#queued.fill(0);
      this.#mark = 0;
    }
    this.#mark += 1;
    return this.#mark;
  }

  #state(threads: readonly number[], before: number, matched: boolean): State {
    const key = `${matched ? 'm' : ''}${before}:${threads.join(',')}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#remembered > MOST_REMEMBERED) {
      // States still linked from the current one live until it is left; everything else starts anew.
      for (const state of this.#states.values()) state.next = [];
      this.#states = new Map();
      this.#remembered = 0;
    }
    const state: State = { threads, before, matched, next: [] };
    this.#states.set(key, state);
    this.#remembered += threads.length + 16;
    return state;
  }
}

function consumes(op: number | undefined, operand: number, charClass: CharClass): boolean {
  if (op === OP.CHAR) return charClass.literal === operand;
  return op === OP.ANY || charClass.inSet[operand] === true;
}
