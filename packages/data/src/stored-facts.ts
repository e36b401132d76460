import type { JsonObject } from '@halyard/json';

/** Persons, groups, memberships and sticky keys as plain data: what the memory store holds and a seed writes. */
export interface StoredFacts {
  /** Who is known. */
  readonly persons?: readonly StoredPerson[];
  /** Which groups are known. */
  readonly groups?: readonly StoredGroup[];
  /** Who belongs to which static cohort. */
  readonly staticMembers?: readonly StaticMembers[];
  /** What experience continuity has stored. */
  readonly stickyKeys?: readonly StoredStickyKey[];
}

/** A person and its properties. */
export interface StoredPerson {
  /** Every id that leads to this person; no other person of the project has any of them. */
  readonly distinctIds: readonly string[];
  /** Property key → value. */
  readonly properties: JsonObject;
  /** RFC 3339 in UTC. Default: the time of writing. */
  readonly createdAt?: string;
}

/** A group and its properties. */
export interface StoredGroup {
  /** Of its type, as `group_type_mapping` of the definitions numbers them. */
  readonly index: number;
  /** The group's own key, such as the id of a company. */
  readonly key: string;
  /** Property key → value. */
  readonly properties: JsonObject;
}

/** Members of a static cohort; ids without a person are ignored. */
export interface StaticMembers {
  /** The cohort. */
  readonly cohortId: number;
  /** Any one id of each member. */
  readonly distinctIds: readonly string[];
}

/** A stored override of experience continuity; without a person for the distinct id it is ignored. */
export interface StoredStickyKey {
  /** Any id of the person. */
  readonly distinctId: string;
  /** The flag. */
  readonly flagKey: string;
  /** The id from before the person was identified, which is hashed in place of its own. */
  readonly hashKey: string;
}
