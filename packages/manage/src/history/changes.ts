import type { JsonValue } from '@halyard/json';

/** One field that a write changed, with whole values (M161). */
export interface Change {
  readonly type: string;
  readonly action: 'created' | 'changed' | 'deleted';
  readonly field: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

/** @param type what it is a field of, such as `FeatureFlag` */
export function change(type: string, field: string, before: JsonValue, after: JsonValue): Change {
  const action = isEmpty(before) ? 'created' : isEmpty(after) ? 'deleted' : 'changed';
  return { type, action, field, before, after };
}

/** What counts as no value: null, an empty text, list or object. `false` and 0 are values. */
function isEmpty(value: JsonValue): boolean {
  if (value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  return Object.keys(value).length === 0;
}
