import { isDatabaseText } from '../stored-text.ts';

/** Property keys ready to be sent: those that a jsonb document can hold, each with its text inside a JSON object. */
export interface PickedKeys {
  /** Different for different lists. */
  readonly id: number;
  readonly names: readonly string[];
  /** The JSON text before the value, such as `"email":`. */
  readonly prefixes: readonly string[];
}

const known = new WeakMap<readonly string[], PickedKeys>();
let lists = 0;

/** Remembered per array: a Program plans with the same array for every request. */
export function pickedKeys(keys: readonly string[]): PickedKeys {
  let picked = known.get(keys);
  if (picked === undefined) {
    const names = [...new Set(keys)].filter(isDatabaseText);
    lists += 1;
    picked = { id: lists, names, prefixes: names.map((name) => `${JSON.stringify(name)}:`) };
    known.set(keys, picked);
  }
  return picked;
}

/**
 * SQL for the JSON text of an object with only the picked keys that the document has; a JSON null is a value. The
 * document must be a detoasted copy: `->` on a stored one would unpack it again for every key.
 *
 * @param slots one pair of parameters per key: [name, prefix]
 */
export function pickBySlot(document: string, slots: readonly (readonly [name: string, prefix: string])[]): string {
  const members = slots.map(([name, prefix]) => `${prefix}::text || (${document} -> ${name}::text)::text`);
  return members.length === 0 ? `'{}'` : `concat('{', concat_ws(',', ${members.join(', ')}), '}')`;
}

/** The same from a relation with the columns `name` and `prefix`: slower per key, one text for any number of them. */
export function pickByList(document: string, relation: string): string {
  return `(select concat('{', string_agg(k.prefix || (${document} -> k.name)::text, ','), '}') from ${relation})`;
}
