import type { Operation, Warning } from './index.ts';

/** A person's rows, of whatever store. */
export interface PersonState {
  /** Live ones, sorted. */
  readonly ids: string[];
  readonly uuid: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly isIdentified: boolean;
  readonly createdAt: number;
  readonly version: number;
  /** By distinct id. */
  readonly idVersions: Readonly<Record<string, number>>;
  /** By flag key. */
  readonly stickyKeys: Readonly<Record<string, string>>;
  /** Sorted. */
  readonly cohorts: readonly number[];
}

export interface GroupState {
  readonly index: number;
  readonly key: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  readonly version: number;
}

/** All rows of a team. */
export interface PeopleState {
  readonly persons: readonly PersonState[];
  readonly types: Readonly<Record<string, number>>;
  readonly groups: readonly GroupState[];
}

/** The rows that are there before. */
export interface PeopleBefore extends PeopleState {
  /** Versions of distinct ids without a person. */
  readonly tombstones: Readonly<Record<string, number>>;
}

/** One team's rows, on which operations are applied: as the tables are, or what stands for them. */
export interface PeopleUnderTest {
  readonly teamId: number;
  given(before: PeopleBefore): Promise<void>;
  /** Applies one batch. */
  apply(operations: readonly Operation[]): Promise<readonly Warning[]>;
  state(): Promise<PeopleState>;
  /** Sends events to a service in front of it, which stands in the place of `apply`. */
  readonly send?: (events: readonly object[]) => Promise<void>;
}
