import { textOf } from '@halyard/json';
import type { ConditionExplanation, FilterExplanation, FlagExplanation } from './explanation.ts';

/** Why a flag takes no part in an answer. */
export const EXCLUSION_WORDS: Readonly<Record<NonNullable<FlagExplanation['excluded']>, string>> = {
  unknown: 'there is no such flag',
  inactive: 'the flag is switched off',
  malformed: 'its definition cannot be used',
  cycle: 'the flag depends on itself, through the flags it asks about',
  runtime: 'the flag is for another runtime (client or server); try --runtime',
  contexts: 'the flag is for other evaluation contexts',
  survey_flags_only: 'only survey flags were asked for',
};

/** What became of a condition. */
export const CONDITION_WORDS: Readonly<Record<ConditionExplanation['outcome'], string>> = {
  matched: 'matched',
  filters_missed: 'a filter missed',
  cohort_not_evaluated: 'missed on a cohort that is based on behavior and cannot be fully evaluated',
  out_of_rollout_bound: 'outside the rollout',
  no_group_type: 'the request names no such group',
  no_device_id: 'the request has no device id',
  group_types_unknown: 'group types could not be loaded',
  failed: 'failed',
};

const SOURCES: Readonly<Record<FilterExplanation['source'], string>> = {
  request: 'from the request',
  stored: 'stored',
  filled: 'filled in from a related property',
  missing: 'missing',
  not_loaded: 'could not be loaded',
  flag: "that flag's value",
  cohort: 'membership',
};

/** The value that a filter was given, and where it came from. */
export function seenText({ seen, source }: Pick<FilterExplanation, 'seen' | 'source'>): string {
  return seen === undefined ? SOURCES[source] : `${textOf(seen)}, ${SOURCES[source]}`;
}
