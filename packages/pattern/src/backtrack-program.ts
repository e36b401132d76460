import type { Analysis } from './analyze.ts';
import type { Assertion, Node } from './ast.ts';
import { checkCompiledSize } from './compiled-size.ts';
import { Dfa } from './dfa.ts';
import { type Membership, membership } from './membership.ts';
import { compileNfa } from './nfa.ts';
import { PatternProblem } from './pattern-problem.ts';
import { reversed } from './reverse.ts';

/** One instruction of the backtracking search. Slots hold positions and counters and are restored when it backtracks. */
export type Instruction =
  | { readonly op: 'match' }
  | { readonly op: 'any' }
  | { readonly op: 'text'; readonly text: string }
  | { readonly op: 'set'; readonly has: Membership }
  | { readonly op: 'assert'; readonly what: Assertion }
  /** `\G`. Where it `leads` and fails with only later places of the text untried, the search is over. */
  | { readonly op: 'search-start'; readonly leads: boolean }
  /** Goes on at `first`; `second` is tried when that fails. */
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; target: number }
  | { readonly op: 'save' | 'restore' | 'zero'; readonly slot: number }
  /** Enters the body (next instruction) or leaves for `exit`, counting rounds in `slot`. */
  | {
      readonly op: 'repeat';
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
      readonly slot: number;
      /** Slot with the position before the latest optional round, where a body may match nothing. */
      readonly emptyCheck: number | undefined;
      exit: number;
    }
  | { readonly op: 'back'; readonly characters: number }
  | { readonly op: 'backreference'; readonly group: number; readonly caseless: boolean }
  | { readonly op: 'group-set'; readonly group: number }
  /** Puts the number of untried ways on a stack; `cut` takes it off and drops all ways that came after. */
  | { readonly op: 'mark' | 'cut' }
  /** The same with a slot, for a negative look-around. When its body matched: drop what it left and fail. */
  | { readonly op: 'mark-look' | 'fail-look'; readonly slot: number }
  /** A part without backtracking, decided by an automaton in one go. */
  | { readonly op: 'automaton'; readonly dfa: () => Dfa }
  /** A look-behind of variable length: whether the part ends here, decided by an automaton that reads backwards. */
  | { readonly op: 'behind'; readonly dfa: () => Dfa };

export interface BacktrackProgram {
  readonly instructions: readonly Instruction[];
  /** Slots 2g and 2g + 1 hold start and end of group g. */
  readonly slotCount: number;
}

/**
 * Compiles a pattern for the backtracking search. Which parts are stepped through and which go to an automaton follows the
 * reference, because the step budget of E105 counts the former only.
 *
 * @throws PatternProblem when a look-behind of variable length needs backtracking or a part is too large
 */
