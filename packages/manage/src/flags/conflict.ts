import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { FilterProblems } from '../filters/place.ts';
import { normalFilters } from '../filters/shape.ts';
import { definitionOf } from '../filters/walk.ts';
import { Refusal } from '../refusal.ts';
import { sameJson, sameNames } from '../same-json.ts';
import { type Flag, type FlagFields, flagFieldNames } from './flag.ts';
import { type FlagInput, readOneField } from './flag-input.ts';

/**
 * What of an edit still goes on when somebody else has written in between (M80, M81): without the fields that the editor did not
 * touch. An edit without `original_flag`, or on the version that is stored, goes on whole.
 *
 * @throws {Refusal} 409 where both changed one field, to different values
 */
export function mergedEdit(stored: Flag, { changes, version, original }: FlagInput): Partial<FlagFields> {
  if (version === null || version === stored.version || original === null) return changes;
  const untouched = new Set<string>();
  const clashes: string[] = [];
  for (const name of flagFieldNames) {
    const sent = changes[name];
    const started = originalField(name, original);
    if (sent === undefined || started === undefined) continue;
    const wanted = name === 'filters' ? { ...(started as JsonObject), ...(sent as JsonObject) } : sent;
    const same = (a: JsonValue, b: JsonValue) => sameField(name, normal(name, a), normal(name, b));
    if (same(wanted, started)) untouched.add(name);
    else if (!same(stored[name], started) && !same(wanted, stored[name])) clashes.push(name);
  }
  if (clashes.length > 0) throw Refusal.conflict(conflictSentence(stored, clashes));
  return Object.fromEntries(Object.entries(changes).filter(([name]) => !untouched.has(name)));
}

function originalField(name: keyof FlagFields, original: JsonObject): JsonValue | undefined {
  const value = member(original, name);
  if (value === undefined) return undefined;
  return name === 'filters' ? (isObject(value) ? value : {}) : (readOneField(name, value) ?? value);
}

/** Editors send filters in forms that are stored as one (M64, M65). */
function normal(name: keyof FlagFields, value: JsonValue): JsonValue {
  return name === 'filters' && isObject(value) ? normalFilters(value, new FilterProblems()) : value;
}

/** Whether a field has the same value twice: display members do not count, nor does the order of tags and contexts (M83). */
export function sameField(name: keyof FlagFields, a: JsonValue, b: JsonValue): boolean {
  if (name === 'filters') return sameJson(comparable(a), comparable(b));
  if (Array.isArray(a) && Array.isArray(b)) return sameNames(a.map(String), b.map(String));
  return sameJson(a, b);
}

function comparable(filters: JsonValue): JsonValue {
  return isObject(filters) ? definitionOf(filters) : filters;
}

function conflictSentence({ last_modified_by: by }: Flag, clashes: readonly string[]): string {
  const email = by === null ? undefined : member(by, 'email');
  const who = typeof email === 'string' ? email : 'Somebody else';
  return `${who} has changed ${clashes.join(', ')} of this flag since you opened it. Reload the flag and repeat your change.`;
}
