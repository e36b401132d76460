import type { Node } from './ast.ts';
import type { CharSet } from './char-set.ts';
import { PatternProblem } from './pattern-problem.ts';
import { spelledText } from './spelled-text.ts';

/** Compiled forms above 10 MiB are refused (E106). Sizes are those of the reference's automata, estimated in bytes. */
const LARGEST = 10 * 1024 * 1024;

const STATE = 32;
const EDGE = 8;

const PERL_SIZES = { d: 5_125, s: 680, w: 50_170 };
const PERL_COMPLEMENT_SIZES = { d: 12_756, s: 1_925, w: 46_600 };
/** Any character but a few: ten UTF-8 sequences. */
const ALMOST_ALL = 1_000;
const CATEGORY_SIZES = new Map([
  ['Letter', 43_000],
  ['Alphabetic', 47_200],
  ['Lowercase_Letter', 26_500],
  ['Uppercase_Letter', 26_500],
  ['Lowercase', 26_500],
  ['Uppercase', 26_500],
  ['Cased_Letter', 26_500],
  ['Other_Letter', 35_000],
  ['ID_Continue', 50_000],
  ['XID_Continue', 50_000],
  ['ID_Start', 43_000],
  ['XID_Start', 43_000],
  ['Grapheme_Base', 50_000],
  ['Assigned', 45_000],
  ['Unassigned', 45_000],
  ['Other', 45_000],
  ['Mark', 18_800],
  ['Nonspacing_Mark', 18_800],
  ['Punctuation', 11_900],
  ['Symbol', 15_800],
  ['Number', 9_800],
]);
const OTHER_PROPERTY = 8_000;
const SCRIPT = 2_500;

/**
 * Checks that a part which the reference compiles into one automaton stays within its size limit.
 *
 * @throws PatternProblem when it does not
 */
export function checkCompiledSize(node: Node): void {
  if (isLongListOfTexts(node)) return;
  if (compiledSize(node) > LARGEST) throw new PatternProblem('compiled form is too large', 0);
}

/** States that the automaton of a look-behind of variable length may have in the reference, whose cache is 2 MiB. */
const MOST_REVERSED_STATES = 77_670;
/** Bytes of a state of a Unicode class. */
const CLASS_STATE = 34.5;

/**
 * Checks the content of a look-behind of variable length, which the reference hands to an automaton with a limit of its own.
 *
 * @throws PatternProblem when it is too large
 */
export function checkLookBehindSize(node: Node): void {
  checkCompiledSize(node);
  if (reversedStates(node) > MOST_REVERSED_STATES) throw new PatternProblem('look-behind is too large', 0);
}

function reversedStates(node: Node): number {
  switch (node.kind) {
    case 'char':
      return utf8Length(node.codePoint);
    case 'any':
      return Math.round(ALMOST_ALL / CLASS_STATE);
    case 'set': {
      const { set } = node;
      const isAscii = set.kind === 'ranges' && (set.ranges.at(-1) ?? 0) < 0x80;
      return isAscii ? 1 : Math.round(setSize(set) / CLASS_STATE);
    }
    case 'concat':
      return node.children.reduce((sum, child) => sum + reversedStates(child), 0);
    case 'alternate': {
      const sum = node.children.reduce((total, child) => total + reversedStates(child), 1);
      // Plain alternatives share their first state.
      return spelledTexts(node.children) ? sum - node.children.length : sum;
    }
    case 'group':
      return reversedStates(node.child);
    case 'repeat': {
      const child = reversedStates(node.child);
      if (node.max === Infinity) return Math.max(node.min, 1) * child + 1;
      return node.min * child + (node.max - node.min) * (child + 1);
    }
    default:
      return 1;
  }
}

function spelledTexts(alternatives: readonly Node[]): boolean {
  return alternatives.every((alternative) => spelledText([alternative]) !== undefined);
}

/** Thousands of plain alternatives go to a dictionary search in the reference, which has no limit. */
function isLongListOfTexts(node: Node): boolean {
  if (node.kind !== 'alternate' || node.children.length < 3_000) return false;
  return spelledTexts(node.children);
}

