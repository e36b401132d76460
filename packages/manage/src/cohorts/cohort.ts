import type { Row } from '@halyard/data/management';
import { type JsonObject, parseStored } from '@halyard/json';

/** The scope of cohorts in history (M114). */
export const cohortScope = 'Cohort';

/** A cohort as it is stored (M105), times as M24 writes them. */
export interface Cohort {
  readonly id: number;
  readonly team_id: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly deleted: boolean;
  readonly filters: JsonObject | null;
  readonly version: number | null;
  readonly pending_version: number | null;
  readonly created_by: JsonObject | null;
  readonly created_at: string | null;
  readonly last_calculation: string | null;
  readonly errors_calculating: number;
  readonly is_static: boolean;
  readonly cohort_type: string | null;
  /** Of a static cohort; `null`: membership is decided when a flag is evaluated. */
  readonly count: number | null;
}

export function cohortFromRow(row: Row): Cohort {
  return parseStored(row['cohort'] ?? '{}') as unknown as Cohort;
}

/**
 * A cohort as the API shows it.
 *
 * @param isBasic without what it is made of (M106)
 */
export function renderCohort(cohort: Cohort, isBasic = false): JsonObject {
  const { team_id: _, filters, ...fields } = cohort;
  return {
    ...fields,
    ...(isBasic ? {} : { filters: filters ?? {}, groups: [], query: null }),
    is_calculating: false,
    last_error_message: null,
    experiment_set: [],
  };
}
