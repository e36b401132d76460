import type { JsonObject, JsonValue } from '@halyard/json';
import { readJson, writeJson } from '../api/exact-json.ts';

/** A property, as a condition asks for it. */
export interface Filter {
  readonly key: string;
  readonly type?: 'person' | 'group' | 'cohort' | 'flag' | undefined;
  readonly operator?: string | undefined;
  readonly value?: JsonValue | undefined;
  readonly group_type_index?: number | null | undefined;
  /** Shown beside the id of a cohort; no part of the definition (M31). */
  readonly cohort_name?: string | null | undefined;
  readonly [other: string]: JsonValue | undefined;
}

/** Who is let in: all filters have to match, and the share is of those. */
export interface Condition {
  readonly properties?: readonly Filter[] | null | undefined;
  /** Percent, 0 to 100; null or absent is 100. */
  readonly rollout_percentage?: number | null | undefined;
  /** Pins a variant. */
  readonly variant?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly [other: string]: JsonValue | readonly Filter[] | undefined;
}

export interface Variant {
  readonly key: string;
  readonly name?: string | null | undefined;
  readonly rollout_percentage: number;
}

export interface Filters {
  readonly version?: number | undefined;
  readonly groups?: readonly Condition[] | null | undefined;
  readonly multivariate?: { readonly variants?: readonly Variant[] | null | undefined } | null | undefined;
  /** By variant, or `true`; JSON as text. */
  readonly payloads?: Readonly<Record<string, JsonValue>> | null | undefined;
  readonly aggregation_group_type_index?: number | null | undefined;
  readonly early_exit?: boolean | null | undefined;
  readonly [other: string]: unknown;
}

/** What people change of a flag (M30). */
export interface FlagFields {
  readonly key: string;
  /** What people read; the description. */
  readonly name: string;
  readonly filters: Filters;
  readonly active: boolean;
  readonly archived: boolean;
  readonly deleted: boolean;
  readonly ensure_experience_continuity: boolean | null;
  readonly is_remote_configuration: boolean | null;
  readonly has_encrypted_payloads: boolean | null;
  readonly evaluation_runtime: string | null;
  readonly bucketing_identifier: string | null;
  readonly tags: readonly string[];
  readonly evaluation_contexts: readonly string[];
}

export interface Person {
  readonly first_name: string;
  readonly email: string;
}

/** A flag as the API answers it. */
export interface Flag extends FlagFields {
  readonly id: number;
  readonly version: number;
  readonly status: 'ACTIVE' | 'STALE' | 'ARCHIVED' | 'DELETED' | 'UNKNOWN';
  readonly created_at: string;
  readonly created_by: Person | null;
  readonly updated_at: string | null;
  readonly last_modified_by: Person | null;
  readonly last_called_at: string | null;
}

/** Fields of an edit, in the order in which they are compared. */
export const fieldNames = [
  'key',
  'name',
  'filters',
  'active',
  'archived',
  'deleted',
  'ensure_experience_continuity',
  'is_remote_configuration',
  'has_encrypted_payloads',
  'evaluation_runtime',
  'bucketing_identifier',
  'tags',
  'evaluation_contexts',
] as const satisfies readonly (keyof FlagFields)[];

/** What a flag begins with: on, for nobody yet. */
export const blankFields: FlagFields = {
  key: '',
  name: '',
  filters: { groups: [] },
  active: true,
  archived: false,
  deleted: false,
  ensure_experience_continuity: false,
  is_remote_configuration: false,
  has_encrypted_payloads: false,
  evaluation_runtime: 'all',
  bucketing_identifier: 'distinct_id',
  tags: [],
  evaluation_contexts: [],
};

/** What can be edited of a flag, without what is only shown. */
export function fieldsOf(flag: FlagFields): FlagFields {
  const fields = Object.fromEntries(fieldNames.map((name) => [name, flag[name]])) as unknown as FlagFields;
  return { ...fields, filters: withoutDisplay(flag.filters) };
}

/** Members that the API adds where filters are read (M31). */
function withoutDisplay(filters: Filters): Filters {
  const { groups } = filters;
  if (!Array.isArray(groups)) return filters;
  return {
    ...filters,
    groups: (groups as readonly Condition[]).map((condition) => {
      if (!Array.isArray(condition.properties)) return condition;
      const properties = (condition.properties as readonly Filter[]).map((filter) => {
        const { cohort_name: _cohort, group_key_names: _groups, ...own } = filter;
        return own;
      });
      return { ...condition, properties };
    }),
  };
}

/** The row that the engine reads: sentences, changes and warnings are made of it. */
export function rowOf(fields: FlagFields): JsonObject {
  return readJson(writeJson({ id: 0, ...fields })) as JsonObject;
}