export function compileBacktracking(analysis: Analysis, groupCount: number, anchored: boolean): BacktrackProgram {
  const instructions: Instruction[] = [];
  let slotCount = 2 * (groupCount + 1);

  function newSlot(): number {
    slotCount += 1;
    return slotCount - 1;
  }

  function emit(instruction: Instruction): number {
    return instructions.push(instruction) - 1;
  }

  function newSplit(): { first: number; second: number } {
    const next = instructions.length + 1;
    const split = { op: 'split' as const, first: next, second: next };
    emit(split);
    return split;
  }

  function newJump(): { target: number } {
    const jump = { op: 'jump' as const, target: 0 };
    emit(jump);
    return jump;
  }

  /** Hands parts that need no backtracking to one automaton, or to a plain comparison where that is enough. */
  function delegate(parts: readonly Analysis[]): void {
    if (parts.length === 0) return;
    const nodes = parts.map((part) => part.node);
    const text = plainText(nodes);
    if (text !== undefined) {
      if (text !== '') emit({ op: 'text', text });
      return;
    }
    const [only] = nodes;
    if (nodes.length === 1 && only !== undefined && single(only)) return;
    const node: Node = { kind: 'concat', children: nodes };
    checkCompiledSize(node);
    emit({ op: 'automaton', dfa: lazyDfa(node) });
  }

  /** Compiles an automaton now, so that its faults are known, and makes its tables when first asked. */
  function lazyDfa(node: Node): () => Dfa {
    const nfa = compileNfa(node);
    let dfa: Dfa | undefined;
    return () => {
      dfa ??= new Dfa(nfa, true);
      return dfa;
    };
  }

  /** Emits a node that takes one instruction of its own; false when it is no such node. */
  function single(node: Node): boolean {
    if (node.kind === 'set') emit({ op: 'set', has: membership(node.set) });
    else if (node.kind === 'assert') emit({ op: 'assert', what: node.what });
    else if (node.kind === 'any') emit({ op: 'any' });
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
    if (node.kind === 'assert' && node.what === 'search-start') {
      emit({ op: 'search-start', leads: part.leads });
      return;
    }
    switch (node.kind) {
      case 'empty':
      case 'keep':
        return;
      case 'any':
      case 'assert':
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
        emit({ op: 'save', slot: 2 * node.index });
        for (const child of children) visit(child, stepwise);
        emit({ op: 'save', slot: 2 * node.index + 1 });
        return;
      case 'repeat':
        for (const child of children) repeat(child, node.min, node.max, node.greedy, stepwise);
        return;
      case 'look':
        for (const child of children) look(child, node.behind, node.negative);
        return;
      case 'atomic':
        emit({ op: 'mark' });
        for (const child of children) visit(child, false);
        emit({ op: 'cut' });
        return;
      case 'backreference':
        emit({ op: 'backreference', group: node.group, caseless: node.caseless });
        return;
      case 'group-set':
        emit({ op: 'group-set', group: node.group });
        return;
      case 'conditional':
        conditional(children, stepwise);
    }
  }

  /** The fixed-length start and the end of a sequence go to automata; the end only as far as nothing can come back to it. */
  function concat(parts: readonly Analysis[], stepwise: boolean): void {
    let from = parts.findIndex((part) => part.hard || !part.constSize);
    if (from < 0) from = parts.length;
    let to = parts.length;
    for (; to > from; to -= 1) {
      const part = parts[to - 1];
      if (part === undefined || part.hard || (stepwise && !part.constSize)) break;
    }
    delegate(parts.slice(0, from));
    for (const part of parts.slice(from, to)) visit(part, true);
    delegate(parts.slice(to));
  }

  function alternate(parts: readonly Analysis[], compile: (part: Analysis) => void): void {
    const exits: { target: number }[] = [];
    parts.forEach((part, index) => {
      if (index === parts.length - 1) {
        compile(part);
        return;
      }
      const split = newSplit();
      compile(part);
      exits.push(newJump());
      split.second = instructions.length;
    });
    for (const exit of exits) exit.target = instructions.length;
  }

  function aim(split: { first: number; second: number }, exit: number, greedy: boolean): void {
    if (greedy) split.second = exit;
    else split.first = exit;
  }

  function repeat(body: Analysis, min: number, max: number, greedy: boolean, stepwise: boolean): void {
    if (min === 0 && max === 1) {
      const split = newSplit();
      visit(body, stepwise);
      aim(split, instructions.length, greedy);
      return;
    }
    const again = stepwise || body.hard;
    const mayBeEmpty = max === Infinity && body.minSize === 0;
    if (!mayBeEmpty && max === Infinity && min === 0) {
      const start = instructions.length;
      const split = newSplit();
      visit(body, again);
      emit({ op: 'jump', target: start });
      aim(split, instructions.length, greedy);
      return;
    }
    if (!mayBeEmpty && max === Infinity && min === 1) {
      const start = instructions.length;
      visit(body, again);
      const exit = instructions.length + 1;
      emit(greedy ? { op: 'split', first: start, second: exit } : { op: 'split', first: exit, second: start });
      return;
    }
    const slot = newSlot();
    const emptyCheck = mayBeEmpty ? newSlot() : undefined;
    emit({ op: 'zero', slot });
    const start = instructions.length;
    const loop = { op: 'repeat' as const, min, max, greedy, slot, emptyCheck, exit: 0 };
    emit(loop);
    visit(body, again);
    emit({ op: 'jump', target: start });
    loop.exit = instructions.length;
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
    emit({ op: 'save', slot });
    lookBody(body, behind);
    emit({ op: 'restore', slot });
  }

  function lookNegative(body: Analysis, behind: boolean): void {
    const slot = newSlot();
    emit({ op: 'mark-look', slot });
    const split = newSplit();
    lookBody(body, behind);
    emit({ op: 'fail-look', slot });
    split.second = instructions.length;
  }

  function lookBody(body: Analysis, behind: boolean): void {
    if (behind && !body.constSize) {
      if (body.hard) throw new PatternProblem('look-behind of variable length needs backtracking', 0);
      emit({ op: 'behind', dfa: lazyDfa(reversed(body.node)) });
      return;
    }
    if (behind) emit({ op: 'back', characters: body.minSize });
    visit(body, false);
  }

  function conditional(children: readonly Analysis[], stepwise: boolean): void {
    const [condition, yes, no] = children;
    if (condition === undefined || yes === undefined || no === undefined) return;
    emit({ op: 'mark' });
    const split = newSplit();
    visit(condition, stepwise);
    // Once the condition holds, the other branch is out of the question. Where it does not hold, the mark stays on its
    // stack, and an atomic group around takes that one for its own: so does the reference's.
    emit({ op: 'cut' });
    visit(yes, stepwise);
    const exit = newJump();
    split.second = instructions.length;
    visit(no, stepwise);
    exit.target = instructions.length;
  }

  if (!anchored) {
    // Start at each place of the text in turn; moving on is one step of the budget.
    const split = newSplit();
    emit({ op: 'any' });
    emit({ op: 'jump', target: 0 });
    split.first = instructions.length;
    split.second = 1;
  }
  visit(analysis, false);
  emit({ op: 'match' });
  return { instructions, slotCount };
}

/** The text that a sequence of plain characters spells, or undefined when there is more to it. */
function plainText(nodes: readonly Node[]): string | undefined {
  let text = '';
  for (const node of nodes) {
    if (node.kind === 'char') text += String.fromCodePoint(node.codePoint);
    else if (node.kind === 'concat') {
      const inner = plainText(node.children);
      if (inner === undefined) return undefined;
      text += inner;
    } else if (node.kind !== 'empty') return undefined;
  }
  return text;
}
