import { type Analysis, stepwiseMiddle } from './analyze.ts';
import type { Node } from './ast.ts';
import { type BacktrackProgram, OP } from './backtrack-code.ts';
import { checkCompiledSize, checkLookBehindSize } from './compiled-size.ts';
import { Dfa } from './dfa.ts';
import { KnownSet } from './known-set.ts';
import { compileNfa, MOST_INSTRUCTIONS } from './nfa.ts';
import { PatternProblem } from './pattern-problem.ts';
import { assertionCode } from './place.ts';
import { reversed } from './reverse.ts';
import { spelledText } from './spelled-text.ts';

/** Larger counts are never reached within the budget. */
const LARGEST_COUNT = 0x7fff_ffff;

/**
 * Compiles a pattern for the backtracking search. Which parts are stepped through and which go to an automaton follows the
 * reference, because the step budget of E105 counts the former only.
 *
 * @throws PatternProblem when a look-behind of variable length needs backtracking or the parts are too large
 */
export function compileBacktracking(analysis: Analysis, groupCount: number, anchored: boolean): BacktrackProgram {
  const code: number[] = [];
  const texts: string[] = [];
  const sets: KnownSet[] = [];
  const automata: (() => Dfa)[] = [];
  let slotCount = 2 * (groupCount + 1);
  let room = MOST_INSTRUCTIONS;

  function newSlot(): number {
    slotCount += 1;
    return slotCount - 1;
  }

  /** Appends an instruction and returns where it stands. */
  function emit(...instruction: readonly number[]): number {
    code.push(...instruction);
    return code.length - instruction.length;
  }

  /** A choice between the next instruction and one that `aim` names later, the former first when `greedy`. */
  function newSplit(): number {
    const next = code.length + 3;
    return emit(OP.SPLIT, next, next);
  }

  function aim(choice: number, exit: number, greedy: boolean): void {
    code[choice + (greedy ? 2 : 1)] = exit;
  }

  /** Hands parts that need no backtracking to one automaton, or to a plain comparison where that is enough. */
  function delegate(parts: readonly Analysis[]): void {
    if (parts.length === 0) return;
    const nodes = parts.map((part) => part.node);
    const text = spelledText(nodes);
    if (text !== undefined) {
      if (text !== '') emit(OP.TEXT, texts.push(text) - 1);
      return;
    }
    const [only] = nodes;
    if (nodes.length === 1 && only !== undefined && single(only)) return;
    const node: Node = { kind: 'concat', children: nodes };
    checkCompiledSize(node);
    emit(OP.AUTOMATON, automaton(node));
  }

  /** Compiles an automaton now, so that its faults are known; its tables are made when it is first asked. */
  function automaton(node: Node): number {
    const nfa = compileNfa(node);
    room -= nfa.ops.length;
    if (room < 0) throw new PatternProblem('compiled form is too large', 0);
    let dfa: Dfa | undefined;
    return automata.push(() => (dfa ??= new Dfa(nfa, true))) - 1;
  }

  /** Emits a node that takes one instruction of its own; false when it is no such node. */
  function single(node: Node): boolean {
    if (node.kind === 'set') emit(OP.SET, sets.push(new KnownSet(node.set)) - 1);
    else if (node.kind === 'assert') emit(OP.ASSERT, assertionCode(node.what));
    else if (node.kind === 'any') emit(OP.ANY);
    else return false;
    return true;
  }

  /** `stepwise` is set where something that comes later may fail and make this part try another way. */
  function visit(part: Analysis, stepwise: boolean): void {
    if (!stepwise && !part.hard) {
      delegate([part]);
      return;
    }
    const { node, children } = part;
    switch (node.kind) {
      case 'empty':
      case 'keep':
        return;
      case 'assert':
        if (node.what === 'search-start') emit(OP.SEARCH_START, part.leads ? 1 : 0);
        else single(node);
        return;
      case 'any':
      case 'char':
      case 'set':
        delegate([part]);
        return;
      case 'concat':
        concat(children, stepwise);
        return;
      case 'alternate':
        alternate(children, (child) => visit(child, stepwise));
        return;
      case 'group':
        emit(OP.SAVE, 2 * node.index);
        for (const child of children) visit(child, stepwise);
        emit(OP.SAVE, 2 * node.index + 1);
        return;
      case 'repeat':
        for (const child of children) repeat(child, node.min, node.max, node.greedy, stepwise);
        return;
      case 'look':
        for (const child of children) look(child, node.behind, node.negative);
        return;
      case 'atomic':
        emit(OP.MARK);
        for (const child of children) visit(child, false);
        emit(OP.CUT);
        return;
      case 'backreference':
        emit(node.caseless ? OP.BACKREFERENCE_CASELESS : OP.BACKREFERENCE, node.group);
        return;
      case 'group-set':
        emit(OP.GROUP_SET, node.group);
        return;
      case 'conditional':
        conditional(children, stepwise);
    }
  }

  function concat(parts: readonly Analysis[], stepwise: boolean): void {
    const { from, to } = stepwiseMiddle(parts, stepwise);
    delegate(parts.slice(0, from));
    for (const part of parts.slice(from, to)) visit(part, true);
    delegate(parts.slice(to));
  }

  function alternate(parts: readonly Analysis[], compile: (part: Analysis) => void): void {
    const exits: number[] = [];
    parts.forEach((part, index) => {
      if (index === parts.length - 1) {
        compile(part);
        return;
      }
      const choice = newSplit();
      compile(part);
      exits.push(emit(OP.JUMP, 0));
      aim(choice, code.length, true);
    });
    for (const exit of exits) code[exit + 1] = code.length;
  }

  function repeat(body: Analysis, min: number, max: number, greedy: boolean, stepwise: boolean): void {
    if (min === 0 && max === 1) {
      const choice = newSplit();
      visit(body, stepwise);
      aim(choice, code.length, greedy);
      return;
    }
    const again = stepwise || body.hard;
    const mayBeEmpty = max === Infinity && body.minSize === 0;
    if (!mayBeEmpty && max === Infinity && min === 0) {
      const choice = newSplit();
      visit(body, again);
      emit(OP.JUMP, choice);
      aim(choice, code.length, greedy);
      return;
    }
    if (!mayBeEmpty && max === Infinity && min === 1) {
      const start = code.length;
      visit(body, again);
      const choice = newSplit();
      aim(choice, start, !greedy);
      return;
    }
    const slot = newSlot();
    const check = mayBeEmpty ? newSlot() : -1;
    const most = max === Infinity ? -1 : Math.min(max, LARGEST_COUNT);
    emit(OP.ZERO, slot);
    const op = greedy ? OP.REPEAT_GREEDY : OP.REPEAT_LAZY;
    const loop = emit(op, slot, Math.min(min, LARGEST_COUNT), most, 0, check);
    visit(body, again);
    emit(OP.JUMP, loop);
    code[loop + 4] = code.length;
  }

  function look(body: Analysis, behind: boolean, negative: boolean): void {
    const alternatives = behind && !body.constSize && body.node.kind === 'alternate' ? body.children : [body];
    if (negative) {
      for (const alternative of alternatives) lookNegative(alternative, behind);
    } else {
      alternate(alternatives, (alternative) => lookPositive(alternative, behind));
    }
  }

  function lookPositive(body: Analysis, behind: boolean): void {
    const slot = newSlot();
    emit(OP.SAVE, slot);
    lookBody(body, behind);
    emit(OP.RESTORE, slot);
  }

  function lookNegative(body: Analysis, behind: boolean): void {
    const slot = newSlot();
    emit(OP.MARK_LOOK, slot);
    const choice = newSplit();
    lookBody(body, behind);
    emit(OP.FAIL_LOOK, slot);
    aim(choice, code.length, true);
  }

  function lookBody(body: Analysis, behind: boolean): void {
    if (behind && !body.constSize) {
      if (body.hard) throw new PatternProblem('look-behind of variable length needs backtracking', 0);
      checkLookBehindSize(body.node);
      emit(OP.BEHIND, automaton(reversed(body.node)));
      return;
    }
    if (behind) emit(OP.BACK, Math.min(body.minSize, LARGEST_COUNT));
    visit(body, false);
  }

  function conditional(children: readonly Analysis[], stepwise: boolean): void {
    const [condition, yes, no] = children;
    if (condition === undefined || yes === undefined || no === undefined) return;
    emit(OP.MARK);
    const choice = newSplit();
    visit(condition, stepwise);
    // Once the condition holds, the other branch is out of the question. Where it does not hold, the mark stays on its
    // stack, and an atomic group around takes that one for its own: so does the reference's.
    emit(OP.CUT);
    visit(yes, stepwise);
    const exit = emit(OP.JUMP, 0);
    aim(choice, code.length, true);
    visit(no, stepwise);
    code[exit + 1] = code.length;
  }

  visit(analysis, false);
  emit(OP.MATCH);
  return { code: Int32Array.from([...code, 0]), texts, sets, automata, slotCount, anchored };
}
