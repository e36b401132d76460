import { int32FromText } from '../definitions/cohort-id.ts';
import type { FlagDefinition } from '../definitions/flag.ts';

/** The flags of a project in an order in which every flag comes after those it depends on. */
export interface DependencyOrder {
  /** Evaluation order: layer by layer, by id inside a layer (E137). */
  readonly order: readonly FlagDefinition[];
  /** Flags in a cycle or behind one: never evaluated (E138). */
  readonly cyclic: readonly FlagDefinition[];
  /** Ids of flags that depend, directly or not, on a flag that does not exist (E140). */
  readonly missing: ReadonlySet<number>;
  /** Flag id → ids that its own filters name and that do not exist; flags that name none are not listed. */
  readonly unknown: ReadonlyMap<number, readonly number[]>;
  /** Flag id → ids of the known flags it depends on directly; flags that name none are not listed. */
  readonly targets: ReadonlyMap<number, readonly number[]>;
}

/** Orders flags by their flag filters (E136–E140). Flags are identified by id; of two with one id the last counts. */
export function orderByDependencies(flags: readonly FlagDefinition[]): DependencyOrder {
  const byId = new Map(flags.map((flag) => [flag.id, flag]));
  const targets = new Map<number, readonly number[]>();
  const dependents = new Map<number, number[]>();
  const waiting = new Map<number, number>();
  const missing = new Set<number>();
  const unknown = new Map<number, readonly number[]>();
  let layer: number[] = [];
  for (const flag of byId.values()) {
    const named = namedFlags(flag);
    // Nearly all flags of a large project.
    if (named === null) {
      layer.push(flag.id);
      continue;
    }
    const known = [...named].filter((id) => byId.has(id));
    if (known.length < named.size) {
      missing.add(flag.id);
      unknown.set(
        flag.id,
        [...named].filter((id) => !byId.has(id)),
      );
    }
    targets.set(flag.id, known);
    if (known.length === 0) layer.push(flag.id);
    else waiting.set(flag.id, known.length);
    for (const id of known) {
      const list = dependents.get(id);
      if (list === undefined) dependents.set(id, [flag.id]);
      else list.push(flag.id);
    }
  }
  const order: FlagDefinition[] = [];
  while (layer.length > 0) {
    layer.sort((a, b) => a - b);
    const next: number[] = [];
    for (const id of layer) {
      order.push(byId.get(id) as FlagDefinition);
      waiting.delete(id);
      for (const dependent of dependents.get(id) ?? []) {
        if (missing.has(id)) missing.add(dependent);
        const left = (waiting.get(dependent) as number) - 1;
        waiting.set(dependent, left);
        if (left === 0) next.push(dependent);
      }
    }
    layer = next;
  }
  const cyclic = [...waiting.keys()].map((id) => byId.get(id) as FlagDefinition);
  return { order, cyclic, missing, unknown, targets };
}

/** Ids in the flag filters of any condition, whatever its rollout; null: none. A key that is no integer names nothing. */
function namedFlags(flag: FlagDefinition): Set<number> | null {
  if (flag.filters.version !== 1) return null;
  let ids: Set<number> | null = null;
  for (const condition of flag.filters.conditions) {
    for (const filter of condition.filters) {
      if (filter.type !== 'flag') continue;
      const id = int32FromText(filter.key);
      if (id !== null) (ids ??= new Set()).add(id);
    }
  }
  return ids;
}
