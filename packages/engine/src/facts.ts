import type { JsonObject } from '@halyard/json';

/** A fact that could not be loaded. `code` and `description` are those of a failed flag (E163). */
export interface FactFailure {
  readonly failed: true;
  readonly code: string;
  readonly description: string;
}

/** What is stored about the person found for the distinct id. */
export interface PersonFacts {
  /** Only the planned keys that are stored. */
  readonly properties: JsonObject;
  /** RFC 3339 in UTC (E87); only when planned. */
  readonly createdAt?: string;
  /** The planned static cohorts that the person is in. */
  readonly staticCohorts: ReadonlySet<number>;
}

/**
 * The answer to a `FactPlan`. Each part has three states: known, known to be absent, could not be loaded.
 * Parts that the plan did not ask for are absent.
 */
export interface Facts {
  /** `null`: there is no such person. */
  readonly person: PersonFacts | null | FactFailure;
  /** Group type index → stored properties; a group that is not stored has no entry. */
  readonly groups: ReadonlyMap<number, JsonObject> | FactFailure;
  /** Flag key → hash key over the planned ids, the distinct id's person first (E157). `null`: not asked for. */
  readonly stickyKeys: ReadonlyMap<string, string> | FactFailure | null;
  /** Something may be stored that nobody here can ask for: how flags fail whose value it could change. The rest is as in `NOTHING_STORED`. */
  readonly elsewhere?: FactFailure;
}

/** Where nothing is stored about anybody, that is known: cohorts and rules are decided by what the request says (E124, E184). */
export const NOTHING_STORED: Facts = Object.freeze({ person: null, groups: new Map(), stickyKeys: null });

export function isFailure(part: object | null | undefined): part is FactFailure {
  return part !== null && part !== undefined && Object.hasOwn(part, 'failed') && (part as FactFailure).failed === true;
}
