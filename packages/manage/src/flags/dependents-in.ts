import { isObject, type JsonObject, type JsonValue, member, textOf } from '@halyard/json';
import { targetIds } from '../filters/walk.ts';

/**
 * Keys of the active flags that ask about a flag, directly or through others, in the order of definitions.
 *
 * @param flags rows of definitions
 */
export function dependentsIn(flags: readonly JsonValue[], id: number): readonly string[] {
  const rows = flags.filter(isObject).filter((row) => member(row, 'active') === true);
  const reached = new Set([id]);
  const found = new Set<JsonObject>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const row of rows) {
      const filters = member(row, 'filters');
      if (found.has(row) || member(row, 'id') === id || !isObject(filters)) continue;
      if (!targetIds(filters).some((target) => reached.has(target))) continue;
      found.add(row);
      reached.add(Number(member(row, 'id')));
    }
  }
  return rows.filter((row) => found.has(row)).map((row) => textOf(member(row, 'key') ?? null));
}
