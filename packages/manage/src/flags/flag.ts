import type { Row } from '@halyard/data/management';
import { isObject, type JsonObject, type JsonValue, member, parseStored } from '@halyard/json';

/** What a write may change of a flag (M30), in the names of the wire. */
export interface FlagFields {
  readonly key: string;
  readonly name: string;
  readonly filters: JsonObject;
  readonly active: boolean;
  readonly archived: boolean;
  readonly deleted: boolean;
  readonly ensure_experience_continuity: boolean | null;
  readonly is_remote_configuration: boolean | null;
  readonly has_encrypted_payloads: boolean | null;
  readonly evaluation_runtime: string | null;
  readonly bucketing_identifier: string | null;
  /** Sorted. */
  readonly tags: readonly string[];
  /** Sorted. */
  readonly evaluation_contexts: readonly string[];
}

/** A flag as it is stored. Times are ISO 8601 in UTC (M24), users as M25 shows them. */
export interface Flag extends FlagFields {
  readonly id: number;
  readonly team_id: number;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string | null;
  readonly last_called_at: string | null;
  readonly created_by: JsonObject | null;
  readonly last_modified_by: JsonObject | null;
  /** Early access features that use it (M129). */
  readonly features: readonly JsonValue[];
}

/** The writable fields in the order in which their changes are told (M161). */
export const flagFieldNames = [
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

/** What a new flag has unless it is told otherwise (M30, M40). */
export const newFlagFields: Omit<FlagFields, 'key'> = {
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

/** @param row with the column `flag` of the flags' statements */
export function flagFromRow(row: Row): Flag {
  const flag = parseStored(row['flag'] ?? '{}') as unknown as Flag;
  // A row that something else wrote may hold any JSON.
  return isObject(flag.filters) ? flag : { ...flag, filters: {} };
}

/** The id of whoever made the flag. */
export function creatorId({ created_by: creator }: Flag): number | null {
  const id = creator === null ? null : member(creator, 'id');
  return typeof id === 'number' ? id : null;
}
