import type { JsonObject } from '@halyard/json';

/** The evaluation context of one request: what the caller says, and the time. */
export interface EvaluationRequest {
  readonly distinctId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Empty counts as absent (E20). */
  readonly deviceId?: string | undefined;
  /** The `$anon_distinct_id` of experience continuity (section 9). Empty counts as absent. */
  readonly anonDistinctId?: string | undefined;
  /** Group type → group key. Only non-empty strings and numbers are usable keys (E66). */
  readonly groups?: JsonObject | undefined;
  /** Laid over the stored person properties (E145). */
  readonly personProperties?: JsonObject | undefined;
  /** Group type → properties laid over the stored ones (E150). */
  readonly groupProperties?: JsonObject | undefined;
  /** Evaluate only these and what they depend on (E142). An empty list keeps nothing. */
  readonly flagKeys?: readonly string[] | undefined;
  /** Absent = unknown (E167). */
  readonly runtime?: 'client' | 'server' | 'all' | undefined;
  /** Absent or empty: no filtering by context (E169). */
  readonly evaluationContexts?: readonly string[] | undefined;
  /** Only flags whose key begins with `survey-targeting-` (E164). */
  readonly onlySurveyFlags?: boolean | undefined;
  /** Ignore everything stored about the person (E145). */
  readonly onlyUseOverridePersonProperties?: boolean | undefined;
  /** Read sticky keys but write none (E156). */
  readonly skipWrites?: boolean | undefined;
}
