import type { JsonObject } from '@halyard/json';

/** What is stored of one team, as far as a batch needs it (I140): the fold looks at nothing else. */
export interface TeamRows {
  /** By id. */
  readonly persons: ReadonlyMap<string, StoredPerson>;
  /** Every id that the batch names and that has a row. */
  readonly distinctIds: ReadonlyMap<string, StoredDistinctId>;
  /** Index of every group type of the project. */
  readonly groupTypes: ReadonlyMap<string, number>;
  /** By `groupName`. */
  readonly groups: ReadonlyMap<string, StoredGroup>;
  /** Those uuids of the batch that were there before (I150). */
  readonly ingested: ReadonlySet<string>;
}

export interface StoredPerson {
  /** A 64-bit integer as text. */
  readonly id: string;
  /** At least the keys that the batch names; all of them if the person may be merged. */
  readonly properties: JsonObject;
  /** Of all properties: how many keys, and bytes as JSON text. */
  readonly keys: number;
  readonly bytes: number;
  readonly isIdentified: boolean;
  /** In ms since 1970. */
  readonly createdAt: number;
  /** Null counts as 0. */
  readonly version: number | null;
}

export interface StoredDistinctId {
  /** Null for a tombstone, which counts as absent and is revived (I90). */
  readonly personId: string | null;
  readonly version: number | null;
}

export interface StoredGroup {
  /** At least the keys that the batch names. */
  readonly properties: JsonObject;
  readonly keys: number;
  readonly bytes: number;
  readonly createdAt: number;
  readonly version: number;
}

/** Names a group of a team: by type and key, never by key alone (I104). */
export function groupName(index: number, key: string): string {
  return `${index}:${key}`;
}
