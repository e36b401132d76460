import { type BacktrackProgram, OP } from './backtrack-code.ts';
import { repetitionEnd } from './back-reference.ts';
import type { Budget } from './budget.ts';
import type { KnownSet } from './known-set.ts';
import { holds, nextIndex, previousIndex, sideAfter, sideBefore } from './place.ts';
import type { RegexOutcome } from './outcome.ts';
import { Trail } from './trail.ts';

/** Steps back to an untried way before a search is given up (E105). */
export const MOST_BACKTRACKS = 10_000;

/** Untried ways kept at a time. The reference has the same bound, and counts the next place to start at as one. */
const MOST_WAYS = 1_000_000 - 1;

/** Steps of the budget that asking the runtime about a character costs. */
const BEYOND_ASCII = 16;

const UNSET = -1;

/**
 * Makes the search for a program: it tries the ways of the program one after another, from each place of the text in turn. Moving
 * on to the next place is a step back as well. The budget bounds the total work, whatever the number of steps back.
 */
export function backtrackingSearch(
  program: BacktrackProgram,
  mostBacktracks: number = MOST_BACKTRACKS,
): (text: string, budget: Budget) => RegexOutcome {
  let trail: Trail | undefined;
  return (text, budget) => {
    trail ??= new Trail(program.slotCount + 1);
    const outcome = search(program, text, trail, mostBacktracks, budget);
    trail.clear();
    return outcome;
  };
}

function search(
  program: BacktrackProgram,
  text: string,
  trail: Trail,
  mostBacktracks: number,
  budget: Budget,
): RegexOutcome {
  let backtracks = 0;
  for (let start = 0; ; start = nextIndex(text, start)) {
    const steps = attempt(program, text, start, trail, mostBacktracks - backtracks, budget);
    if (steps === MATCH) return 1;
    if (steps === EXCEEDED) return 2;
    if (steps === NONE || program.anchored) return 0;
    backtracks += steps + 1;
    if (backtracks > mostBacktracks) return 2;
    if (start >= text.length) return 0;
    trail.clear();
  }
}

/** Ends of an attempt that end the search, where others give the number of their steps back. */
const MATCH = -1;
const EXCEEDED = -2;
const NONE = -3;

