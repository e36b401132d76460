import {
  type MissReason,
  NO_CONDITION_MATCH,
  NO_GROUP_TYPE,
  NO_MATCH_COHORT,
  NO_MATCH_GROUPS_SKIPPED,
  OUT_OF_ROLLOUT,
} from '../reasons.ts';
import type { Missed, Skipped } from './verdict.ts';

/**
 * The fold over the verdicts of conditions that did not match: which reason a flag reports if none does (E27 to E29). One number, so
 * that folding allocates nothing: the reason tracked and the index of its condition, and two bits for what E29 asks.
 */
export type Tally = number;

const REASON = 0b11;
const GROUP_SKIPPED = 0b100;
const COHORT_MISSED = 0b1000;
const INDEX_SHIFT = 4;

/** Before the first condition: no group type, and no index. */
export const NO_VERDICTS: Tally = NO_GROUP_TYPE;

export function withVerdict(tally: Tally, why: (Skipped | Missed)['why'], index: number): Tally {
  switch (why) {
    case 'filters_missed':
      return track(tally, NO_CONDITION_MATCH, index);
    case 'no_group_type':
      return track(tally | GROUP_SKIPPED, NO_GROUP_TYPE, index);
    case 'cohort_not_evaluated':
      return track(tally | COHORT_MISSED, NO_CONDITION_MATCH, index);
    case 'no_device_id': // E60: reads as a rollout miss
    case 'out_of_rollout_bound':
      return track(tally, OUT_OF_ROLLOUT, index);
    case 'group_types_unknown': // leaves no reason: if it matters, the flag fails (E159)
      return tally;
  }
}

/** E29: a plain "filters missed" says more where a cohort could not be told, or else where a group was not there. */
export function reasonOf(tally: Tally): MissReason {
  const reason = (tally & REASON) as MissReason;
  if (reason !== NO_CONDITION_MATCH) return reason;
  if ((tally & COHORT_MISSED) !== 0) return NO_MATCH_COHORT;
  return (tally & GROUP_SKIPPED) !== 0 ? NO_MATCH_GROUPS_SKIPPED : NO_CONDITION_MATCH;
}

/** Index of the condition that the reason is about; -1 for none. */
export function indexOf(tally: Tally): number {
  return (tally >> INDEX_SHIFT) - 1;
}

/** E27: the reasons' numbers are their scores; among equal ones the last counts. */
function track(tally: Tally, reason: MissReason, index: number): Tally {
  if (reason < (tally & REASON)) return tally;
  return (tally & (GROUP_SKIPPED | COHORT_MISSED)) | reason | ((index + 1) << INDEX_SHIFT);
}
