import type { StoredFacts } from 'halyard/host';
import type { JsonObject, JsonValue } from '@halyard/json';
import { type Definitions, fromLocalEvaluation } from '@halyard/engine';
import { isList, numberOf } from '../vectors.ts';

/** The definitions of a case, in the engine's terms. */
export function definitionsOf(data: JsonObject): Definitions {
  const document: Record<string, JsonValue> = {
    flags: data['flags'] ?? [],
    cohorts: data['cohorts'] ?? [],
    group_type_mapping: data['group_type_mapping'] ?? {},
  };
  for (const key of ['property_matching_version', 'timezone']) {
    const value = data[key];
    if (value !== undefined) document[key] = value;
  }
  return fromLocalEvaluation(document, { teamId: 1 });
}

/** What the case says is stored. */
export function storedFactsOf(data: JsonObject): StoredFacts {
  const members = data['static_cohort_members'] as Readonly<Record<string, readonly string[]>> | undefined;
  return {
    persons: objects(data['persons']).map((person) => ({
      distinctIds: person['distinct_ids'] as readonly string[],
      properties: (person['properties'] ?? {}) as JsonObject,
      ...(typeof person['created_at'] === 'string' ? { createdAt: person['created_at'] } : {}),
    })),
    groups: objects(data['groups']).map((group) => ({
      index: numberOf(group['type_index']),
      key: group['key'] as string,
      properties: (group['properties'] ?? {}) as JsonObject,
    })),
    staticMembers: Object.entries(members ?? {}).map(([id, distinctIds]) => ({ cohortId: Number(id), distinctIds })),
    stickyKeys: objects(data['hash_key_overrides']).map((row) => ({
      distinctId: row['distinct_id'] as string,
      flagKey: row['flag_key'] as string,
      hashKey: row['hash_key'] as string,
    })),
  };
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return isList(value) ? (value as readonly JsonObject[]) : [];
}