/** Tries all ways to match from one place on. */
function attempt(
  program: BacktrackProgram,
  text: string,
  start: number,
  trail: Trail,
  mostBacktracks: number,
  budget: Budget,
): number {
  const { code, texts, sets, automata } = program;
  const { length } = text;
  /** The slot that holds the top of the stack of marks, which grows in the slots behind it. */
  const marks = program.slotCount;
  let backtracks = 0;
  let left = budget.left;
  let pc = 0;
  let at = start;
  for (;;) {
    left -= 1;
    if (left < 0) break;
    const x = code[pc + 1] as number;
    let ok = true;
    switch (code[pc]) {
      case OP.MATCH:
        budget.left = left;
        return MATCH;
      case OP.ANY:
        ok = at < length;
        at = nextIndex(text, at);
        pc += 1;
        break;
      case OP.TEXT: {
        const wanted = texts[x] as string;
        ok = standsAt(text, wanted, at);
        at += wanted.length;
        left -= wanted.length >> 3;
        pc += 2;
        break;
      }
      case OP.SET: {
        const codePoint = text.codePointAt(at);
        ok = codePoint !== undefined && (sets[x] as KnownSet).has(codePoint);
        if (codePoint !== undefined && codePoint > 0x7f) left -= BEYOND_ASCII;
        at = nextIndex(text, at);
        pc += 2;
        break;
      }
      case OP.ASSERT:
        ok = holds(x, sideBefore(text, at), sideAfter(text, at));
        pc += 2;
        break;
      case OP.SEARCH_START:
        ok = at === 0;
        if (!ok && x === 1 && trail.ways === 0) {
          budget.left = left;
          return NONE;
        }
        pc += 2;
        break;
      case OP.SPLIT:
        trail.putAside(code[pc + 2] as number, at);
        pc = x;
        break;
      case OP.JUMP:
        pc = x;
        break;
      case OP.SAVE:
        trail.set(x, at);
        pc += 2;
        break;
      case OP.RESTORE:
        at = trail.get(x);
        pc += 2;
        break;
      case OP.ZERO:
        trail.set(x, 0);
        pc += 2;
        break;
      case OP.REPEAT_GREEDY:
      case OP.REPEAT_LAZY: {
        const rounds = trail.get(x);
        const exit = code[pc + 4] as number;
        const check = code[pc + 5] as number;
        const wasEmpty = check !== UNSET && rounds > 0 && trail.get(check) === at;
        if (rounds === code[pc + 3] || wasEmpty) {
          pc = exit;
          break;
        }
        trail.set(x, rounds + 1);
        const isGreedy = code[pc] === OP.REPEAT_GREEDY;
        const body = pc + 6;
        pc = body;
        if (rounds < (code[body - 4] as number)) break;
        if (check !== UNSET) trail.set(check, at);
        trail.putAside(isGreedy ? exit : body, at);
        if (!isGreedy) pc = exit;
        break;
      }
      case OP.BACK:
        for (let i = 0; i < x && ok; i += 1) {
          ok = at > 0;
          at = previousIndex(text, at);
        }
        left -= Math.min(x, start);
        pc += 2;
        break;
      case OP.BACKREFERENCE:
      case OP.BACKREFERENCE_CASELESS: {
        const from = trail.get(2 * x);
        const to = trail.get(2 * x + 1);
        const caseless = code[pc] === OP.BACKREFERENCE_CASELESS;
        left -= caseless ? 16 * Math.max(0, to - from) : Math.max(0, to - from) >> 4;
        at = from === UNSET || to === UNSET ? UNSET : repetitionEnd(text, from, to, at, caseless);
        ok = at !== UNSET;
        pc += 2;
        break;
      }
      case OP.GROUP_SET:
        ok = trail.get(2 * x) !== UNSET;
        pc += 2;
        break;
      case OP.MARK: {
        const top = Math.max(trail.get(marks), marks) + 1;
        trail.set(top, trail.ways);
        trail.set(marks, top);
        pc += 1;
        break;
      }
      case OP.CUT: {
        const top = trail.get(marks);
        trail.dropWays(trail.get(top));
        trail.set(marks, top - 1);
        pc += 1;
        break;
      }
      case OP.MARK_LOOK:
        trail.set(x, trail.ways);
        pc += 2;
        break;
      case OP.FAIL_LOOK:
        trail.dropWays(trail.get(x));
        ok = false;
        break;
      case OP.AUTOMATON:
      case OP.BEHIND: {
        const dfa = (automata[x] as (typeof automata)[number])();
        budget.left = left;
        if (code[pc] === OP.BEHIND) ok = dfa.endsAt(text, at, budget);
        else {
          at = dfa.matchEnd(text, at, budget);
          ok = at >= 0;
        }
        left = budget.left;
        pc += 2;
        break;
      }
      default:
        throw new RangeError('no such instruction');
    }
    if (ok) {
      if (trail.ways > MOST_WAYS) break;
      continue;
    }
    if (!trail.takeBack()) {
      budget.left = left;
      return backtracks;
    }
    backtracks += 1;
    if (backtracks > mostBacktracks) break;
    pc = trail.pc;
    at = trail.at;
  }
  budget.left = left;
  return EXCEEDED;
}

/** `text.startsWith(wanted, at)`, which takes longer to call than most comparisons take. */
function standsAt(text: string, wanted: string, at: number): boolean {
  if (at + wanted.length > text.length) return false;
  for (let i = 0; i < wanted.length; i += 1) {
    if (text.charCodeAt(at + i) !== wanted.charCodeAt(i)) return false;
  }
  return true;
}
