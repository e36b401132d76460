import { Alphabet, type CharClass, END } from './alphabet.ts';
import type { Budget } from './budget.ts';
import { type Nfa, OP } from './nfa.ts';
import { holds, previousIndex, sideAfter, sideBefore } from './place.ts';

/** Where the automaton stands between two characters. */
interface State {
  readonly number: number;
  /** Instructions to continue with, most preferred first, assertions not yet resolved. */
  readonly threads: readonly number[];
  /** Kind of the character before. */
  readonly before: number;
}

/**
 * A remembered step is the number of the next state, shifted, and these two marks; with a mark, it is negative. 0 is a step
 * not yet taken.
 */
const MATCHED = 1;
const DEAD = 2;
const MARKS = 2;

/** Remembered steps and states are dropped beyond about this many bytes. */
const MOST_REMEMBERED = 1 << 20;
const BYTES_OF_STEP = 4;
const BYTES_OF_THREAD = 8;
const BYTES_OF_STATE = 200;

/** Characters read in remembered steps for one step of the budget, as a power of two. */
const CHARACTERS = 2;

/**
 * Runs an automaton in time linear in the text by keeping the set of places it can be in, and remembers every step, so
 * that texts of a kind seen before cost a table look-up per character. Used in three ways: *unanchored*, to tell whether the
 * pattern occurs; *anchored*, to tell where the preferred match that starts at one place ends; and anchored with a reversed
 * pattern, to tell whether a match ends at one place.
 */
export class Dfa {
  readonly #nfa: Nfa;
  readonly #anchored: boolean;
  readonly #alphabet: Alphabet;
  readonly #seen: Uint32Array;
  readonly #queued: Uint32Array;
  #mark = 0;
  /** Numbered from 1. */
  #states: State[] = [];
  readonly #byHash = new Map<number, State[]>();
  /** First states by the kind of the character before. */
  readonly #starts: (State | undefined)[] = [];
  #threadCount = 0;
  /** Each state has room for `1 << #shift` character classes. */
  #shift = 3;
  #steps = new Int32Array(1 << 6);
  /** The state in which `skim` stopped. */
  readonly #cursor = new Int32Array(1);

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

  /** For a reversed pattern: whether a match ends at `at`. Meaningless when the budget ran out. */
  endsAt(text: string, at: number, budget: Budget): boolean {
    let state = this.#start(sideAfter(text, at)).number;
    for (let here = at; ; here = previousIndex(text, here)) {
      budget.left -= 1;
      const charClass = here <= 0 ? END : this.#classOf(text.codePointAt(previousIndex(text, here)) ?? 0, budget);
      const step = this.#steps[(state << this.#shift) + charClass] || this.#step(state, charClass, budget);
      if (budget.left < 0) return false;
      if (step < 0 && (-step & MATCHED) !== 0) return true;
      if (here <= 0 || (step < 0 && (-step & DEAD) !== 0)) return false;
      state = Math.abs(step) >> MARKS;
    }
  }

  #run(text: string, from: number, earliest: boolean, budget: Budget): number {
    let state = this.#start(sideBefore(text, from)).number;
    let end = -1;
    let at = from;
    for (;;) {
      this.#cursor[0] = state;
      const start = at;
      at = skim(text, at, this.#cursor, this.#steps, this.#shift, this.#alphabet.ascii);
      budget.left -= 1 + ((at - start) >> CHARACTERS);
      state = this.#cursor[0] ?? state;
      if (at >= text.length) break;
      const codePoint = text.codePointAt(at) ?? 0;
      const charClass = this.#classOf(codePoint, budget);
      const step = this.#steps[(state << this.#shift) + charClass] || this.#step(state, charClass, budget);
      if (budget.left < 0) return end;
      if (step < 0) {
        if ((-step & MATCHED) !== 0) end = at;
        if ((earliest && end >= 0) || (-step & DEAD) !== 0) return end;
      }
      state = Math.abs(step) >> MARKS;
      at += codePoint > 0xffff ? 2 : 1;
    }
    const last = this.#steps[(state << this.#shift) + END] || this.#step(state, END, budget);
    return (Math.abs(last) & MATCHED) !== 0 ? text.length : end;
  }

  #classOf(codePoint: number, budget: Budget): number {
    const known = this.#alphabet.known(codePoint);
    if (known !== undefined) return known;
    budget.left -= this.#alphabet.effort;
    const learned = this.#alphabet.learn(codePoint);
    while (learned >> this.#shift > 0) this.#widen();
    return learned;
  }

