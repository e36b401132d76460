import type { FactFailure } from '../facts.ts';
import type { JsonValue } from '@halyard/json';

/**
 * Everything a store knows about one project's flags at one revision, as parsed JSON.
 * Nothing in it is trusted: `compile` checks every field and reports what it leaves out.
 */
export interface Definitions {
  readonly teamId: number;
  /** IANA name; dates without an offset are read in it (E117). Default UTC. */
  readonly timezone?: string;
  /** 1 or absent: released equality; 2: explicit equality (E96). */
  readonly propertyMatchingVersion?: number;
  /**
   * One object per non-deleted flag: `id key name filters active deleted ensure_experience_continuity version
   * evaluation_runtime evaluation_contexts bucketing_identifier has_experiment has_encrypted_payloads
   * is_remote_configuration`. Flag filters name their target by flag id (E135).
   */
  readonly flags: readonly JsonValue[];
  /** One object per non-deleted cohort: `id is_static filters groups`. */
  readonly cohorts: readonly JsonValue[] | FactFailure;
  /** Group type index as text → type name, such as `{"0": "organization"}`. */
  readonly groupTypeMapping: Readonly<Record<string, string>> | FactFailure;
}

/** Something in the definitions that could not be used. The flag or cohort named is left out; the others work. */
export interface DefinitionProblem {
  /** The flag's key, where it has one. */
  readonly flagKey?: string;
  /** The flag's id, where it has one. */
  readonly flagId?: number;
  /** The cohort, where it is about one. */
  readonly cohortId?: number;
  /** Where in the flag or cohort, such as `filters.groups[0].properties[1].operator`. */
  readonly path: string;
  /** What is wrong there. */
  readonly message: string;
}
