import type { Assertion, Node } from './ast.ts';
import { type CharSet, complement, LAST_CODE_POINT, rangesOf } from './char-set.ts';
import type { ClassToken } from './class-parser.ts';
import type { PatternReader } from './pattern-reader.ts';
import { unicodeProperty } from './unicode-property.ts';

const CONTROLS = new Map([
  ['a', 0x07],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
  ['e', 0x1b],
]);

const ASSERTIONS = new Map<string, Assertion>([
  ['A', 'text-start'],
  ['z', 'text-end'],
  ['b', 'word-boundary'],
  ['B', 'not-word-boundary'],
  ['<', 'word-start'],
  ['>', 'word-end'],
  ['G', 'search-start'],
]);

const BRACED_BOUNDARIES = new Map<string, Assertion>([
  ['start', 'word-start'],
  ['end', 'word-end'],
  ['start-half', 'word-start-half'],
  ['end-half', 'word-end-half'],
]);

/** Letters that escape a construct outside brackets and stand for themselves inside. */
const LITERAL_IN_CLASS = new Set(['k', 'A', 'z', 'B', 'K', 'G']);
const HEX_DIGITS = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);
const HEX_RANGES = [0x30, 0x39, 0x41, 0x46, 0x61, 0x66];

/** A character under the flags in force. */
export function literal(codePoint: number, caseless: boolean): Node {
  const lower = codePoint | 0x20;
  const folds = caseless && (codePoint >= 0x80 || (lower >= 0x61 && lower <= 0x7a));
  return folds ? { kind: 'set', set: rangesOf([codePoint, codePoint], true) } : { kind: 'char', codePoint };
}

/** Parses an escape outside brackets; the cursor stands on the backslash. */
export function parseEscape(reader: PatternReader): Node {
  const start = reader.at;
  reader.at += 1;
  const letter = reader.peek();
  if (letter === '') reader.fail('trailing backslash', start);
  if (/^[0-9]$/.test(letter)) return numberedReference(reader);
  const set = parseSetEscape(reader);
  if (set !== undefined) return { kind: 'set', set };
  if (HEX_DIGITS.has(letter)) return literal(parseHex(reader), reader.flags.caseless);
  if (letter === 'b' || letter === 'B') return boundary(reader, start);
  const assertion = ASSERTIONS.get(letter);
  if (assertion !== undefined) {
    reader.at += 1;
    return { kind: 'assert', what: assertion };
  }
  switch (letter) {
    case 'k':
      reader.at += 1;
      return reader.peek() === "'" ? namedReference(reader, "'", "'", true) : namedReference(reader, '<', '>', true);
    case 'Z':
      reader.at += 1;
      return beforeFinalLineFeeds();
    case 'K':
      reader.at += 1;
      return { kind: 'keep' };
    case 'O':
      reader.at += 1;
      return { kind: 'any' };
    default:
      return { kind: 'char', codePoint: simpleEscape(reader, start) };
  }
}

/** Parses an escape inside brackets into class tokens; the cursor stands on the backslash. */
export function parseClassEscape(reader: PatternReader): ClassToken[] {
  const position = reader.at;
  reader.at += 1;
  const letter = reader.peek();
  if (letter === 'h' || letter === 'H') {
    reader.at += 1;
    // A hex-digit escape is a nested class, and as such cannot end a range.
    const nested = letter === 'h' ? '[0-9A-Fa-f]' : '[^0-9A-Fa-f]';
    return nested.split('').map((unit) => ({ kind: 'raw', codePoint: unit.charCodeAt(0), position }));
  }
  if (/^[0-9]$/.test(letter)) reader.fail('a class cannot hold a back-reference', position);
  const set = parseSetEscape(reader);
  if (set !== undefined) return [{ kind: 'set', set, position }];
  return [{ kind: 'escaped', codePoint: classCharacter(reader, letter, position), position }];
}

function classCharacter(reader: PatternReader, letter: string, start: number): number {
  if (HEX_DIGITS.has(letter)) return parseHex(reader);
  if (letter === 'b') {
    reader.at += 1;
    return 0x08;
  }
  if (LITERAL_IN_CLASS.has(letter)) return reader.codePoint();
  return simpleEscape(reader, start);
}

function simpleEscape(reader: PatternReader, start: number): number {
  const letter = reader.peek();
  const control = CONTROLS.get(letter);
  if (control === undefined && /^[A-Za-z]$/.test(letter)) reader.fail(`unknown escape \\${letter}`, start);
  const codePoint = reader.codePoint();
  return control ?? codePoint;
}