function compiledSize(node: Node): number {
  switch (node.kind) {
    case 'char':
      return STATE * utf8Length(node.codePoint);
    case 'any':
      return ALMOST_ALL;
    case 'set':
      return setSize(node.set);
    case 'concat':
      return node.children.reduce((sum, child) => sum + compiledSize(child), 0);
    case 'alternate':
      return alternateSize(node.children);
    case 'group':
      return compiledSize(node.child) + 2 * STATE;
    case 'repeat':
      return repeatSize(compiledSize(node.child), node.min, node.max);
    default:
      return STATE;
  }
}

function alternateSize(children: readonly Node[]): number {
  // Alternatives of one character each become one class.
  const isClass = children.every((child) => child.kind === 'char' || child.kind === 'set');
  if (isClass)
    return children.reduce((sum, child) => sum + (child.kind === 'set' ? setSize(child.set) : EDGE), 2 * STATE);
  return children.reduce((sum, child) => sum + compiledSize(child) + STATE, 2 * STATE);
}

function repeatSize(child: number, min: number, max: number): number {
  const loop = STATE + EDGE;
  if (min === 0 && max === 1) return child + STATE + loop;
  if (max === Infinity) return Math.max(min, 1) * child + loop;
  return min * child + (max - min) * (child + loop);
}

function setSize(set: CharSet): number {
  switch (set.kind) {
    case 'ranges':
      return rangesSize(set.ranges, set.caseless);
    case 'perl':
      return PERL_SIZES[set.name];
    case 'property':
      return set.body.includes('=') ? SCRIPT : (CATEGORY_SIZES.get(set.body) ?? OTHER_PROPERTY);
    case 'not':
      return complementSize(set.of);
    case 'union':
      return set.of.reduce((sum, part) => sum + setSize(part), 0);
    case 'intersection':
      return Math.min(setSize(set.left), setSize(set.right));
    case 'difference':
    case 'symmetric-difference':
      return setSize(set.left) + setSize(set.right);
  }
}

function complementSize(of: CharSet): number {
  if (of.kind === 'perl') return PERL_COMPLEMENT_SIZES[of.name];
  return ALMOST_ALL + (of.kind === 'ranges' ? 0 : setSize(of));
}

function rangesSize(ranges: readonly number[], caseless: boolean): number {
  const [first = 0, second = first] = ranges;
  if (ranges.length === 2 && first === second && !caseless) return STATE * utf8Length(first);
  // The Kelvin sign and the long s join k and s when case does not count.
  const relatives = caseless
    ? (covers(ranges, 0x6b) ? sequenceSize(3) : 0) + (covers(ranges, 0x73) ? sequenceSize(2) : 0)
    : 0;
  const isAscii = relatives === 0 && (ranges.at(-1) ?? 0) < 0x80;
  let size = 2 * STATE + relatives;
  for (let i = 0; i + 1 < ranges.length; i += 2) {
    size += rangeSize(ranges[i] ?? 0, ranges[i + 1] ?? 0, isAscii ? EDGE : sequenceSize(1)) * (caseless ? 2 : 1);
  }
  return size;
}

function covers(ranges: readonly number[], lower: number): boolean {
  return ranges.some((from, i) => {
    const to = ranges[i + 1] ?? -1;
    return i % 2 === 0 && ((from <= lower && lower <= to) || (from <= lower - 32 && lower - 32 <= to));
  });
}

/** Edges of one range, taken apart where the length of the UTF-8 form changes. */
function rangeSize(from: number, to: number, asciiSize: number): number {
  let size = from < 0x80 ? asciiSize : 0;
  if (from < 0x800 && to >= 0x80) size += (from >= 0x80 && from >> 6 === to >> 6 ? 1 : 2) * sequenceSize(2);
  if (from < 0x10000 && to >= 0x800) size += (to - from > 0x1000 ? 4 : 2) * sequenceSize(3);
  if (to >= 0x10000) size += (to - from > 0x40000 ? 3 : 2) * sequenceSize(4);
  return size;
}

/** An automaton for one run of UTF-8 bytes. */
function sequenceSize(bytes: number): number {
  return bytes * STATE + EDGE / 2;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
