import { ExactNumber, isList, isObject, type JsonValue, NumberToken, parseTokens } from '@halyard/json';

/**
 * Reads JSON without loss: a number that a browser would spell otherwise, such as one above 2^53 or `1.0`, stays an `ExactNumber` with the
 * text that it has (E95). Every other one is a plain number.
 *
 * @throws SyntaxError if the text is not JSON, or names a member twice in one object
 */
export function readJson(text: string): JsonValue {
  return settled(parseTokens(text));
}

function settled(value: JsonValue): JsonValue {
  if (value instanceof NumberToken) {
    return String(value.value) === value.token ? value.value : new ExactNumber(value.token, value.value);
  }
  if (isList(value)) return value.map(settled);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, settled(member)]));
}

/** Stands before a number's own text for a moment; no text of anybody's begins so. */
const MARK = `exact ${Math.random().toString(36).slice(2)} `;
const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g');

/**
 * Writes JSON with the numbers that `readJson` kept. Members that are undefined are left out, as `JSON.stringify` does. A number that is not
 * chosen yet (NaN) becomes an empty text, so that nothing reads it as a number.
 */
export function writeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(
    value,
    // The member itself, which has not been made a plain number yet.
    function replace(this: Readonly<Record<string, unknown>>, name: string, plain: unknown): unknown {
      const own = this[name];
      if (own instanceof ExactNumber) return MARK + own.text;
      return Number.isNaN(own) ? '' : plain;
    },
    indent,
  );
  return text.replaceAll(MARKED, '$1');
}

/** Where a text is no JSON, counted from 1; null: it is, or there is nothing. */
export interface JsonProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export function jsonProblem(text: string): JsonProblem | null {
  if (text.trim() === '') return null;
  try {
    parseTokens(text);
    return null;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const [, at] = /at position (\d+)/.exec(said) ?? [];
    const before = text.slice(0, at === undefined ? text.length : Number(at)).split('\n');
    const [line, column] = [before.length, (before.at(-1) ?? '').length + 1];
    if (!(error instanceof SyntaxError) || /stands twice/.test(said)) return { line, column, message: said };
    const found = text[Number(at)];
    return { line, column, message: found === undefined ? 'the text ends too early' : `“${found}” does not fit here` };
  }
}
