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
const UNSUPPORTED: CohortNode = { kind: 'unsupported', behavioural: false };
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
  if (!isObject(value)) return UNSUPPORTED;
  return isGroup(value) ? parseGroup(value, depth) : parseLeaf(value);
}

function isGroup(value: JsonObject): boolean {
  return isList(member(value, 'values')) && typeof member(value, 'type') === 'string';
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
  if (!known) return UNSUPPORTED;
  if (type === 'cohort') {
    const id = cohortId(member(leaf, 'value'));
    if (id === null) throw new DefinitionError('filters.properties', 'a cohort leaf names no cohort');
    return { kind: 'cohort', cohortId: id, operator: typeof operator === 'string' ? operator : null, negation };
  }
  try {
    return { kind: 'filter', filter: parseFilter(leaf, ''), negation };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return UNSUPPORTED;
  }
}

/** E130: the deprecated list of groups, read when a cohort has no `filters`. */
function parseLegacyGroups(groups: readonly JsonValue[]): CohortNode {
  return { kind: 'any', values: groups.map(parseLegacyGroup) };
}

/** One legacy group: the first of these forms that applies. What is none of them never grants membership. */
function parseLegacyGroup(group: JsonValue): CohortNode {
  if (!isObject(group)) return UNSUPPORTED;
  const properties = member(group, 'properties');
  if (isList(properties) && properties.length > 0) return { kind: 'all', values: properties.map(parseLegacyFilter) };
  if (isObject(properties)) {
    const hasType = member(properties, 'type') !== undefined;
    const hasValues = member(properties, 'values') !== undefined;
    if (hasType && hasValues) return isGroup(properties) ? parseGroup(properties, 2) : UNSUPPORTED;
    // With only one of the two it is a damaged group, not equalities on properties of those names.
    const keys = hasType || hasValues ? [] : Object.keys(properties);
    if (keys.length > 0) return { kind: 'all', values: keys.map((key) => parseEquality(key, properties)) };
  }
  const behavioural = member(group, 'action_id') !== undefined || (member(group, 'event_id') ?? null) !== null;
  return behavioural ? { kind: 'unsupported', behavioural } : UNSUPPORTED;
}

/** An entry of a legacy group's list: its type was optional, and `event` said the same as `person`. */
function parseLegacyFilter(entry: JsonValue): CohortNode {
  if (!isObject(entry)) return UNSUPPORTED;
  const type = member(entry, 'type') ?? null;
  return parseLeaf(type === null || type === 'event' ? { ...entry, type: 'person' } : entry);
}

function parseEquality(key: string, properties: JsonObject): CohortNode {
  return parseLeaf({ key, value: properties[key] as JsonValue, type: 'person' });
}

/** Whether a definition holds a leaf about behaviour anywhere (E129). */
export function isBehavioural(node: CohortNode): boolean {
  if (node.kind === 'any' || node.kind === 'all') return node.values.some(isBehavioural);
  return node.kind === 'unsupported' && node.behavioural;
}
