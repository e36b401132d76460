import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';

/** One filter of a flag and its place. */
export interface PlacedProperty {
  readonly property: JsonObject;
  readonly place: string;
}

/** Every filter of every condition of `filters`, of whatever shape. */
export function propertiesOf(filters: JsonObject): readonly PlacedProperty[] {
  const groups = member(filters, 'groups');
  if (!isList(groups)) return [];
  return groups.flatMap((group, i) => {
    const properties = isObject(group) ? member(group, 'properties') : undefined;
    if (!isList(properties)) return [];
    return properties.flatMap((property, at) =>
      isObject(property) ? [{ property, place: `groups[${i}].properties[${at}]` }] : [],
    );
  });
}

/** Ids of the flags that the filters ask about (M69); a key that is no number names none. */
export function targetIds(filters: JsonObject): readonly number[] {
  const keys = propertiesOf(filters).filter(({ property }) => member(property, 'type') === 'flag');
  return [...new Set(keys.map(({ property }) => flagId(member(property, 'key'))).filter((id) => id !== null))];
}

/** The id that a flag filter's key is; `null`: it is none. */
export function flagId(key: JsonValue | undefined): number | null {
  if (typeof key !== 'string' || !/^\d{1,10}$/.test(key)) return null;
  const id = Number(key);
  return id <= 2 ** 31 - 1 ? id : null;
}

/** The id that a cohort filter's value is (E120); `null`: it is none. */
export function cohortIdOf(value: JsonValue | undefined): number | null {
  return flagId(typeof value === 'number' ? String(value) : value);
}

/** Texts that the filters use as patterns. */
export function patternsOf(filters: JsonObject): ReadonlySet<string> {
  const patterns = propertiesOf(filters).flatMap(({ property }) => {
    const operator = member(property, 'operator');
    const value = member(property, 'value');
    return (operator === 'regex' || operator === 'not_regex') && typeof value === 'string' ? [value] : [];
  });
  return new Set(patterns);
}

const display = ['cohort_name', 'group_key_names'];

/** The filters without what is only shown (M31): what counts when they are compared (M83). */
export function definitionOf(filters: JsonObject): JsonObject {
  const groups = member(filters, 'groups');
  if (!isList(groups)) return filters;
  return { ...filters, groups: groups.map((group) => withProperties(group, withoutDisplay)) };
}

/** A condition with each of its filters changed. */
export function withProperties(group: JsonValue, change: (property: JsonObject) => JsonObject): JsonValue {
  const properties = isObject(group) ? member(group, 'properties') : undefined;
  if (!isObject(group) || !isList(properties)) return group;
  return { ...group, properties: properties.map((property) => (isObject(property) ? change(property) : property)) };
}

function withoutDisplay(property: JsonObject): JsonObject {
  if (!display.some((name) => Object.hasOwn(property, name))) return property;
  return Object.fromEntries(Object.entries(property).filter(([name]) => !display.includes(name)));
}
