import type { JsonObject } from '@halyard/json';

/** What a batch changes of one team: one write per person and group (I131), each list in the order of its locks (I140). */
export interface Changes {
  readonly newPersons: readonly NewPerson[];
  /** Distinct ids to be inserted or revived, in byte order. */
  readonly attached: readonly AttachedId[];
  /** Persons that disappear in others, by id. All their distinct ids, memberships and sticky keys move (I87). */
  readonly merged: readonly MergedPerson[];
  /** By id. */
  readonly changedPersons: readonly ChangedPerson[];
  /** In order: of two keys for one flag the first stays. */
  readonly stickyKeys: readonly StickyKeySource[];
  /** By index and key. */
  readonly groups: readonly GroupChange[];
}

/** A person: a stored one by its id, or one of `newPersons` by its place there. */
export type PersonRef = { readonly stored: string } | { readonly created: number };

export interface NewPerson {
  readonly uuid: string;
  readonly properties: JsonObject;
  readonly isIdentified: boolean;
  readonly createdAt: number;
  readonly version: number;
  readonly lastSeenAt: number;
}

export interface AttachedId {
  readonly distinctId: string;
  readonly person: PersonRef;
  readonly version: number;
  /** Whether a tombstone has the row (I90). */
  readonly revives: boolean;
}

export interface MergedPerson {
  readonly id: string;
  readonly into: PersonRef;
  /** By how much the version of each moved distinct id grows: one for each merge on the way (I86). */
  readonly steps: number;
}

export interface ChangedPerson {
  readonly id: string;
  /** Only what differs from the row. */
  readonly set: JsonObject;
  readonly unset: readonly string[];
  readonly isIdentified: boolean;
  readonly createdAt: number;
  readonly version: number;
  /** The hour of the newest event (I78). */
  readonly lastSeenAt: number;
}

/**
 * Where a person gets sticky keys from that it has not: from a person that is merged into it (I87); or, for each active continuity flag,
 * the id that `$identify` named when it made the person (I91).
 */
export type StickyKeySource = { readonly into: PersonRef } & (
  | { readonly merged: string }
  | { readonly hashKey: string }
);

export interface GroupChange {
  readonly index: number;
  readonly key: string;
  readonly isNew: boolean;
  /** Only what differs from the row. */
  readonly set: JsonObject;
  readonly createdAt: number;
  readonly version: number;
}
