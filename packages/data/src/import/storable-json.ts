import { type JsonValue, jsonText, sourceText } from '@halyard/json';

/** A lone surrogate or NUL as JSON text writes it: an escape that no backslash before it takes the meaning from. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})/;

/**
 * The JSON text of a value, or `null` when PostgreSQL cannot store it: text with NUL or with half a surrogate pair. Numbers of ordered
 * rules are stored as they are written, for by that they are judged (E175).
 */
export function storableJson(value: JsonValue): string | null {
  // What was kept as it is written may hold whole pairs as escapes.
  return storable(sourceText(value)) ?? storable(jsonText(value));
}

function storable(json: string): string | null {
  return unstorable.test(json) || json.includes('\0') ? null : json;
}
