import { isList, isObject, type JsonValue, NumberToken } from '@halyard/json';
import { DefinitionError } from '../definitions/reader.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Names in messages are cut to as many characters. */
const LONGEST_NAME = 60;

/** UTF-8 bytes of a JSON text without the white space outside its strings (E175). */
export function sizeOf(text: string): number {
  let bytes = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (!inString && unit <= 0x20) continue;
    if (unit === QUOTE) inString = !inString;
    else if (inString && unit === BACKSLASH) {
      i++; // what is escaped closes nothing, and is ASCII itself
      bytes++;
    }
    // Each half of a surrogate pair counts two of the pair's four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return bytes;
}

/** Numbers that are beyond all doubles, or that round to zero without being zero, are refused wherever they stand (E175). */
export function checkNumbers(value: JsonValue, path: string): void {
  if (value instanceof NumberToken) {
    if (!Number.isFinite(value.value)) throw new DefinitionError(path, 'is a number that is too large');
    const [mantissa = ''] = value.token.split(/e/i, 1);
    if (value.value === 0 && /[1-9]/.test(mantissa)) throw new DefinitionError(path, 'is a number that rounds to zero');
  } else if (isList(value)) {
    for (const [i, item] of value.entries()) checkNumbers(item, `${path}[${i}]`);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) checkNumbers(item, `${path}.${key.slice(0, LONGEST_NAME)}`);
  }
}
