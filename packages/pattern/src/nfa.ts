import type { Assertion, Node } from './ast.ts';
import { type CharSet, setKey } from './char-set.ts';
import { PatternProblem } from './pattern-problem.ts';
import { assertionCode } from './place.ts';

/** Opcodes of the automaton. A consuming instruction goes on with the next one. */
export const OP = { MATCH: 0, ANY: 1, CHAR: 2, SET: 3, SPLIT: 4, JUMP: 5, ASSERT: 6 } as const;

/** A nondeterministic automaton as parallel arrays: opcode and two operands per instruction. */
export interface Nfa {
  readonly ops: Uint8Array;
  /** Code point of CHAR, index into `sets` of SET, preferred target of SPLIT, target of JUMP, code of ASSERT. */
  readonly x: Int32Array;
  /** Other target of SPLIT. */
  readonly y: Int32Array;
  readonly sets: readonly CharSet[];
  readonly assertions: ReadonlySet<Assertion>;
}

/** Larger automata are not built. The size check of E106 comes first and is usually stricter. */
export const MOST_INSTRUCTIONS = 1 << 20;

/**
 * Compiles the parts of a pattern that need no backtracking.
 *
 * @throws PatternProblem when the automaton would be too large
 */
export function compileNfa(root: Node, mostInstructions: number = MOST_INSTRUCTIONS): Nfa {
  const ops: number[] = [];
  const x: number[] = [];
  const y: number[] = [];
  const sets: CharSet[] = [];
  const setIndexes = new Map<string, number>();
  const assertions = new Set<Assertion>();

  function emit(op: number, first = 0, second = 0): number {
    if (ops.length >= mostInstructions) throw new PatternProblem('compiled form is too large', 0);
    ops.push(op);
    x.push(first);
    y.push(second);
    return ops.length - 1;
  }

  /** A choice whose preferred way is the next instruction when `greedy`, the later target otherwise. */
  function split(): number {
    const at = emit(OP.SPLIT);
    x[at] = at + 1;
    y[at] = at + 1;
    return at;
  }

  function aim(at: number, target: number, greedy: boolean): void {
    if (greedy) y[at] = target;
    else x[at] = target;
  }

  function set(node: CharSet): void {
    const key = setKey(node);
    let index = setIndexes.get(key);
    if (index === undefined) {
      index = sets.push(node) - 1;
      setIndexes.set(key, index);
    }
    emit(OP.SET, index);
  }

  function alternate(children: readonly Node[]): void {
    const exits: number[] = [];
    children.forEach((child, index) => {
      if (index === children.length - 1) {
        visit(child);
        return;
      }
      const choice = split();
      visit(child);
      exits.push(emit(OP.JUMP));
      aim(choice, ops.length, true);
    });
    for (const exit of exits) x[exit] = ops.length;
  }

  /** One or more. */
  function plus(child: Node, greedy: boolean): void {
    const body = ops.length;
    visit(child);
    const choice = split();
    if (greedy) x[choice] = body;
    else y[choice] = body;
  }

  function optional(greedy: boolean, body: () => void): void {
    const choice = split();
    body();
    aim(choice, ops.length, greedy);
  }

  /** Copies of a node in a row. One that emits nothing is as good as any number of them. */
  function copies(child: Node, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const before = ops.length;
      visit(child);
      if (ops.length === before) return;
    }
  }

  function repeat(child: Node, min: number, max: number, greedy: boolean): void {
    if (max === Infinity) {
      copies(child, min - 1);
      // As (x+)?, not as a loop around x: what an empty x prefers then comes out right.
      if (min === 0) optional(greedy, () => plus(child, greedy));
      else plus(child, greedy);
      return;
    }
    copies(child, min);
    const choices: number[] = [];
    for (let i = min; i < max; i += 1) {
      // Leaving early leaves the whole rest: every choice has the same exit.
      choices.push(split());
      visit(child);
    }
    for (const choice of choices) aim(choice, ops.length, greedy);
  }

  function visit(node: Node): void {
    switch (node.kind) {
      case 'empty':
      case 'keep':
        return;
      case 'char':
        emit(OP.CHAR, node.codePoint);
        return;
      case 'any':
        emit(OP.ANY);
        return;
      case 'set':
        set(node.set);
        return;
      case 'assert':
        assertions.add(node.what);
        emit(OP.ASSERT, assertionCode(node.what));
        return;
      case 'concat':
        node.children.forEach(visit);
        return;
      case 'alternate':
        alternate(node.children);
        return;
      case 'group':
        visit(node.child);
        return;
      case 'repeat':
        repeat(node.child, node.min, node.max, node.greedy);
        return;
      default:
        throw new PatternProblem(`an automaton cannot express ${node.kind}`, 0);
    }
  }

  visit(root);
  emit(OP.MATCH);
  return { ops: Uint8Array.from(ops), x: Int32Array.from(x), y: Int32Array.from(y), sets, assertions };
}
