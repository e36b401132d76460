import { EMPTY, type Node, type ParsedPattern } from './ast.ts';
import { complement, rangesOf } from './char-set.ts';
import { type ClassToken, parseClass } from './class-parser.ts';
import { literal, namedReference, parseClassEscape, parseEscape } from './escapes.ts';
import { type Flags, PatternReader } from './pattern-reader.ts';

/** Groups may nest this deep, as in the reference. All later recursion over the tree is bounded by it. */
const DEEPEST_GROUP = 63;

/**
 * Parses a pattern in the dialect of E106.
 *
 * @throws PatternProblem when the pattern is not valid (E104)
 */
export function parsePattern(pattern: string): ParsedPattern {
  const reader = new PatternReader(pattern);
  const root = parseAlternation(reader, 0);
  if (!reader.atEnd()) reader.fail('unmatched closing parenthesis');
  for (const group of reader.referenced) {
    if (group === 0 || group > reader.groupCount) reader.fail('reference to a group that does not exist', 0);
  }
  return { root, groupCount: reader.groupCount, referenced: reader.referenced };
}

function parseAlternation(reader: PatternReader, depth: number): Node {
  const first = parseBranch(reader, depth);
  reader.skipBlank();
  if (reader.peek() === '|') {
    const children = [first];
    while (reader.take('|')) {
      children.push(parseBranch(reader, depth));
      reader.skipBlank();
    }
    return { kind: 'alternate', children };
  }
  if (reader.hasNumericReference && reader.names.size > 0) {
    reader.fail('numbered back-references do not go with named groups');
  }
  return first;
}

function parseBranch(reader: PatternReader, depth: number): Node {
  const children: Node[] = [];
  while (!reader.atEnd()) {
    const before = reader.at;
    const child = parsePiece(reader, depth);
    if (reader.at === before) break;
    if (child.kind !== 'empty') children.push(child);
  }
  const [only] = children;
  if (only === undefined) return EMPTY;
  return children.length === 1 ? only : { kind: 'concat', children };
}

/** An atom and its one quantifier. A second quantifier would have nothing to repeat, and a second `{…}` is literal. */
function parsePiece(reader: PatternReader, depth: number): Node {
  const child = parseAtom(reader, depth);
  reader.skipBlank();
  const start = reader.at;
  const count = parseQuantifier(reader);
  if (count === undefined) return child;
  if (!isRepeatable(child)) reader.fail('nothing to repeat', start);
  reader.skipBlank();
  if (count.min > count.max) reader.fail('repetition ends before it starts', start);
  const lazy = reader.take('?');
  const repeat: Node = { kind: 'repeat', child, ...count, greedy: lazy === reader.flags.swapGreed };
  return reader.take('+') ? { kind: 'atomic', child: repeat } : repeat;
}

function isRepeatable(node: Node): boolean {
  if (node.kind === 'assert') return node.what !== 'search-start';
  return node.kind !== 'empty' && node.kind !== 'look' && node.kind !== 'keep' && node.kind !== 'group-set';
}

interface Count {
  readonly min: number;
  readonly max: number;
}

function parseQuantifier(reader: PatternReader): Count | undefined {
  if (reader.take('?')) return { min: 0, max: 1 };
  if (reader.take('*')) return { min: 0, max: Infinity };
  if (reader.take('+')) return { min: 1, max: Infinity };
  if (reader.peek() !== '{') return undefined;
  const start = reader.at;
  const count = parseBraces(reader);
  if (count === undefined) reader.at = start;
  return count;
}

/** `{n} {n,} {n,m} {,m} {,}`; anything else leaves `{` a literal. */
function parseBraces(reader: PatternReader): Count | undefined {
  reader.at += 1;
  reader.skipBlank();
  const low = reader.decimal();
  if (low === undefined && reader.peek() !== ',') return undefined;
  const min = low ?? 0;
  let max = min;
  reader.skipBlank();
  if (reader.take(',')) {
    reader.skipBlank();
    max = reader.decimal() ?? Infinity;
    reader.skipBlank();
  }
  return reader.take('}') ? { min, max } : undefined;
}

function parseAtom(reader: PatternReader, depth: number): Node {
  reader.skipBlank();
  const { flags } = reader;
  switch (reader.peek()) {
    case '':
    case '+':
    case '*':
    case '?':
    case '|':
    case ')':
      return EMPTY;
    case '.':
      reader.at += 1;
      return flags.dotAll
        ? { kind: 'any' }
        : { kind: 'set', set: complement(rangesOf([0x0a, 0x0a], false), reader.at) };
    case '^':
      reader.at += 1;
      return { kind: 'assert', what: flags.multiLine ? 'line-start' : 'text-start' };
    case '$':
      reader.at += 1;
      return { kind: 'assert', what: flags.multiLine ? 'line-end' : 'text-end' };
    case '(':
      return parseGroup(reader, depth + 1);
    case '[':
      return parseBracket(reader);
    case '\\':
      return parseEscape(reader);
    default:
      return literal(reader.codePoint(), flags.caseless);
  }
}

