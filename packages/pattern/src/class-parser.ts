import { type CharSet, combine, complement, rangesOf, type SetOperation, unite } from './char-set.ts';
import { PatternProblem } from './pattern-problem.ts';

/**
 * One piece of a bracketed class. A raw character may be syntax (`[`, `-`, `&` …); an escaped one is always itself; a set
 * comes from an escape such as `\d`.
 */
export type ClassToken =
  | { readonly kind: 'raw' | 'escaped'; readonly codePoint: number; readonly position: number }
  | { readonly kind: 'set'; readonly set: CharSet; readonly position: number };

const ASCII_CLASSES = new Map<string, readonly number[]>([
  ['alnum', [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]],
  ['alpha', [0x41, 0x5a, 0x61, 0x7a]],
  ['ascii', [0, 0x7f]],
  ['blank', [0x09, 0x09, 0x20, 0x20]],
  ['cntrl', [0, 0x1f, 0x7f, 0x7f]],
  ['digit', [0x30, 0x39]],
  ['graph', [0x21, 0x7e]],
  ['lower', [0x61, 0x7a]],
  ['print', [0x20, 0x7e]],
  ['punct', [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ['space', [0x09, 0x0d, 0x20, 0x20]],
  ['upper', [0x41, 0x5a]],
  ['word', [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]],
  ['xdigit', [0x30, 0x39, 0x41, 0x46, 0x61, 0x66]],
]);

const OPERATIONS = new Map<number, SetOperation>([
  [0x26, 'intersection'],
  [0x2d, 'difference'],
  [0x7e, 'symmetric-difference'],
]);

const OPEN = 0x5b;
const CLOSE = 0x5d;
const DASH = 0x2d;
const CARET = 0x5e;
const COLON = 0x3a;
const MOST_NESTED = 249;

/** What a bracket has collected so far: plain ranges apart from other sets, and an operation waiting for its right side. */
class Collector {
  ranges: number[] = [];
  sets: CharSet[] = [];
  pending: { operation: SetOperation; left: CharSet } | undefined;

  isEmpty(): boolean {
    return this.ranges.length === 0 && this.sets.length === 0;
  }
}

/**
 * Parses the tokens of one bracketed class, brackets included: ranges, POSIX classes, nested classes and the operations
 * `&&`, `--`, `~~`, which bind equally and from the left (E106).
 *
 * @throws PatternProblem when the class is malformed
 */
export function parseClass(tokens: readonly ClassToken[], caseless: boolean): CharSet {
  let at = 0;

  function raw(offset = 0): number | undefined {
    const token = tokens[at + offset];
    return token?.kind === 'raw' ? token.codePoint : undefined;
  }

  function here(): number {
    return (tokens[at] ?? tokens.at(-1))?.position ?? 0;
  }

  function finish(collector: Collector): CharSet {
    const parts = [...collector.sets];
    if (collector.ranges.length > 0 || parts.length === 0) parts.push(rangesOf(collector.ranges, caseless));
    const right = unite(parts, here());
    const { pending } = collector;
    return pending === undefined ? right : combine(pending.operation, pending.left, right, here());
  }

  function posixClass(): CharSet | undefined {
    if (raw(1) !== COLON) return undefined;
    const negated = raw(2) === CARET;
    const start = negated ? 3 : 2;
    let end = start;
    let name = '';
    for (let unit = raw(end); unit !== undefined && unit !== COLON && name.length < 8; unit = raw(end)) {
      name += String.fromCodePoint(unit);
      end += 1;
    }
    const ranges = ASCII_CLASSES.get(name);
    if (ranges === undefined || raw(end) !== COLON || raw(end + 1) !== CLOSE) return undefined;
    at += end + 2;
    const set = rangesOf(ranges, caseless);
    return negated ? complement(set, here()) : set;
  }

  function item(): { set: CharSet } | { codePoint: number } {
    const token = tokens[at];
    if (token === undefined) throw new PatternProblem('unclosed character class', here());
    at += 1;
    return token.kind === 'set' ? { set: token.set } : { codePoint: token.codePoint };
  }

  function range(collector: Collector): void {
    const position = here();
    const first = item();
    const dash = raw() === DASH && raw(1) !== CLOSE && raw(1) !== DASH;
    if (!dash) {
      if ('set' in first) collector.sets.push(first.set);
      else collector.ranges.push(first.codePoint, first.codePoint);
      return;
    }
    at += 1;
    const last = item();
    if ('set' in first || 'set' in last) throw new PatternProblem('a range runs between two characters', position);
    if (first.codePoint > last.codePoint) throw new PatternProblem('range ends before it starts', position);
    collector.ranges.push(first.codePoint, last.codePoint);
  }

  function bracket(depth: number): CharSet {
    const position = here();
    if (depth > MOST_NESTED) throw new PatternProblem('character class is nested too deeply', position);
    at += 1;
    const negated = raw() === CARET;
    if (negated) at += 1;
    let collector = new Collector();
    for (; raw() === DASH; at += 1) collector.ranges.push(DASH, DASH);
    if (collector.isEmpty() && raw() === CLOSE) {
      collector.ranges.push(CLOSE, CLOSE);
      at += 1;
    }
    for (;;) {
      if (at >= tokens.length) throw new PatternProblem('unclosed character class', position);
      const next = raw();
      const operation = next === undefined || raw(1) !== next ? undefined : OPERATIONS.get(next);
      if (next === CLOSE) {
        const set = finish(collector);
        at += 1;
        return negated ? complement(set, position) : set;
      }
      if (next === OPEN) collector.sets.push(posixClass() ?? bracket(depth + 1));
      else if (operation === undefined) range(collector);
      else {
        const left = finish(collector);
        collector = new Collector();
        collector.pending = { operation, left };
        at += 2;
      }
    }
  }

  return bracket(1);
}
