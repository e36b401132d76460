import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Pair,
  parseDocument,
  Scalar,
  type YAMLError,
} from 'yaml';
import { type JsonValue, parseStored, parseTokens, RepeatedMember, TooDeep } from '@halyard/json';
import { CodeError, type CodeProblem, type Place } from './code-problem.ts';
import type { Path } from './flag-code.ts';

/** A file that was read, and where its parts stand. */
export interface Source {
  readonly file: string;
  /** With every number as it is spelled. */
  readonly value: JsonValue;
  /** Where the value at the end of the path stands, or what comes next to it. */
  placeOf(path: Path): Place;
}

/** Files are written by people; what is larger was made to do harm, or belongs into several. */
export const LARGEST_FILE = 16 * 1024 * 1024;
/** Deeper than the deepest cohort (E126). */
const DEEPEST = 200;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads a file of definitions, YAML 1.2 or JSON by its name.
 *
 * @param file its path, for messages
 * @throws {CodeError} with the places of what cannot be read
 */
export function readSource(file: string, text: string): Source {
  const at = (offset: number): Place => ({ file, ...lineAt(text, offset) });
  const nul = text.indexOf('\0');
  if (nul >= 0) throw new CodeError([{ ...at(nul), message: 'holds a NUL character, which cannot be stored' }]);
  try {
    return file.endsWith('.json') ? readJson(file, text) : readYaml(file, text);
  } catch (error) {
    // The parser of YAML calls itself for each level.
    if (!(error instanceof RangeError)) throw error;
    throw new CodeError([{ ...at(0), message: `is nested deeper than ${DEEPEST} levels` }]);
  }
}

function readJson(file: string, text: string): Source {
  const given = text.startsWith('\ufeff') ? text.slice(1) : text;
  const fail = (offset: number, message: string): never => {
    throw new CodeError([{ file, ...lineAt(given, offset), message }]);
  };
  let value: JsonValue;
  try {
    parseStored(given);
    value = parseTokens(given);
  } catch (error) {
    if (error instanceof TooDeep) return fail(0, error.message);
    if (error instanceof RepeatedMember) {
      const [twice] = parseYaml(given).errors.filter(({ code }) => code === 'DUPLICATE_KEY');
      return fail(twice?.pos[0] ?? 0, error.message);
    }
    if (error instanceof SyntaxError) return fail(offsetOf(error, given), 'is not JSON from here on');
    throw error;
  }
  // Where things stand is asked for when something is wrong, and JSON is YAML.
  let parsed: Parsed | undefined;
  const placeOf = (path: Path): Place => {
    parsed ??= parseYaml(given);
    return { file, ...nodePlace(parsed, path) };
  };
  return { file, value, placeOf };
}

function offsetOf(error: SyntaxError, text: string): number {
  const position = /position (\d+)/.exec(error.message)?.[1];
  return position === undefined ? text.length : Number(position);
}

type Parsed = ReturnType<typeof parseYaml>;

function parseYaml(text: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    lineCounter: lines,
    prettyErrors: false,
    // Equal keys are found in one pass here and not by comparing each with all.
    uniqueKeys: false,
    stringKeys: false,
    logLevel: 'error',
  });
  return { lines, contents: document.contents, errors: [...document.errors, ...repeatedKeys(document.contents)] };
}

function repeatedKeys(contents: unknown): Pick<YAMLError, 'code' | 'message' | 'pos'>[] {
  const found: Pick<YAMLError, 'code' | 'message' | 'pos'>[] = [];
  const pending: unknown[] = [contents];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (isSeq(node)) pending.push(...node.items.filter((item) => item !== undefined));
    if (!isMap(node)) continue;
    const keys = new Set<string>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? keyText(key) : undefined;
      if (name !== undefined && keys.has(name)) {
        const message = `the member ${JSON.stringify(name.slice(0, 60))} stands twice`;
        found.push({ code: 'DUPLICATE_KEY', message, pos: [offsetOfNode(key), offsetOfNode(key)] });
      }
      if (name !== undefined) keys.add(name);
      if (isNode(value)) pending.push(value);
    }
  }
  return found.sort((a, b) => a.pos[0] - b.pos[0]);
}

/** The parser's time grows with the square of how many brackets are open; texts with brackets in them stay far below. */
const MOST_OPEN = 1000;

/** The parser makes a regular expression of the indentation, which takes all memory there is where that is long. */
const TOO_INDENTED = /^(?:[ \t]|[-?:][ \t]){1000}/m;

/** Where the text opens one bracket too many, or begins a line too far to the right. */
function tooDeepAt(text: string): number | undefined {
  const indented = TOO_INDENTED.exec(text);
  if (indented !== null) return indented.index;
  let open = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    open += bracket === '[' || bracket === '{' ? 1 : -1;
    if (open > MOST_OPEN) return index;
    if (open < 0) open = 0;
  }
  return undefined;
}

