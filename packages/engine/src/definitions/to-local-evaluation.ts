import { isList, isObject, type JsonObject, type JsonValue, jsonText, member } from '@halyard/json';
import { isFailure } from '../facts.ts';
import { cohortIdsIn, localCohorts } from './local-cohorts.ts';
import { DependencyChains } from './dependency-chains.ts';
import { configVersion, isOutside, parseFlag } from './flag.ts';
import { DefinitionError } from './reader.ts';
import type { Definitions } from './types.ts';

/** What the document says besides the definitions. */
export interface LocalEvaluationSettings {
  /** H57: SDKs of this project send less with each flag call. */
  readonly minimalFlagCalledEvents: boolean;
}

/** Flags that are read or written in one piece: some milliseconds. */
const PIECE = 200;

/** What a local evaluator gets of a flag, in the order of the document (H173). */
const MEMBERS = [
  'id',
  'team_id',
  'name',
  'key',
  'filters',
  'deleted',
  'active',
  'ensure_experience_continuity',
  'version',
  'evaluation_runtime',
  'evaluation_contexts',
  'bucketing_identifier',
  'has_encrypted_payloads',
  'has_experiment',
] as const;

const SWITCHES = ['deleted', 'active', 'ensure_experience_continuity', 'has_encrypted_payloads', 'has_experiment'];

/**
 * The JSON text of the document from which SDKs evaluate by themselves (H172 to H177), the inverse of `fromLocalEvaluation`. Equal
 * definitions give equal text (H170). What a client would get wrong is left out; meeting its name, clients ask the service.
 * Yields between pieces of some milliseconds.
 */
export function* toLocalEvaluation(
  definitions: Definitions,
  { minimalFlagCalledEvents }: LocalEvaluationSettings,
): Generator<void, string, void> {
  const all: StoredFlag[] = [];
  for (const value of definitions.flags) {
    const flag = storedFlag(value);
    if (flag !== null && all.push(flag) % PIECE === 0) yield;
  }
  const chains = new DependencyChains(all);
  const sent = all.filter((flag) => flag.isFit && !chains.isBehindForeign(flag.id));
  sent.sort((a, b) => (a.key < b.key ? -1 : 1)); // keys are unique
  const texts: string[] = [];
  const cohortIds = new Set<number>();
  for (const flag of sent) {
    for (const id of cohortIdsIn(filtersOf(flag.value))) cohortIds.add(id);
    if (texts.push(jsonText(sentFlag(flag.value, chains))) % PIECE === 0) yield;
  }
  const cohorts = isFailure(definitions.cohorts) ? {} : localCohorts(definitions.cohorts, cohortIds);
  const types = isFailure(definitions.groupTypeMapping) ? {} : definitions.groupTypeMapping;
  const rest = jsonText({
    group_type_mapping: types,
    cohorts,
    minimal_flag_called_events: minimalFlagCalledEvents,
    property_matching_version: definitions.propertyMatchingVersion === 2 ? 2 : 1,
    timezone: definitions.timezone ?? 'UTC',
  });
  return `{"flags":[${texts.join(',')}],${rest.slice(1)}`;
}

/** A flag as stored, with what its place in the document depends on. */
export interface StoredFlag {
  readonly id: number;
  readonly key: string;
  readonly value: JsonObject;
  /** Local evaluators would take it for what it is (H174). */
  readonly isFit: boolean;
  /** They would take it for something else, and whatever depends on it, too: a configuration that they do not know. */
  readonly isForeign: boolean;
  /** Ids of the flags that it names, as its filters write them. */
  readonly targets: readonly string[];
}

/** Null: malformed, or no flag for evaluation. */
function storedFlag(value: JsonValue): StoredFlag | null {
  try {
    if (isOutside(value)) return null;
    const { id, key } = parseFlag(value);
    const flag = value as JsonObject; // `parseFlag` found an object
    const isForeign = configVersion(filtersOf(flag)) !== 1;
    const isFit =
      !isForeign &&
      member(flag, 'has_encrypted_payloads') !== true &&
      member(flag, 'is_of_survey') !== true &&
      hasGroupIndices(flag);
    return { id, key, value: flag, isFit, isForeign, targets: isForeign ? [] : targetsOf(flag) };
  } catch (error) {
    if (error instanceof DefinitionError) return null;
    throw error;
  }
}

/** H177: a number that is no index of a group type makes some clients refuse the whole document. */
function hasGroupIndices(flag: JsonObject): boolean {
  const filters = filtersOf(flag);
  return [filters, ...conditionsOf(filters)].every((part) => {
    const index = member(part, 'aggregation_group_type_index') ?? null;
    return index === null || (typeof index === 'number' && Number.isInteger(index) && index >= 0 && index <= 255);
  });
}

function targetsOf(flag: JsonObject): string[] {
  return conditionsOf(filtersOf(flag)).flatMap((condition) =>
    propertiesOf(condition).flatMap((filter) => targetOf(filter) ?? []),
  );
}

/** What a filter on a flag names; null: it is about something else. */
function targetOf(filter: JsonValue): string | null {
  if (!isObject(filter) || member(filter, 'type') !== 'flag') return null;
  const key = member(filter, 'key');
  return typeof key === 'string' ? key : null;
}

function sentFlag(flag: JsonObject, chains: DependencyChains): JsonObject {
  const sent: Record<string, JsonValue> = {};
  for (const name of MEMBERS) sent[name] = member(flag, name) ?? null;
  // Typed clients refuse a document with a null here.
  for (const name of SWITCHES) sent[name] = sent[name] === true;
  sent['name'] ??= '';
  sent['evaluation_runtime'] ??= 'all';
  sent['evaluation_contexts'] = member(flag, 'evaluation_contexts') ?? member(flag, 'evaluation_tags') ?? [];
  const filters = filtersOf(flag);
  if (targetsOf(flag).length > 0) {
    const groups = conditionsOf(filters).map((condition) => ({
      ...condition,
      properties: propertiesOf(condition).map((filter) => sentFilter(filter, chains)),
    }));
    sent['filters'] = { ...filters, groups };
  }
  return sent;
}

/** H175: by key instead of by id, with the flags that have to be evaluated first. */
function sentFilter(filter: JsonValue, chains: DependencyChains): JsonValue {
  const target = targetOf(filter);
  if (target === null) return filter;
  return {
    ...(filter as JsonObject),
    key: chains.keyOf(target) ?? target,
    dependency_chain: chains.chainTo(target),
  };
}

function filtersOf(flag: JsonObject): JsonObject {
  const filters = member(flag, 'filters');
  return isObject(filters) ? filters : {};
}

function conditionsOf(filters: JsonObject): readonly JsonObject[] {
  const groups = member(filters, 'groups');
  return isList(groups) ? groups.filter(isObject) : [];
}

function propertiesOf(condition: JsonObject): readonly JsonValue[] {
  const properties = member(condition, 'properties');
  return isList(properties) ? properties : [];
}