function parseBracket(reader: PatternReader): Node {
  const start = reader.at;
  const tokens: ClassToken[] = [];
  let open = 0;
  // A closing bracket right after the first opening one is a character of the class.
  const literalClose = reader.text.startsWith('[^', start) ? start + 2 : start + 1;
  do {
    if (reader.atEnd()) reader.fail('unclosed character class', start);
    const position = reader.at;
    if (reader.peek() === '\\') {
      tokens.push(...parseClassEscape(reader));
      continue;
    }
    const codePoint = reader.codePoint();
    tokens.push({ kind: 'raw', codePoint, position });
    if (codePoint === 0x5b) open += 1;
    else if (codePoint === 0x5d && position !== literalClose) open -= 1;
  } while (open > 0);
  const set = parseClass(tokens, reader.flags.caseless);
  if (set.kind !== 'ranges' || set.ranges.length !== 2 || set.ranges[0] !== set.ranges[1]) return { kind: 'set', set };
  // A class of one character is that character.
  return literal(set.ranges[0] ?? 0, set.caseless);
}

function parseGroup(reader: PatternReader, depth: number): Node {
  const start = reader.at;
  if (depth > DEEPEST_GROUP) reader.fail('groups are nested too deeply');
  reader.at += 1;
  reader.skipBlank();
  if (reader.take('?=')) return look(reader, depth, false, false);
  if (reader.take('?!')) return look(reader, depth, false, true);
  if (reader.take('?<=')) return look(reader, depth, true, false);
  if (reader.take('?<!')) return look(reader, depth, true, true);
  if (reader.take('?>')) return { kind: 'atomic', child: closed(reader, depth) };
  if (reader.take('?(')) return parseConditional(reader, depth);
  if (reader.take('?P=')) return namedReference(reader, '', ')', false);
  const isNamed = /^\?(?:P?<|')/.test(reader.text.slice(reader.at, reader.at + 3));
  if (!isNamed && reader.peek() === '?') return parseFlags(reader, depth);
  reader.groupCount += 1;
  const index = reader.groupCount;
  if (isNamed) {
    reader.at += reader.peek(1) === 'P' ? 2 : 1;
    const found = reader.peek() === '<' ? reader.reference('<', '>', false) : reader.reference("'", "'", false);
    if (found === undefined) reader.fail('bad group name', start);
    reader.names.set(found.name, index);
  }
  return { kind: 'group', index, child: closed(reader, depth) };
}

function closed(reader: PatternReader, depth: number): Node {
  const child = parseAlternation(reader, depth);
  closeGroup(reader);
  return child;
}

function closeGroup(reader: PatternReader): void {
  reader.skipBlank();
  if (!reader.take(')')) reader.fail('unclosed group');
}

function look(reader: PatternReader, depth: number, behind: boolean, negative: boolean): Node {
  return { kind: 'look', child: closed(reader, depth), behind, negative };
}

/**
 * `(?flags)` and `(?flags:…)`. The first form holds until the pattern ends or the enclosing `(?…:` closes: a capture group
 * or look-around does not end it, which is how the reference behaves.
 */
function parseFlags(reader: PatternReader, depth: number): Node {
  const start = reader.at;
  reader.at += 1;
  const outer = reader.flags;
  let on = true;
  let seen = 0;
  for (;;) {
    reader.skipBlank();
    const letter = reader.peek();
    if (letter === '') reader.fail('unclosed group', start);
    if (letter === ')' || letter === ':') {
      // `(?)`, `(?-)` and `(?-:` name no flag.
      if (seen === 0 && (letter === ')' || !on)) reader.fail('unknown flag', start);
      break;
    }
    reader.at += 1;
    if (letter === '-') {
      if (!on) reader.fail('unknown flag', start);
      on = false;
    } else {
      reader.flags = { ...reader.flags, ...flagNamed(reader, letter, on, start) };
      seen += 1;
    }
  }
  if (reader.take(')')) return EMPTY;
  reader.at += 1;
  const child = closed(reader, depth);
  reader.flags = outer;
  return child;
}

function flagNamed(reader: PatternReader, letter: string, on: boolean, start: number): Partial<Flags> {
  switch (letter) {
    case 'i':
      return { caseless: on };
    case 'm':
      return { multiLine: on };
    case 's':
      return { dotAll: on };
    case 'U':
      return { swapGreed: on };
    case 'x':
      return { extended: on };
    case 'u':
      if (!on) reader.fail('Unicode cannot be switched off', start);
      return {};
    default:
      return reader.fail(`unknown flag ${letter}`, start);
  }
}

/** `(?(condition)yes|no)`: the condition names a group or is a pattern of its own. */
function parseConditional(reader: PatternReader, depth: number): Node {
  const condition = parseCondition(reader, depth);
  const before = reader.at;
  const branches = parseAlternation(reader, depth);
  const isBare = reader.at === before;
  if (isBare && condition.kind !== 'group-set') reader.fail('conditional without a branch');
  closeGroup(reader);
  const [yes = EMPTY, ...rest] = branches.kind === 'alternate' ? branches.children : [branches];
  const [no = EMPTY] = rest;
  if (isBare || (yes.kind === 'empty' && rest.length < 2 && no.kind === 'empty')) return condition;
  return { kind: 'conditional', condition, yes, no: rest.length > 1 ? { kind: 'alternate', children: rest } : no };
}

function parseCondition(reader: PatternReader, depth: number): Node {
  const first = reader.peek();
  let condition: Node;
  if (first === "'") condition = namedReference(reader, "'", "')", true);
  else if (first === '<') condition = namedReference(reader, '<', '>)', true);
  else if (/^[-+0-9]$/.test(first)) condition = namedReference(reader, '', ')', true);
  else condition = closed(reader, depth);
  return condition.kind === 'backreference' ? { kind: 'group-set', group: condition.group } : condition;
}
