import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { objectFrom, ordered, tokensOf } from './code-value.ts';

/** What a file says of a flag, and what is meant when it says nothing. `filters` has no default: it must be there. */
export const FLAG_MEMBERS: Readonly<Record<string, JsonValue | undefined>> = {
  key: undefined,
  name: '',
  active: undefined,
  archived: false,
  tags: [],
  evaluation_runtime: 'all',
  evaluation_contexts: [],
  ensure_experience_continuity: false,
  bucketing_identifier: 'distinct_id',
  is_remote_configuration: false,
  has_experiment: false,
  filters: undefined,
};

/** The same of a cohort. */
export const COHORT_MEMBERS: Readonly<Record<string, JsonValue | undefined>> = {
  id: undefined,
  name: '',
  description: '',
  is_static: false,
  cohort_type: null,
  last_backfill_person_properties_at: null,
  last_backfill_events_at: null,
  filters: null,
  groups: [],
};

/**
 * A stored flag as a file has it: filters on flags name them by key instead of id, and what is as it would be anyway is left out.
 *
 * @param keyOf the key of the flag with that id
 */
export function flagCode(row: JsonObject, keyOf: (id: string) => string | undefined): JsonObject {
  return withFlagKeys(orderedFlag(tokensOf(picked(row, FLAG_MEMBERS)) as JsonObject), (id) => keyOf(id) ?? id);
}

/** A flag with its members in order, and its contexts and tags too, which are sets (M43). */
export function orderedFlag(flag: JsonObject): JsonObject {
  const code = ordered(flag) as JsonObject;
  const contexts = namesIn(flag, 'evaluation_contexts');
  const tags = namesIn(flag, 'tags')?.map((name) => name.trim().toLowerCase());
  return {
    ...code,
    ...(contexts === null ? {} : { evaluation_contexts: sortedSet(contexts) }),
    ...(tags === undefined ? {} : { tags: sortedSet(tags.filter((name) => name !== '')) }),
  };
}

function namesIn(flag: JsonObject, name: string): readonly string[] | null {
  const names = member(flag, name);
  return isList(names) ? names.filter((one) => typeof one === 'string') : null;
}

function sortedSet(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

export function cohortCode(row: JsonObject): JsonObject {
  return ordered(tokensOf(picked(row, COHORT_MEMBERS))) as JsonObject;
}

/** The members that say something; a null is a default wherever there is one. */
function picked(row: JsonObject, members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const kept = Object.keys(members).flatMap((name): [string, JsonValue][] => {
    const value = member(row, name) ?? null;
    const usual = members[name];
    if (usual !== undefined && (value === null || JSON.stringify(value) === JSON.stringify(usual))) return [];
    return [[name, value]];
  });
  return objectFrom(kept);
}

/** A flag of a file as a row, with everything said. */
export function flagRow(code: JsonObject): JsonObject {
  return filled(code, FLAG_MEMBERS);
}

export function cohortRow(code: JsonObject): JsonObject {
  return filled(code, COHORT_MEMBERS);
}

function filled(code: JsonObject, members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return objectFrom(Object.keys(members).map((name) => [name, member(code, name) ?? members[name] ?? null]));
}

/** The flag with another name for every flag that its conditions ask about. */
export function withFlagKeys(flag: JsonObject, rename: (key: string) => string): JsonObject {
  const filters = member(flag, 'filters');
  const groups = isObject(filters) ? member(filters, 'groups') : undefined;
  if (!isObject(filters) || !isList(groups)) return flag;
  const changed = groups.map((condition) => {
    const properties = isObject(condition) ? member(condition, 'properties') : undefined;
    if (!isObject(condition) || !isList(properties)) return condition;
    return { ...condition, properties: properties.map((filter) => renamed(filter, rename)) };
  });
  return { ...flag, filters: { ...filters, groups: changed } };
}

function renamed(filter: JsonValue, rename: (key: string) => string): JsonValue {
  if (!isObject(filter) || member(filter, 'type') !== 'flag') return filter;
  const key = member(filter, 'key');
  return typeof key === 'string' ? { ...filter, key: rename(key) } : filter;
}

/** The flags that the conditions of a flag ask about, with the places where they are named. */
export function flagsNamedBy(flag: JsonObject): readonly { readonly key: string; readonly path: Path }[] {
  return filtersNaming(flag, 'flag', 'key').flatMap(({ value, path }) =>
    typeof value === 'string' ? [{ key: value, path }] : [],
  );
}

/** The cohorts that they ask about: ids as the file has them. */
export function cohortsNamedBy(flag: JsonObject): readonly { readonly value: JsonValue; readonly path: Path }[] {
  return filtersNaming(flag, 'cohort', 'value');
}

/** Names and places in lists, from a value down. */
export type Path = readonly (string | number)[];

function filtersNaming(flag: JsonObject, type: string, name: string): readonly { value: JsonValue; path: Path }[] {
  const filters = member(flag, 'filters');
  const groups = isObject(filters) ? member(filters, 'groups') : undefined;
  if (!isList(groups)) return [];
  return groups.flatMap((condition, i) => {
    const properties = isObject(condition) ? member(condition, 'properties') : undefined;
    if (!isList(properties)) return [];
    return properties.flatMap((filter, j) => {
      if (!isObject(filter) || member(filter, 'type') !== type) return [];
      return [{ value: member(filter, name) ?? null, path: ['filters', 'groups', i, 'properties', j, name] }];
    });
  });
}
