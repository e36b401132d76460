import { type JsonValue, sourceText } from '@halyard/json';

/** A lone surrogate or NUL as JSON text writes it: an escape that no backslash before it takes the meaning from. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})/;

/** A character beyond U+FFFF as two escapes, in what is kept as it was written. */
const escapedPair = /(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/g;

/**
 * The JSON text of a value, or `null` when PostgreSQL cannot store it: text with NUL or with half a surrogate pair. Numbers of ordered
 * rules are stored as they are written, for by that they are judged (E175).
 */
export function storableJson(value: JsonValue): string | null {
  const json = sourceText(value).replace(escapedPair, characterOf);
  return unstorable.test(json) || json.includes('\0') ? null : json;
}

function characterOf(_: string, backslashes: string, high: string, low: string): string {
  return `${backslashes}${String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16))}`;
}
