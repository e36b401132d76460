import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';

/** Id in the document → id in the database, for flags and cohorts. */
export interface IdMaps {
  readonly flags: IdMap;
  readonly cohorts: IdMap;
}

/** An id that nothing has: what an id of the document becomes that would otherwise hit something else's new id. */
const nothing = 0;

/** Where the ids of a document's flags, or cohorts, went. */
export class IdMap {
  readonly #targets = new Map<number, number>();
  readonly #given = new Set<number>();
  #moved = false;

  set(from: number, to: number): void {
    this.#targets.set(from, to);
    this.#given.add(to);
    if (from !== to) this.#moved = true;
  }

  /** Some id is not what it was in the document. */
  get moved(): boolean {
    return this.#moved;
  }

  get(id: number): number {
    return this.#targets.get(id) ?? (this.#given.has(id) ? nothing : id);
  }
}

/** A flag's filters with the database's ids in flag and cohort filters (E120, E135). */
export function remapFlagFilters(filters: JsonValue, maps: IdMaps): JsonValue {
  if ((!maps.flags.moved && !maps.cohorts.moved) || !isObject(filters)) return filters;
  const groups = member(filters, 'groups');
  if (!isList(groups)) return filters;
  return { ...filters, groups: groups.map((condition) => remapCondition(condition, maps)) };
}

function remapCondition(condition: JsonValue, maps: IdMaps): JsonValue {
  const properties = isObject(condition) ? member(condition, 'properties') : undefined;
  if (!isObject(condition) || !isList(properties)) return condition;
  return { ...condition, properties: properties.map((filter) => remapTree(filter, maps)) };
}

/** A cohort's definition with the database's cohort ids: a filter, or a tree of them under `values` (E126). */
export function remapTree(node: JsonValue, maps: IdMaps): JsonValue {
  if (isList(node)) return node.map((item) => remapTree(item, maps));
  if (!isObject(node)) return node;
  const type = member(node, 'type');
  if (type === 'cohort') return remapMember(node, 'value', maps.cohorts);
  if (type === 'flag') return remapMember(node, 'key', maps.flags);
  const values = member(node, 'values');
  const properties = member(node, 'properties');
  return {
    ...node,
    ...(isList(values) ? { values: remapTree(values, maps) } : {}),
    ...(properties === undefined ? {} : { properties: remapTree(properties, maps) }),
  };
}

function remapMember(filter: JsonObject, name: string, map: IdMap): JsonObject {
  const id = member(filter, name);
  if (typeof id === 'number') return { ...filter, [name]: map.get(id) };
  if (typeof id === 'string' && /^[+-]?\d{1,10}$/.test(id)) return { ...filter, [name]: String(map.get(Number(id))) };
  return filter;
}
