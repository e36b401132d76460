import type { ExactNumber } from './exact-number.ts';
import { numberFromToken } from './number-text.ts';
import type { JsonValue } from './values.ts';

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
/** What may not stand in a string as it is: escapes, which need decoding, and control characters, which are wrong. */
const NOT_PLAIN = /[^ -[\]-\uffff]/;

type Members = { [key: string]: JsonValue };

/** An array or object still open. `key` is the name that the next value of an object goes under. */
interface Frame {
  readonly container: JsonValue[] | Members;
  readonly isArray: boolean;
  /** Where its opening bracket stands. */
  readonly start: number;
  key: string;
}

/** Sees what the values alone do not tell: how numbers are written, and which names stand twice. */
export interface SourceWatch {
  /** A number as it is written and as it is read; what it gives is the value. `container` is what it stands in. */
  number(token: string, value: number | ExactNumber, container: object | undefined): number | ExactNumber;
  /** An object has a member of that name already. */
  repeated(key: string, container: object): void;
  /** An array or object is complete; `source` cuts its text out. */
  closed(container: object, source: () => string): void;
}

/**
 * Strict JSON parser that keeps number texts (E95); otherwise it answers as `JSON.parse` does.
 * Nesting costs memory but no stack.
 *
 * @throws SyntaxError if the text is not JSON.
 */
export function parseExact(text: string, watch?: SourceWatch): JsonValue {
  const stack: Frame[] = [];
  let position = 0;

  const fail = (): never => {
    throw new SyntaxError(
      position < text.length ? `Unexpected token in JSON at position ${position}` : 'Unexpected end of JSON input',
    );
  };
  const skipSpace = (): number => {
    SPACE.lastIndex = position;
    SPACE.test(text);
    position = SPACE.lastIndex;
    return text.charCodeAt(position);
  };
  const readString = (): string => {
    const end = endOfString(text, position);
    if (end < 0) {
      position = text.length;
      return fail();
    }
    const body = text.slice(position + 1, end);
    const value = NOT_PLAIN.test(body) ? (JSON.parse(`"${body}"`) as string) : body;
    position = end + 1;
    return value;
  };
  const readWord = (word: string, value: boolean | null): boolean | null => {
    if (!text.startsWith(word, position)) return fail();
    position += word.length;
    return value;
  };
  const readNumber = (): JsonValue => {
    NUMBER.lastIndex = position;
    const match = NUMBER.exec(text);
    if (match === null) return fail();
    position = NUMBER.lastIndex;
    const value = numberFromToken(match[0], match[1] === undefined && match[2] === undefined);
    return watch === undefined ? value : watch.number(match[0], value, stack.at(-1)?.container);
  };
  /** Reads `"name":` of the innermost object. */
  const readKey = (frame: Frame): void => {
    if (skipSpace() !== 34) fail();
    frame.key = readString();
    if (skipSpace() !== 58) fail();
    position++;
  };

  for (;;) {
    let value: JsonValue;
    const unit = skipSpace();
    const start = position;
    if (unit === 91) {
      position++;
      const items: JsonValue[] = [];
      if (skipSpace() !== 93) {
        stack.push({ container: items, isArray: true, start, key: '' });
        continue;
      }
      position++;
      value = items;
    } else if (unit === 123) {
      position++;
      const members: Members = {};
      if (skipSpace() !== 125) {
        const frame: Frame = { container: members, isArray: false, start, key: '' };
        stack.push(frame);
        readKey(frame);
        continue;
      }
      position++;
      value = members;
    } else if (unit === 34) value = readString();
    else if (unit === 116) value = readWord('true', true);
    else if (unit === 102) value = readWord('false', false);
    else if (unit === 110) value = readWord('null', null);
    else value = readNumber();

    // The value is complete: hand it to what it stands in, and close what ends here.
    for (;;) {
      const frame = stack.at(-1);
      const after = skipSpace();
      if (frame === undefined) {
        if (position < text.length) fail();
        return value;
      }
      if (frame.isArray) (frame.container as JsonValue[]).push(value);
      else {
        if (watch !== undefined && Object.hasOwn(frame.container, frame.key))
          watch.repeated(frame.key, frame.container);
        setMember(frame.container as Members, frame.key, value);
      }
      if (after === 44) {
        position++;
        if (!frame.isArray) readKey(frame);
        break;
      }
      if (after !== (frame.isArray ? 93 : 125)) fail();
      position++;
      stack.pop();
      const end = position;
      watch?.closed(frame.container, () => text.slice(frame.start, end));
      value = frame.container;
    }
  }
}

/** Index of the quote that closes the string opened at `start`, or -1. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === 92) before--;
    if ((end - before) % 2 === 1) return end;
  }
  return -1;
}

function setMember(members: Members, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(members, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    members[key] = value;
  }
}