  /** The first state at a place with that kind of character before it. */
  #start(side: number): State {
    const before = this.#alphabet.side(side);
    const known = this.#starts[before];
    if (known !== undefined) return known;
    const state = this.#state([0], before);
    this.#starts[before] = state;
    return state;
  }

  /** Takes a step for the first time. Work and memory both count towards the budget. */
  #step(from: number, charClass: number, budget: Budget): number {
    const state = this.#states[from - 1];
    const after = this.#alphabet.classes[charClass];
    if (state === undefined || after === undefined) throw new RangeError('no such state or character class');
    const threads: number[] = [];
    const matched = this.#follow(state, charClass === END, after, threads, budget);
    const forgotten = this.#makeRoom();
    const next = this.#state(threads, after.side);
    const marks = (matched ? MATCHED : 0) | (threads.length === 0 ? DEAD : 0);
    const step = marks === 0 ? next.number << MARKS : -((next.number << MARKS) | marks);
    if (!forgotten) this.#steps[(from << this.#shift) + charClass] = step;
    return step;
  }

  /** Collects the threads after a character; true when a match ends before it. */
  #follow(state: State, atEnd: boolean, after: CharClass, threads: number[], budget: Budget): boolean {
    const { ops, x, y } = this.#nfa;
    const seen = this.#seen;
    const queued = this.#queued;
    const mark = this.#nextMark();
    const stack: number[] = [];
    let steps = 32;
    let matched = false;
    search: for (const thread of state.threads) {
      stack.push(thread);
      for (let pc = stack.pop(); pc !== undefined; pc = stack.pop()) {
        if (seen[pc] === mark) continue;
        seen[pc] = mark;
        steps += 1;
        const op = ops[pc];
        const operand = x[pc] ?? 0;
        if (op === OP.SPLIT) stack.push(y[pc] ?? 0, operand);
        else if (op === OP.JUMP) stack.push(operand);
        else if (op === OP.ASSERT) {
          if (holds(operand, state.before, after.side)) stack.push(pc + 1);
        } else if (op === OP.MATCH) {
          matched = true; // Less preferred threads no longer count.
          break search;
        } else if (!atEnd && consumes(op, operand, after) && queued[pc + 1] !== mark) {
          queued[pc + 1] = mark;
          threads.push(pc + 1);
        }
      }
    }
    if (!matched && !this.#anchored && !atEnd) threads.push(0);
    budget.left -= steps + threads.length;
    return matched;
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

  #state(threads: readonly number[], before: number): State {
    const hash = threads.reduce((sum, thread) => (Math.imul(sum, 31) + thread) | 0, before);
    const alike = this.#byHash.get(hash) ?? [];
    const known = alike.find((state) => state.before === before && sameNumbers(state.threads, threads));
    if (known !== undefined) return known;
    const state: State = { number: this.#states.length + 1, threads, before };
    this.#states.push(state);
    alike.push(state);
    this.#byHash.set(hash, alike);
    this.#threadCount += threads.length;
    if ((state.number + 1) << this.#shift > this.#steps.length) this.#lengthen();
    return state;
  }

  /** Forgets all states when they hold too much; true when it did. */
  #makeRoom(): boolean {
    const held = this.#states.length * ((BYTES_OF_STEP << this.#shift) + BYTES_OF_STATE);
    if (held + this.#threadCount * BYTES_OF_THREAD < MOST_REMEMBERED) return false;
    this.#states = [];
    this.#byHash.clear();
    this.#starts.length = 0;
    this.#threadCount = 0;
    this.#steps.fill(0);
    return true;
  }

  #lengthen(): void {
    const longer = new Int32Array(this.#steps.length * 2);
    longer.set(this.#steps);
    this.#steps = longer;
  }

  #widen(): void {
    const wider = new Int32Array(this.#steps.length * 2);
    const width = 1 << this.#shift;
    for (let row = 0; row < this.#steps.length; row += width)
      wider.set(this.#steps.subarray(row, row + width), 2 * row);
    this.#steps = wider;
    this.#shift += 1;
  }
}

/**
 * Follows remembered steps over ASCII characters and returns the place where there is more to do than that. All time goes
 * here, so it stays a small function of plain numbers and tables.
 */
function skim(
  text: string,
  from: number,
  cursor: Int32Array,
  steps: Int32Array,
  shift: number,
  ascii: Uint16Array,
): number {
  const { length } = text;
  let state = cursor[0] ?? 0;
  let at = from;
  for (; at < length; at += 1) {
    const unit = text.charCodeAt(at);
    const charClass = unit < 128 ? (ascii[unit] ?? END) : END;
    const step = steps[(state << shift) + charClass] ?? 0;
    if (charClass === END || step <= 0) break;
    state = step >> MARKS;
  }
  cursor[0] = state;
  return at;
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function consumes(op: number | undefined, operand: number, charClass: CharClass): boolean {
  if (op === OP.CHAR) return charClass.literal === operand;
  return op === OP.ANY || charClass.inSet[operand] === true;
}
