import type { JsonObject } from '@halyard/json';

/** Persons, groups, memberships and sticky keys as plain data: what the memory store holds and a seed writes. */
export interface StoredFacts {
  readonly persons?: readonly StoredPerson[];
  readonly groups?: readonly StoredGroup[];
  readonly staticMembers?: readonly StaticMembers[];
  readonly stickyKeys?: readonly StoredStickyKey[];
}

export interface StoredPerson {
  /** Every id that leads to this person; no other person of the project has any of them. */
  readonly distinctIds: readonly string[];
  readonly properties: JsonObject;
  /** RFC 3339 in UTC. Default: the time of writing. */
  readonly createdAt?: string;
}

export interface StoredGroup {
  readonly index: number;
  readonly key: string;
  readonly properties: JsonObject;
}

/** Members of a static cohort; ids without a person are ignored. */
export interface StaticMembers {
  readonly cohortId: number;
  readonly distinctIds: readonly string[];
}

/** A stored override of experience continuity; without a person for the distinct id it is ignored. */
export interface StoredStickyKey {
  readonly distinctId: string;
  readonly flagKey: string;
  readonly hashKey: string;
}