function readYaml(file: string, text: string): Source {
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    throw new CodeError([{ file, ...lineAt(text, deep), message: `is nested deeper than ${DEEPEST} levels` }]);
  }
  const parsed = parseYaml(text);
  const problem = (offset: number, message: string): CodeProblem => ({ file, ...placeIn(parsed, offset), message });
  if (parsed.errors.length > 0) {
    throw new CodeError(parsed.errors.map(({ code, message, pos }) => problem(pos[0], messageOf(code, message))));
  }
  const json = new JsonWriter(problem).write(parsed.contents);
  return { file, value: parseTokens(json), placeOf: (path) => ({ file, ...nodePlace(parsed, path) }) };
}

function messageOf(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'holds several documents: make each a file';
  return message.includes('call stack') ? `is nested deeper than ${DEEPEST} levels` : message;
}

/** Writes what a document of YAML says as JSON, and refuses what JSON cannot say. */
class JsonWriter {
  readonly #problem: (offset: number, message: string) => CodeProblem;

  constructor(problem: (offset: number, message: string) => CodeProblem) {
    this.#problem = problem;
  }

  write(node: unknown, depth = 0): string {
    if (node === null || node === undefined) return 'null';
    const offset = offsetOfNode(node);
    if (depth > DEEPEST) this.#fail(offset, `is nested deeper than ${DEEPEST} levels`);
    if (isNode(node) && node.tag !== undefined) {
      this.#fail(offset, `has the tag ${node.tag.slice(0, 60)}: tags are not taken, write the value itself`);
    }
    if (isScalar(node)) return this.#scalar(node, offset);
    if (isSeq(node)) return `[${node.items.map((item) => this.write(item, depth + 1)).join(',')}]`;
    if (!isMap(node)) return this.#fail(offset, 'is an alias: aliases are not taken, write the value out');
    const members = node.items.map(({ key, value }) => `${this.#key(key)}:${this.write(value, depth + 1)}`);
    return `{${members.join(',')}}`;
  }

  #key(key: unknown): string {
    const name = isScalar(key) && key.tag === undefined ? keyText(key) : undefined;
    return name === undefined ? this.#fail(offsetOfNode(key), 'is no name of a member') : JSON.stringify(name);
  }

  #scalar({ value, source, type }: Scalar, offset: number): string {
    if (typeof value === 'number' || typeof value === 'bigint') {
      const token = source ?? String(value);
      if (JSON_NUMBER.test(token)) return token;
      return this.#fail(
        offset,
        `${token.slice(0, 40)} is no number as JSON writes it; a text of that kind needs quotes`,
      );
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
    return this.#fail(offset, `is no text, number, true, false or null (${type ?? 'unknown'})`);
  }

  #fail(offset: number, message: string): never {
    throw new CodeError([this.#problem(offset, message)]);
  }
}

/** `0: organization` names a member as `"0"` does. */
function keyText(key: Scalar): string | undefined {
  if (typeof key.value === 'string') return key.value;
  return key.type === Scalar.PLAIN && key.source !== undefined && key.source !== '' ? key.source : undefined;
}

function nodePlace(parsed: Parsed, path: Path): { line: number; column: number } {
  let node: unknown = parsed.contents;
  let offset = offsetOfNode(node);
  for (const step of path) {
    const next = childOf(node, step);
    if (next === undefined) break;
    const { value, key } = next;
    // What has no text of its own, such as an empty value, stands where its name does.
    offset = isNode(value) && value.range !== undefined && value.range !== null ? value.range[0] : offsetOfNode(key);
    node = value;
  }
  return placeIn(parsed, offset);
}

function childOf(node: unknown, step: string | number): { readonly value: unknown; readonly key: unknown } | undefined {
  if (isSeq(node)) {
    const value = typeof step === 'number' ? node.items[step] : undefined;
    return value === undefined ? undefined : { value, key: value };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(
    (item) => item instanceof Pair && isScalar(item.key) && keyText(item.key) === String(step),
  );
  return pair === undefined ? undefined : { value: pair.value, key: pair.key };
}

function offsetOfNode(node: unknown): number {
  return isNode(node) ? ((node as Node).range?.[0] ?? 0) : 0;
}

function placeIn({ lines }: Parsed, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function lineAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** A path as the engine writes it, such as `filters.groups[0].properties[1].value`. */
export function pathFrom(text: string): Path {
  return text.split(/\.|(?=\[)/).flatMap((part): (string | number)[] => {
    const index = /^\[(\d+)\]$/.exec(part)?.[1];
    if (index !== undefined) return [Number(index)];
    return part === '' ? [] : [part];
  });
}
