import type { Names } from '@halyard/engine/review';

export interface KnownNames {
  readonly cohorts: readonly { readonly id: number; readonly name: string }[];
  readonly groupTypes: readonly { readonly index: number; readonly name: string }[];
}

/** Names for sentences; a flag that a filter names is looked for among those that the page has. */
export function namesFrom(known: KnownNames | undefined, flags: ReadonlyMap<string, string> = new Map()): Names {
  const cohorts = new Map(known?.cohorts.map(({ id, name }) => [id, name]));
  const types = new Map(known?.groupTypes.map(({ index, name }) => [index, name]));
  return {
    flag: (id) => flags.get(id),
    cohort: (id) => cohorts.get(id),
    groupType: (index) => types.get(index),
  };
}
