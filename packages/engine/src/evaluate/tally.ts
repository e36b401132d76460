import {
  type MissReason,
  NO_CONDITION_MATCH,
  NO_GROUP_TYPE,
  NO_MATCH_COHORT,
  NO_MATCH_GROUPS_SKIPPED,
  OUT_OF_ROLLOUT,
} from '../reasons.ts';

/**
 * The fold over the verdicts of conditions that did not match: which reason a flag reports if none does (E27 to E29). One number, so
 * that folding allocates nothing. From the top: the reason tracked, the index of its condition plus one, and two bits for what E29 asks.
 */
export type Tally = number;

/** What one verdict adds to a tally: a reason and bits, the index left out. */
export type Score = number;

const GROUP_SKIPPED = 0b01;
const COHORT_MISSED = 0b10;
const BITS = GROUP_SKIPPED | COHORT_MISSED;
const INDEX_SHIFT = 2;
const REASON_SHIFT = 28;
const INDEX = ((1 << REASON_SHIFT) - 1) & ~BITS;

/** By why a condition did not match. */
export const SCORES = {
  filters_missed: NO_CONDITION_MATCH << REASON_SHIFT,
  no_group_type: (NO_GROUP_TYPE << REASON_SHIFT) | GROUP_SKIPPED,
  cohort_not_evaluated: (NO_CONDITION_MATCH << REASON_SHIFT) | COHORT_MISSED,
  no_device_id: OUT_OF_ROLLOUT << REASON_SHIFT, // E60: reads as a rollout miss
  out_of_rollout_bound: OUT_OF_ROLLOUT << REASON_SHIFT,
  group_types_unknown: 0, // leaves no reason: if it matters, the flag fails (E159)
} as const;

/** Before the first condition: no group type, and no index. */
export const NO_VERDICTS: Tally = NO_GROUP_TYPE << REASON_SHIFT;

/** E27: the reasons' numbers are their scores; among equal ones the last counts. */
export function withScore(tally: Tally, score: Score, index: number): Tally {
  const bits = (tally | score) & BITS;
  const tracked = tally & ~BITS;
  const offered = (score & ~BITS) | ((index + 1) << INDEX_SHIFT);
  return (offered > tracked ? offered : tracked) | bits;
}

/** E29: a plain "filters missed" says more where a cohort could not be told, or else where a group was not there. */
export function reasonOf(tally: Tally): MissReason {
  const reason = (tally >> REASON_SHIFT) as MissReason;
  if (reason !== NO_CONDITION_MATCH || (tally & BITS) === 0) return reason;
  return (tally & COHORT_MISSED) !== 0 ? NO_MATCH_COHORT : NO_MATCH_GROUPS_SKIPPED;
}

/** Index of the condition that the reason is about; -1 for none. */
export function indexOf(tally: Tally): number {
  return ((tally & INDEX) >> INDEX_SHIFT) - 1;
}
