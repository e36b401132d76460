import { canonicalOperator, OPERATORS } from '../operators/index.ts';
import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { cohortId } from './cohort-id.ts';
import { type FilterDefinition, parseFilter } from './filter.ts';
import { DefinitionError, int32At, objectAt } from './reader.ts';

/** One operand of a cohort's definition (E126–E128). */
export type CohortNode =
  | { readonly kind: 'any' | 'all'; readonly values: readonly CohortNode[] }
  | { readonly kind: 'filter'; readonly filter: FilterDefinition; readonly negation: boolean }
  | { readonly kind: 'cohort'; readonly cohortId: number; readonly operator: string | null; readonly negation: boolean }
  /** Cannot be evaluated and never grants membership (E128). */
  | { readonly kind: 'unsupported'; readonly behavioural: boolean }
  /** Fails the flag when evaluation reaches it. */
  | { readonly kind: 'malformed' };

export interface CohortDefinition {
  readonly id: number;
  readonly isStatic: boolean;
  /** `null`: no definition at all, so nobody is a member. */
  readonly root: CohortNode | null;
  /** The definition as a whole is unreadable: flags that use it fail (E126). */
  readonly unreadable: boolean;
}

const MAX_DEPTH = 64;
const BEHAVIOURAL = new Set(['behavioral', 'behavioural', 'lifecycle', 'event', 'performed_event']);

/** Reads one cohort row; throws `DefinitionError` when even its id is unusable. */
export function parseCohort(value: JsonValue): CohortDefinition {
  const row = objectAt(value, '');
  const id = int32At(member(row, 'id'), 'id');
  const isStatic = member(row, 'is_static') === true;
  if (isStatic) return { id, isStatic, root: null, unreadable: false }; // E134
  try {
    return { id, isStatic, root: parseDefinition(row), unreadable: false };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return { id, isStatic, root: null, unreadable: true };
  }
}

function parseDefinition(row: JsonObject): CohortNode | null {
  const filters = member(row, 'filters');
  if (filters === undefined || filters === null || (isObject(filters) && Object.keys(filters).length === 0)) {
    const groups = member(row, 'groups');
    return isList(groups) && groups.length > 0 ? parseLegacyGroups(groups) : null;
  }
  const root = member(objectAt(filters, 'filters'), 'properties');
  if (root === undefined || root === null) return null;
  const object = objectAt(root, 'filters.properties');
  const type = member(object, 'type');
  // A filter set that was saved empty has neither type nor values: no definition (D13).
  if (type === undefined && member(object, 'values') === undefined) return null;
  if ((type !== 'AND' && type !== 'OR') || !isList(member(object, 'values'))) {
    throw new DefinitionError('filters.properties', 'the root must have type AND or OR and a list of values');
  }
  return parseGroup(object, 1);
}

function parseGroup(group: JsonObject, depth: number): CohortNode {
  if (depth > MAX_DEPTH) throw new DefinitionError('filters.properties', `is deeper than ${MAX_DEPTH} levels`);
  const values = (member(group, 'values') as readonly JsonValue[]).map((value) => parseValue(value, depth + 1));
  const type = member(group, 'type');
  if (type === 'OR') return { kind: 'any', values };
  if (type === 'AND' || type === 'property') return { kind: 'all', values };
  return { kind: 'malformed' };
}

function parseValue(value: JsonValue, depth: number): CohortNode {
  if (!isObject(value)) return { kind: 'unsupported', behavioural: false };
  if (isList(member(value, 'values')) && typeof member(value, 'type') === 'string') return parseGroup(value, depth);
  return parseLeaf(value);
}

function parseLeaf(leaf: JsonObject): CohortNode {
  const type = member(leaf, 'type');
  const operator = member(leaf, 'operator');
  const known =
    operator === undefined ||
    operator === null ||
    (typeof operator === 'string' && OPERATORS.has(canonicalOperator(operator)));
  const negation = member(leaf, 'negation') === true;
  if (typeof type === 'string' && BEHAVIOURAL.has(type)) return { kind: 'unsupported', behavioural: true };
  if (!known) return { kind: 'unsupported', behavioural: false };
  if (type === 'cohort') {
    const id = cohortId(member(leaf, 'value'));
    if (id === null) throw new DefinitionError('filters.properties', 'a cohort leaf names no cohort');
    return { kind: 'cohort', cohortId: id, operator: typeof operator === 'string' ? operator : null, negation };
  }
  try {
    return { kind: 'filter', filter: parseFilter(leaf, ''), negation };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return { kind: 'unsupported', behavioural: false };
  }
}

/** E130: the deprecated list of groups, read when a cohort has no `filters`. */
function parseLegacyGroups(groups: readonly JsonValue[]): CohortNode {
  return { kind: 'any', values: groups.map(parseLegacyGroup) };
}

function parseLegacyGroup(group: JsonValue): CohortNode {
  if (!isObject(group)) return { kind: 'unsupported', behavioural: false };
  const set = (key: string): boolean => (member(group, key) ?? null) !== null;
  if (set('action_id') || set('event_id')) return { kind: 'unsupported', behavioural: true };
  const properties = member(group, 'properties');
  if (isList(properties) && properties.length > 0) {
    return {
      kind: 'all',
      values: properties.map((entry) =>
        isObject(entry) ? parseLeaf(asPerson(entry)) : { kind: 'unsupported', behavioural: false },
      ),
    };
  }
  if (isObject(properties) && Object.keys(properties).length > 0) {
    const nested = typeof member(properties, 'type') === 'string' && isList(member(properties, 'values'));
    if (nested) return parseGroup(properties, 2);
    return {
      kind: 'all',
      values: Object.keys(properties).map((key) =>
        parseLeaf({ key, value: properties[key] as JsonValue, type: 'person' }),
      ),
    };
  }
  return { kind: 'unsupported', behavioural: false };
}

function asPerson(entry: JsonObject): JsonObject {
  const type = member(entry, 'type') ?? null;
  return type === null || type === 'event' ? { ...entry, type: 'person' } : entry;
}

/** Whether a definition holds a leaf about behaviour anywhere (E129). */
export function isBehavioural(node: CohortNode): boolean {
  if (node.kind === 'any' || node.kind === 'all') return node.values.some(isBehavioural);
  return node.kind === 'unsupported' && node.behavioural;
}
