import { ExactNumber } from './exact-number.ts';
import { numberText } from './number-text.ts';
import { parseExact, type SourceWatch } from './parse-exact.ts';
import type { JsonValue } from './values.ts';

/**
 * The text of arrays and objects of which reading lost something: a number whose spelling says more than its value, a name that
 * stood twice. Only the innermost ones stand here; they go when their values go.
 */
const sources = new WeakMap<object, string>();

/** The text that an array or object was read from, where its values do not tell it. */
export function keptSource(container: object): string | undefined {
  return sources.get(container);
}

/** Remembers, for `sourceText`, what `parseExact` loses. */
export function keepingSource(): SourceWatch {
  const losing = new WeakSet<object>();
  return {
    number(token, value, container) {
      if (printed(value) !== token && container !== undefined) losing.add(container);
      return value;
    },
    repeated(_key, container) {
      losing.add(container);
    },
    closed(container, source) {
      if (losing.has(container)) sources.set(container, source());
    },
  };
}

function printed(value: number | ExactNumber): string {
  return value instanceof ExactNumber ? value.text : numberText(value);
}

/** A number with its spelling. */
export class NumberToken extends ExactNumber {
  /** As it is written. */
  readonly token: string;

  constructor(token: string, text: string, value: number) {
    super(text, value);
    this.token = token;
  }
}

/** An object names a member twice. */
export class RepeatedMember extends SyntaxError {
  override readonly name: string = 'RepeatedMember';
}

const TOKENS: SourceWatch = {
  number(token, value) {
    return new NumberToken(token, printed(value), value instanceof ExactNumber ? value.value : value);
  },
  repeated(key) {
    throw new RepeatedMember(`the member ${JSON.stringify(key.slice(0, 60))} stands twice in one object`);
  },
  closed() {},
};

/**
 * Reads JSON whose spelling matters: every number is a `NumberToken`.
 *
 * @throws RepeatedMember for an object that names a member twice
 * @throws SyntaxError if the text is not JSON
 */
export function parseTokens(text: string): JsonValue {
  return parseExact(text, TOKENS);
}
