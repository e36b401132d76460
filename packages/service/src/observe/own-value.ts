import { isList, isObject, type JsonValue } from '@halyard/json';

/** Shorter texts never share the memory of the text that they were cut from. */
const SHARED_FROM = 13;

/** A text that keeps no other alive: one cut from a body would hold the whole body. */
export function ownText(text: string): string {
  return text.length < SHARED_FROM ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}

/** The same for all texts of a value. */
export function ownValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return ownText(value);
  if (isList(value)) return value.map(ownValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [ownText(name), ownValue(member)]));
}
