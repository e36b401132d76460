import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { listAt, objectAt } from './reader.ts';
import type { Definitions } from './types.ts';

/** An id that no flag has: what a filter on an unknown flag key is turned into, so that it stays a missing dependency. */
const NO_SUCH_FLAG = '0';

/**
 * Reads a document as the local-evaluation endpoint serves it (`flags`, `group_type_mapping`, `cohorts`; H172) into `Definitions`.
 * There, filters on flags name their target by key; here by id (E135). Cohorts may be an object of property groups by id, or a
 * list of cohort rows. Throws `DefinitionError` when the document as a whole has another shape.
 */
export function fromLocalEvaluation(
  document: JsonValue,
  settings: { teamId?: number; timezone?: string } = {},
): Definitions {
  const root = objectAt(document, '');
  const flags = listAt(member(root, 'flags'), 'flags');
  const ids = idsByKey(flags);
  const firstTeam = flags
    .map((flag) => (isObject(flag) ? member(flag, 'team_id') : undefined))
    .find((id) => typeof id === 'number');
  const version = member(root, 'property_matching_version');
  const timezone = settings.timezone ?? member(root, 'timezone');
  return {
    teamId: settings.teamId ?? (typeof firstTeam === 'number' ? firstTeam : 1),
    ...(typeof timezone === 'string' ? { timezone } : {}),
    ...(typeof version === 'number' ? { propertyMatchingVersion: version } : {}),
    flags: flags.map((flag) => withTargetIds(flag, ids)),
    cohorts: readCohorts(member(root, 'cohorts')),
    groupTypeMapping: readMapping(member(root, 'group_type_mapping')),
  };
}

function idsByKey(flags: readonly JsonValue[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const flag of flags) {
    if (!isObject(flag)) continue;
    const key = member(flag, 'key');
    const id = member(flag, 'id');
    if (typeof key === 'string' && typeof id === 'number') ids.set(key, String(id));
  }
  return ids;
}

function withTargetIds(flag: JsonValue, ids: ReadonlyMap<string, string>): JsonValue {
  const filters = isObject(flag) ? member(flag, 'filters') : undefined;
  const groups = isObject(filters) ? member(filters, 'groups') : undefined;
  if (!isObject(flag) || !isObject(filters) || !isList(groups)) return flag;
  return {
    ...flag,
    filters: { ...filters, groups: groups.map((group) => conditionWithTargetIds(group, ids)) },
  };
}

function conditionWithTargetIds(condition: JsonValue, ids: ReadonlyMap<string, string>): JsonValue {
  const properties = isObject(condition) ? member(condition, 'properties') : undefined;
  if (!isObject(condition) || !isList(properties)) return condition;
  return { ...condition, properties: properties.map((filter) => filterWithTargetId(filter, ids)) };
}

function filterWithTargetId(filter: JsonValue, ids: ReadonlyMap<string, string>): JsonValue {
  if (!isObject(filter) || member(filter, 'type') !== 'flag') return filter;
  const key = member(filter, 'key');
  if (typeof key !== 'string') return filter;
  const id = ids.get(key);
  if (id !== undefined) return { ...filter, key: id };
  // Already an id, as flags are stored; anything else names a flag that does not exist.
  return /^\d+$/.test(key) ? filter : { ...filter, key: NO_SUCH_FLAG };
}

function readCohorts(cohorts: JsonValue | undefined): readonly JsonValue[] {
  if (isList(cohorts)) return cohorts;
  if (!isObject(cohorts)) return [];
  return Object.keys(cohorts).map((id) => readCohort(id, cohorts[id] as JsonValue));
}

/** A property group under its id, as the endpoint serves it, or a whole cohort row. */
function readCohort(id: string, value: JsonValue): JsonValue {
  const isRow = isObject(value) && (Object.hasOwn(value, 'filters') || Object.hasOwn(value, 'is_static'));
  const row: JsonObject = isRow ? value : { filters: { properties: value } };
  return { ...row, id: Number(id) };
}

function readMapping(mapping: JsonValue | undefined): Readonly<Record<string, string>> {
  if (!isObject(mapping)) return {};
  const types: Record<string, string> = {};
  for (const index of Object.keys(mapping)) {
    const type = mapping[index];
    if (typeof type === 'string' && /^\d+$/.test(index)) types[index] = type;
  }
  return types;
}
