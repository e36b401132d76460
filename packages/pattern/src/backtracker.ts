import type { BacktrackProgram } from './backtrack-program.ts';
import type { Budget } from './dfa.ts';
import { foldKey } from './membership.ts';
import { holds, previousIndex, sideAfter, sideBefore } from './place.ts';

/** Steps back to an untried way before a search is given up (E105). */
const MOST_BACKTRACKS = 10_000;

/** Untried ways kept at a time. The reference has the same bound. */
const MOST_PENDING = 1_000_000;

/** Slot values kept for going back, as a bound on memory. */
const MOST_UNDO = 8_000_000;

const UNSET = -1;

/** Numbers kept for one untried way. */
const WAY = 3;

/** What a search comes to: no match, a match, or given up. */
export type SearchResult = 'none' | 'match' | 'exceeded';

/**
 * Searches a text by trying the ways of a program one after another. Everything that may grow is an array here, never the
 * call stack. The budget bounds the total work, whatever the number of steps back.
 */
export function searchBacktracking(program: BacktrackProgram, text: string, budget: Budget): SearchResult {
  const { instructions } = program;
  const slots = Array.from({ length: program.slotCount }, () => UNSET);
  /** Untried ways, `WAY` numbers each: instruction, place, length of `undo` when it was put aside. */
  const pending: number[] = [];
  /** Overwritten slot values, two numbers each: slot, former value. */
  const undo: number[] = [];
  /** Where in `undo` the latest entry of each slot stands. */
  const undoOf = Array.from({ length: program.slotCount }, () => UNSET);
  /** The slot that holds the top of the stack of marks, which grows in the slots behind it. */
  const marks = program.slotCount;
  slots[marks] = marks + 1;
  let backtracks = 0;
  let pc = 0;
  let at = 0;

  function put(slot: number, value: number): void {
    // Only the value that the latest untried way needs back is kept.
    const entry = undoOf[slot] ?? UNSET;
    const needed = pending.at(-1) ?? Infinity;
    if (needed !== Infinity && !(entry >= needed && undo[entry] === slot)) {
      undoOf[slot] = undo.length;
      undo.push(slot, slots[slot] ?? UNSET);
    }
    slots[slot] = value;
  }

  function get(slot: number): number {
    return slots[slot] ?? UNSET;
  }

  for (;;) {
    const instruction = instructions[pc];
    budget.left -= 1;
    if (instruction === undefined || budget.left < 0) return 'exceeded';
    if (pending.length > WAY * MOST_PENDING || undo.length > MOST_UNDO) return 'exceeded';
    pc += 1;
    let ok = true;
    switch (instruction.op) {
      case 'match':
        return 'match';
      case 'any':
        ok = at < text.length;
        at = nextIndex(text, at);
        break;
      case 'text':
        ok = text.startsWith(instruction.text, at);
        at += instruction.text.length;
        break;
      case 'set': {
        const codePoint = text.codePointAt(at);
        ok = codePoint !== undefined && instruction.has(codePoint);
        at = nextIndex(text, at);
        break;
      }
      case 'assert':
        ok = holds(instruction.what, sideBefore(text, at), sideAfter(text, at));
        break;
      case 'split':
        pending.push(instruction.second, at, undo.length);
        pc = instruction.first;
        break;
      case 'jump':
        pc = instruction.target;
        break;
      case 'save':
        put(instruction.slot, at);
        break;
      case 'zero':
        put(instruction.slot, 0);
        break;
      case 'restore':
        at = get(instruction.slot);
        break;
      case 'repeat': {
        const { slot, emptyCheck, exit } = instruction;
        const rounds = get(slot);
        const wasEmpty = emptyCheck !== undefined && rounds > 0 && get(emptyCheck) === at;
        if (rounds === instruction.max || wasEmpty) {
          pc = exit;
          break;
        }
        put(slot, rounds + 1);
        if (rounds < instruction.min) break;
        if (emptyCheck !== undefined) put(emptyCheck, at);
        pending.push(instruction.greedy ? exit : pc, at, undo.length);
        if (!instruction.greedy) pc = exit;
        break;
      }
      case 'back':
        for (let i = 0; i < instruction.characters && ok; i += 1) {
          ok = at > 0;
          at = previousIndex(text, at);
        }
        budget.left -= instruction.characters;
        break;
      case 'backreference': {
        const start = get(2 * instruction.group);
        const end = get(2 * instruction.group + 1);
        ok = start !== UNSET && end !== UNSET;
        if (!ok) break;
        budget.left -= end - start;
        const length = repeated(text, start, end, at, instruction.caseless);
        ok = length !== UNSET;
        at += length;
        break;
      }
      case 'group-set':
        ok = get(2 * instruction.group) !== UNSET;
        break;
      case 'search-start':
        ok = at === 0;
        if (!ok && instruction.leads && pending.length === WAY) return 'none';
        break;
      case 'mark': {
        const top = get(marks);
        put(top, pending.length);
        put(marks, top + 1);
        break;
      }
      case 'cut': {
        const top = get(marks) - 1;
        pending.length = get(top);
        put(marks, top);
        break;
      }
      case 'mark-look':
        put(instruction.slot, pending.length);
        break;
      case 'fail-look':
        pending.length = get(instruction.slot);
        ok = false;
        break;
      case 'automaton':
        at = instruction.dfa().matchEnd(text, at, budget);
        if (budget.left < 0) return 'exceeded';
        ok = at >= 0;
        break;
      case 'behind':
        ok = instruction.dfa().endsAt(text, at, budget);
        if (budget.left < 0) return 'exceeded';
    }
    if (ok) continue;
    const undoLength = pending.pop();
    const place = pending.pop();
    const way = pending.pop();
    if (undoLength === undefined || place === undefined || way === undefined) return 'none';
    backtracks += 1;
    if (backtracks > MOST_BACKTRACKS) return 'exceeded';
    budget.left -= undo.length - undoLength;
    while (undo.length > undoLength) {
      const value = undo.pop() ?? UNSET;
      const slot = undo.pop() ?? 0;
      slots[slot] = value;
    }
    pc = way;
    at = place;
  }
}

function nextIndex(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

/**
 * Length in the text at `at` of a repetition of the text from `start` to `end`, or UNSET. Without regard to case the
 * repetition must take as many UTF-8 bytes as the original, which is how the reference compares.
 */
function repeated(text: string, start: number, end: number, at: number, caseless: boolean): number {
  if (end < start) return UNSET;
  const original = text.slice(start, end);
  if (text.startsWith(original, at)) return original.length;
  if (!caseless) return UNSET;
  let here = at;
  let bytes = 0;
  for (const character of original) {
    const wanted = character.codePointAt(0) ?? 0;
    const found = text.codePointAt(here);
    if (found === undefined || foldKey(found) !== foldKey(wanted)) return UNSET;
    bytes += utf8Length(found) - utf8Length(wanted);
    here += found > 0xffff ? 2 : 1;
  }
  return bytes === 0 ? here - at : UNSET;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
