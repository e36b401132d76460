import { isObject, type JsonValue, member } from '@halyard/json';
import { int32FromText } from '../definitions/cohort-id.ts';
import type { Definitions } from '../definitions/types.ts';
import { isFailure } from '../facts.ts';

/** What a flag's definition names by number, by the names that people know. `undefined`: there is nothing of that number. */
export interface Names {
  /** The key of the flag that a filter names, by id as text (E135). */
  flag(id: string): string | undefined;
  /** The name of a cohort; an empty text for one without. */
  cohort(id: number): string | undefined;
  groupType(index: number): string | undefined;
}

/** The names of one project. */
export function namesOf(definitions: Definitions): Names {
  const flags = new Map<number, string>();
  for (const { id, text } of rowsOf(definitions.flags, 'key')) flags.set(id, text);
  const cohorts = new Map<number, string>();
  if (!isFailure(definitions.cohorts)) {
    for (const { id, text } of rowsOf(definitions.cohorts, 'name')) cohorts.set(id, text);
  }
  const types = isFailure(definitions.groupTypeMapping) ? {} : definitions.groupTypeMapping;
  return {
    flag: (id) => flags.get(int32FromText(id) ?? -1),
    cohort: (id) => cohorts.get(id),
    groupType: (index) => (Object.hasOwn(types, index) ? types[index] : undefined),
  };
}

function rowsOf(rows: readonly JsonValue[], name: string): { readonly id: number; readonly text: string }[] {
  return rows.flatMap((row) => {
    if (!isObject(row)) return [];
    const id = member(row, 'id');
    const text = member(row, name);
    return typeof id === 'number' ? [{ id, text: typeof text === 'string' ? text : '' }] : [];
  });
}
