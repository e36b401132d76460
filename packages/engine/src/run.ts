import { Subject } from './bucketing/subject.ts';
import type { Recorder } from './explain/recorder.ts';
import type { PersonFacts } from './facts.ts';
import type { JsonObject } from '@halyard/json';
import type { GroupContext } from './groups.ts';
import type { FailureCode } from './reasons.ts';
import type { FlagResult } from './result.ts';

/** A flag's recorded value for the flags that depend on it. */
export type Recorded = FlagResult | typeof SEEDED_FALSE | undefined;

/** E141, E144: not evaluated in this request, but counts as `false`. */
export const SEEDED_FALSE = Symbol('false');

const NOTHING: JsonObject = Object.freeze({});

/**
 * The state of one evaluation. There is one per Program, used again by every request (evaluation is synchronous), so that a
 * request allocates little; `stamp` tells values of this request from leftovers.
 */
export class Run {
  stamp = 0;
  now = 0;
  recorder: Recorder | null = null;

  /** Request properties. */
  overrides: JsonObject = NOTHING;
  distinctId = '';
  /** Stored person properties, `null` when there are none or they were not loaded. */
  stored: JsonObject | null = null;
  person: PersonFacts | null = null;
  /** E88: stored person properties should be known but could not be loaded. */
  personUnknown = false;
  /** E124: cohort memberships can be told. */
  cohortsPrepared = false;
  groups: GroupContext | null = null;
  /** E159: the group type mapping could not be loaded. */
  readonly mappingFailed: boolean;

  readonly personSubject = new Subject();
  readonly deviceSubject = new Subject();
  readonly anonSubject = new Subject();
  readonly otherSubject = new Subject();
  /** Request identifiers beside the distinct id; `null` when absent. */
  deviceId: string | null = null;
  anonDistinctId: string | null = null;
  stickyKeys: ReadonlyMap<string, string> | null = null;

  /** By flag position in the Program. */
  readonly recorded: Recorded[];
  /** A cohort error that ends the flag (E161). */
  failure: FailureCode | null = null;
  /** E143: position of a failed flag whose value the condition at hand had to assume, or -1. */
  assumed = -1;

  readonly #keys: readonly string[];

  /** `keys`: the Program's flag keys by position. */
  constructor(keys: readonly string[], mappingFailed: boolean) {
    this.#keys = keys;
    this.mappingFailed = mappingFailed;
    this.recorded = keys.map((): Recorded => undefined);
  }

  /** Key of the flag at that position. */
  keyOf(position: number): string {
    return this.#keys[position] as string;
  }
}