/** `\d \s \w \h \p` and their complements; undefined when the escape is none of them. */
function parseSetEscape(reader: PatternReader): CharSet | undefined {
  const start = reader.at - 1;
  const letter = reader.peek();
  const lower = letter.toLowerCase();
  let set: CharSet;
  if (lower === 'd' || lower === 's' || lower === 'w') {
    reader.at += 1;
    set = { kind: 'perl', name: lower };
  } else if (lower === 'h') {
    reader.at += 1;
    set = rangesOf(HEX_RANGES, false);
  } else if (lower === 'p' && reader.at + 1 < reader.text.length) {
    reader.at += 1;
    set = unicodeProperty(propertyText(reader, start), reader.flags.caseless, start);
  } else {
    return undefined;
  }
  return letter === lower ? set : complement(set, start);
}

function propertyText(reader: PatternReader, start: number): string {
  if (!reader.take('{')) return String.fromCodePoint(reader.codePoint());
  const end = reader.text.indexOf('}', reader.at);
  if (end < 0) reader.fail('unclosed Unicode property', start);
  const text = reader.text.slice(reader.at, end);
  reader.at = end + 1;
  return text;
}

/** `\x41 \u0041 \U00000041`, or any of them with 1 to 8 digits in braces. */
function parseHex(reader: PatternReader): number {
  const width = HEX_DIGITS.get(reader.peek()) ?? 2;
  reader.at += 1;
  reader.skipBlank();
  const start = reader.at;
  const fixed = reader.text.slice(start, start + width);
  let digits = '';
  if (fixed.length === width && /^[0-9A-Fa-f]+$/.test(fixed)) {
    digits = fixed;
    reader.at += width;
  } else {
    if (!reader.take('{')) reader.fail('bad hexadecimal escape', start);
    for (reader.skipBlank(); !reader.take('}'); reader.skipBlank()) {
      if (!/^[0-9A-Fa-f]$/.test(reader.peek()) || digits.length === 8) reader.fail('bad hexadecimal escape', start);
      digits += reader.peek();
      reader.at += 1;
    }
    if (digits === '') reader.fail('bad hexadecimal escape', start);
  }
  const codePoint = Number.parseInt(digits, 16);
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (codePoint > LAST_CODE_POINT || isSurrogate) reader.fail('no such character', start);
  return codePoint;
}

/** `\b` and `\B`, and `\b{start}` with its kin; `\b{2}` repeats the boundary. */
function boundary(reader: PatternReader, start: number): Node {
  const letter = reader.peek();
  reader.at += 1;
  const after = reader.at;
  reader.skipBlank();
  if (reader.take('{')) {
    reader.skipBlank();
    if (!/^[0-9,]$/.test(reader.peek())) return bracedBoundary(reader, letter, start);
  }
  reader.at = after;
  return { kind: 'assert', what: letter === 'b' ? 'word-boundary' : 'not-word-boundary' };
}

function bracedBoundary(reader: PatternReader, letter: string, start: number): Node {
  let name = '';
  for (; !reader.take('}'); reader.skipBlank()) {
    if (reader.atEnd() || name.length > 10) reader.fail('unknown word boundary', start);
    name += reader.peek();
    reader.at += 1;
  }
  const what = letter === 'b' ? BRACED_BOUNDARIES.get(name) : undefined;
  if (what === undefined) reader.fail('unknown word boundary', start);
  return { kind: 'assert', what };
}

/** `\Z`: the end of the text, or before the line feeds that end it. */
function beforeFinalLineFeeds(): Node {
  const lineFeeds: Node = {
    kind: 'repeat',
    child: { kind: 'char', codePoint: 0x0a },
    min: 0,
    max: Infinity,
    greedy: true,
  };
  const child: Node = { kind: 'concat', children: [lineFeeds, { kind: 'assert', what: 'text-end' }] };
  return { kind: 'look', child, behind: false, negative: false };
}

function numberedReference(reader: PatternReader): Node {
  const start = reader.at - 1;
  const group = reader.decimal();
  if (group === undefined) reader.fail('no such group', start);
  reader.hasNumericReference = true;
  return reference(reader, group);
}

function reference(reader: PatternReader, group: number): Node {
  reader.referenced.add(group);
  return { kind: 'backreference', group, caseless: reader.flags.caseless };
}

/** A back-reference by name, number or signed distance between delimiters. The group must stand before it. */
export function namedReference(reader: PatternReader, open: string, close: string, allowRelative: boolean): Node {
  const start = reader.at;
  const found = reader.reference(open, close, allowRelative);
  if (found === undefined) reader.fail('bad group name', start);
  const { name, relative } = found;
  const known = reader.names.get(name);
  const number = known ?? (/^[0-9]+$/.test(name) ? Number(name) : undefined);
  if (number !== undefined) {
    if (relative !== undefined) reader.fail('recursion levels are not supported', start);
    return reference(reader, number);
  }
  if (name !== '' || relative === undefined) reader.fail('no such group', start);
  const group = reader.groupCount + relative + (relative < 0 ? 1 : 0);
  if (group < 0) reader.fail('no such group', start);
  return reference(reader, group);
}
