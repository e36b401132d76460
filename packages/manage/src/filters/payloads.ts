import { isObject, type JsonValue, jsonText, member, parseJson } from '@halyard/json';
import type { FilterProblems } from './place.ts';

/** Payloads as they are stored: JSON text each, so that readers always see strings (M65). */
export function normalPayloads(value: JsonValue, problems: FilterProblems): JsonValue {
  if (value === null) return null;
  if (!isObject(value)) {
    problems.wrongType('payloads', 'an object', value);
    return value;
  }
  const entries = Object.keys(value).map((key) => [key, normalPayload(member(value, key) ?? null, key, problems)]);
  return Object.fromEntries(entries) as JsonValue;
}

function normalPayload(payload: JsonValue, key: string, problems: FilterProblems): JsonValue {
  if (typeof payload !== 'string') return jsonText(payload);
  try {
    parseJson(payload);
  } catch {
    // Also NaN and infinities, which some writers take for JSON.
    problems.other('structural.payloads.invalid_payload_json', `payloads.${key}`, 'The payload is not valid JSON.');
  }
  return payload;
}
