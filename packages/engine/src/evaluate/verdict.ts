import type { FlagFilter } from '../program/filter.ts';
import type { FailureCode } from '../reasons.ts';
import { type Score, SCORES } from './tally.ts';

/**
 * How one condition of a flag ended (section 4.3). All kinds have the same members in the same order: to the machine they are one kind
 * of object, which costs it no question. `score` is what the verdict adds to the tally of the flag (E27).
 */
export type Verdict = Skipped | Missed | Matched | Failed;

/** It was not looked at: the request lacks what it is about. */
export interface Skipped {
  readonly kind: 'skipped';
  /** E60, E66, E159. */
  readonly why: 'no_device_id' | 'no_group_type' | 'group_types_unknown';
  readonly variant: -1;
  readonly assuming: null;
  readonly score: Score;
}

export interface Missed {
  readonly kind: 'missed';
  /** E67, E129 (a cohort based on behaviour), E69. */
  readonly why: 'filters_missed' | 'cohort_not_evaluated' | 'out_of_rollout_bound';
  readonly variant: -1;
  readonly assuming: Assumption;
  readonly score: Score;
}

export interface Matched {
  readonly kind: 'matched';
  readonly why: null;
  /** Position of the variant; -1 for none (E71). */
  readonly variant: number;
  readonly assuming: Assumption;
  readonly score: 0;
}

/** The flag fails, whatever the conditions after this one (E161). */
export interface Failed {
  readonly kind: 'failed';
  readonly why: FailureCode;
  readonly variant: -1;
  readonly assuming: null;
  readonly score: 0;
}

/** What came out so far holds if this filter passes, whose flag failed (E143); `null`: it holds as it is. */
export type Assumption = FlagFilter | null;

// What a condition can come to without more to say is made once: judging allocates nothing.
export const NO_DEVICE_ID = skipped('no_device_id');
export const NO_GROUP_TYPE = skipped('no_group_type');
export const GROUP_TYPES_UNKNOWN = skipped('group_types_unknown');
export const FILTERS_MISSED = missed('filters_missed', null);
export const COHORT_NOT_EVALUATED = missed('cohort_not_evaluated', null);
const OUT_OF_ROLLOUT_BOUND = missed('out_of_rollout_bound', null);
const MATCHED: Matched[] = [];

export function outOfRollout(assuming: Assumption): Missed {
  return assuming === null ? OUT_OF_ROLLOUT_BOUND : missed('out_of_rollout_bound', assuming);
}

export function matched(variant: number, assuming: Assumption): Matched {
  if (assuming !== null) return { kind: 'matched', why: null, variant, assuming, score: 0 };
  return (MATCHED[variant + 1] ??= { kind: 'matched', why: null, variant, assuming: null, score: 0 });
}

export function failed(why: FailureCode): Failed {
  return { kind: 'failed', why, variant: -1, assuming: null, score: 0 };
}

function skipped(why: Skipped['why']): Skipped {
  return { kind: 'skipped', why, variant: -1, assuming: null, score: SCORES[why] };
}

function missed(why: Missed['why'], assuming: Assumption): Missed {
  return { kind: 'missed', why, variant: -1, assuming, score: SCORES[why] };
}
