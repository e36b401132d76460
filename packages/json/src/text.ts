import { ExactNumber } from './exact-number.ts';
import { numberText } from './number-text.ts';
import { keptSource } from './source.ts';
import type { JsonObject, JsonValue } from './values.ts';

export { numberText } from './number-text.ts';

/** Far beyond what `parseJson` lets in; only a value that contains itself gets here. */
const MAX_NESTING = 100_000;

/**
 * The text that operators compare (E95): a string is its own text, anything else its compact JSON text
 * with object members in byte order of their names.
 */
export function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return write(value, true, false);
}

/** Compact JSON in stored member order, numbers with the text they had (E95). */
export function jsonText(value: JsonValue): string {
  return write(value, false, false);
}

/** The same, but with what `parseDefinitions` kept in the spelling that it had. */
export function sourceText(value: JsonValue): string {
  return write(value, false, true);
}

/** An array or object being written: `keys` is null for an array. */
interface Frame {
  readonly container: readonly JsonValue[] | JsonObject;
  readonly keys: readonly string[] | null;
  next: number;
}

/** Writes with a stack of its own, so that no nesting can exhaust the engine's. */
function write(value: JsonValue, sorted: boolean, asRead: boolean): string {
  const plain = asRead ? readText : scalarText;
  const scalar = plain(value);
  if (scalar !== undefined) return scalar;
  const stack: Frame[] = [];
  let out = open(stack, value as Frame['container'], sorted);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { container, keys } = frame;
    const size = keys === null ? (container as readonly JsonValue[]).length : keys.length;
    if (frame.next === size) {
      out += keys === null ? ']' : '}';
      stack.pop();
      continue;
    }
    if (frame.next > 0) out += ',';
    const index = frame.next++;
    let member: JsonValue | undefined;
    if (keys === null) {
      member = (container as readonly JsonValue[])[index];
    } else {
      const key = keys[index] as string; // index < keys.length
      member = (container as JsonObject)[key];
      out += `${JSON.stringify(key)}:`;
    }
    out += plain(member) ?? open(stack, member as Frame['container'], sorted);
  }
  return out;
}

function open(stack: Frame[], container: Frame['container'], sorted: boolean): string {
  if (stack.length === MAX_NESTING) throw new RangeError('value is nested without end');
  if (Array.isArray(container)) {
    stack.push({ container, keys: null, next: 0 });
    return '[';
  }
  const keys = Object.keys(container);
  if (sorted && keys.length > 1) keys.sort(compareUtf8);
  stack.push({ container, keys, next: 0 });
  return '{';
}

/** Text of anything but an array or object; what is no JSON at all reads as null. */
function scalarText(value: JsonValue | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return value instanceof ExactNumber ? value.text : undefined;
    default:
      return 'null';
  }
}

/** The same for what has a source of its own, too. */
function readText(value: JsonValue | undefined): string | undefined {
  const kept = typeof value === 'object' && value !== null ? keptSource(value) : undefined;
  return kept ?? scalarText(value);
}

/** Order of two strings by their UTF-8 bytes: code unit order, but surrogates come last. */
export function compareUtf8(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates, which stand for code points above U+FFFF, behind every other code unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
