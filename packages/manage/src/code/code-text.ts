import { ExactNumber, isList, isObject, type JsonObject, type JsonValue, parseTokens } from '@halyard/json';
import {
  Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  Pair,
  parseDocument,
  Scalar,
  type ScalarTag,
  type Tags,
  type ToStringOptions,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import { numberOf, storedForm } from './code-value.ts';
import { readSource } from './read-source.ts';

export type CodeFormat = 'yaml' | 'json';

/** Numbers keep their spelling. */
const number: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/,
  identify: (value) => value instanceof ExactNumber,
  resolve: (text) => parseTokens(text),
  stringify: ({ value }) => numberOf(value as ExactNumber),
};

// `compat` quotes what readers of YAML 1.1 would take for something else, such as `no`.
const DOCUMENT = {
  version: '1.2',
  schema: 'core',
  customTags: (tags: Tags) => [number, ...tags],
  compat: 'yaml-1.1',
  aliasDuplicateObjects: false,
} as const;
const TEXT: ToStringOptions = { lineWidth: 0 };

/**
 * A value as the text of a file: equal values give equal texts.
 *
 * @param header lines of comment before everything, in YAML
 * @param existing the text that the file has: what is the same stays as it is written there, and comments stay with what they stand
 *   beside (YAML only)
 * @throws {CodeError} where `existing` cannot be read
 */
export function codeFile(
  value: JsonObject,
  format: CodeFormat,
  { header, existing }: { readonly header?: string; readonly existing?: string } = {},
): string {
  if (format === 'json') return `${jsonLines(value, '')}\n`;
  if (existing !== undefined && existing.trim() !== '') return updated(existing, value);
  const document = new Document(nodeOf(value), DOCUMENT);
  if (header !== undefined) document.commentBefore = ` ${header}`;
  return document.toString(TEXT);
}

function jsonLines(value: JsonValue, indent: string): string {
  const deeper = `${indent}  `;
  if (isList(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => deeper + jsonLines(item, deeper)).join(',\n')}\n${indent}]`;
  }
  if (isObject(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) return '{}';
    const members = keys.map((key) => `${deeper}${JSON.stringify(key)}: ${jsonLines(value[key] ?? null, deeper)}`);
    return `{\n${members.join(',\n')}\n${indent}}`;
  }
  return value instanceof ExactNumber || typeof value === 'number' ? numberOf(value) : JSON.stringify(value);
}

function nodeOf(value: JsonValue): Node {
  if (isList(value)) {
    const list = new YAMLSeq();
    list.items = value.map(nodeOf);
    list.flow = value.length === 0;
    return list;
  }
  if (isObject(value)) {
    const map = new YAMLMap();
    map.items = Object.keys(value).map((key) => pairOf(key, value[key] ?? null));
    map.flow = map.items.length === 0;
    return map;
  }
  return new Scalar(value);
}

function pairOf(key: string, value: JsonValue): Pair<Node, Node> {
  return new Pair(new Scalar(key), nodeOf(value));
}

/** Changes in a text what has to be another value, and nothing else. */
function updated(existing: string, value: JsonObject): string {
  const before = readSource('', existing).value;
  if (storedForm(before) === storedForm(value)) return existing;
  const document = parseDocument(existing, { ...DOCUMENT, keepSourceTokens: false });
  document.contents = merged(document.contents, before, value) as typeof document.contents;
  return document.toString(TEXT);
}

/** The node for a value, made from the one that stood in its place. */
function merged(node: unknown, before: JsonValue | undefined, value: JsonValue): Node {
  if (before !== undefined && isNode(node)) {
    if (storedForm(before) === storedForm(value)) return node;
    if (isMap(node) && isObject(before) && isObject(value)) return mergedMap(node, before, value);
    if (isSeq(node) && isList(before) && isList(value)) return mergedList(node, before, value);
  }
  const made = nodeOf(value);
  if (isNode(node)) {
    made.commentBefore = node.commentBefore ?? null;
    made.spaceBefore = node.spaceBefore ?? false;
    if (isScalar(made)) made.comment = node.comment ?? null;
  }
  return made;
}

function mergedMap(node: YAMLMap, before: JsonObject, value: JsonObject): YAMLMap {
  const known = new Set<string>();
  node.items = node.items.filter((pair) => {
    const name = isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : '';
    if (!Object.hasOwn(value, name)) return false;
    known.add(name);
    pair.value = merged(pair.value, before[name], value[name] ?? null);
    return true;
  });
  for (const key of Object.keys(value)) if (!known.has(key)) node.items.push(pairOf(key, value[key] ?? null));
  node.flow &&= node.items.length === 0;
  return node;
}

/** Items that are the same keep their nodes wherever they go; the others take over from who has the same name, else the same place. */
function mergedList(node: YAMLSeq, before: readonly JsonValue[], value: readonly JsonValue[]): YAMLSeq {
  const free = new Map(before.map((item, at) => [at, storedForm(item)]));
  const take = (fits: (at: number) => boolean): number | undefined => {
    for (const at of free.keys()) {
      if (!fits(at)) continue;
      free.delete(at);
      return at;
    }
    return undefined;
  };
  const equal = value.map((item) => {
    const form = storedForm(item);
    return take((at) => free.get(at) === form);
  });
  const named = value.map(
    (item, i) => equal[i] ?? (nameOf(item) === null ? undefined : take((at) => nameOf(before[at]) === nameOf(item))),
  );
  const placed = value.map((_, i) => named[i] ?? take((at) => at === i));
  node.items = value.map((item, i) => {
    const from = placed[i];
    return from === undefined ? nodeOf(item) : merged(node.items[from], before[from], item);
  });
  node.flow &&= node.items.every((item) => isScalar(item));
  return node;
}

function nameOf(value: JsonValue | undefined): string | null {
  if (!isObject(value)) return null;
  const name = value['key'] ?? value['id'];
  return typeof name === 'string' ? name : name instanceof ExactNumber ? name.text : null;
}
