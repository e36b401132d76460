import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { cohortId } from './cohort-id.ts';
import { type CohortDefinition, type CohortNode, parseCohort } from './cohort.ts';
import { DefinitionError } from './reader.ts';

/**
 * The cohorts with these ids, and those they use in turn, as local evaluators read them (H176, H177): property groups by id. Static
 * ones and those without a readable definition are left out; a client that meets their id asks the service.
 */
export function localCohorts(rows: readonly JsonValue[], ids: ReadonlySet<number>): JsonObject {
  const byId = new Map<number, JsonValue>();
  for (const row of rows) if (isObject(row)) byId.set(member(row, 'id') as number, row);
  const sent = new Map<number, JsonObject>();
  const wanted = new Set(ids);
  for (const id of wanted) {
    const row = byId.get(id);
    const cohort = row === undefined ? null : readable(row);
    if (row === undefined || cohort === null) continue;
    const group = member(member(row as JsonObject, 'filters') as JsonObject, 'properties') as JsonObject;
    sent.set(id, { ...group, id: String(id), name: nameOf(row as JsonObject), properties: group });
    for (const used of cohortsUsedBy(cohort.root)) wanted.add(used);
  }
  return Object.fromEntries([...sent].sort(([a], [b]) => a - b).map(([id, group]) => [String(id), group]));
}

/** The cohorts that the conditions of a flag's filters name. */
export function* cohortIdsIn(filters: JsonObject): Generator<number, void, void> {
  const conditions = [...listOf(filters, 'groups'), ...listOf(filters, 'super_groups')];
  for (const condition of conditions) {
    if (!isObject(condition)) continue;
    for (const filter of listOf(condition, 'properties')) {
      if (!isObject(filter) || member(filter, 'type') !== 'cohort') continue;
      const id = cohortId(member(filter, 'value'));
      if (id !== null) yield id;
    }
  }
}

/** Null: static, or nothing that a client could evaluate. */
function readable(row: JsonValue): CohortDefinition | null {
  try {
    const cohort = parseCohort(row);
    const filters = member(row as JsonObject, 'filters');
    // Definitions of the deprecated form have no property group to send.
    const isSent = !cohort.isStatic && !cohort.unreadable && cohort.root !== null && isObject(filters);
    return isSent && isObject(member(filters, 'properties')) && !offersNothing(cohort.root) ? cohort : null;
  } catch (error) {
    if (error instanceof DefinitionError) return null;
    throw error;
  }
}

/** Whether some group is an alternative of nothing, which no person meets here and everybody at clients. */
function offersNothing(node: CohortNode | null): boolean {
  if (node === null || (node.kind !== 'any' && node.kind !== 'all')) return false;
  return (node.kind === 'any' && node.values.length === 0) || node.values.some(offersNothing);
}

function* cohortsUsedBy(node: CohortNode | null): Generator<number, void, void> {
  if (node === null) return;
  if (node.kind === 'cohort') yield node.cohortId;
  if (node.kind === 'any' || node.kind === 'all') for (const value of node.values) yield* cohortsUsedBy(value);
}

function nameOf(row: JsonObject): string {
  const name = member(row, 'name');
  return typeof name === 'string' ? name : '';
}

function listOf(value: JsonObject, key: string): readonly JsonValue[] {
  const list = member(value, key);
  return isList(list) ? list : [];
}
