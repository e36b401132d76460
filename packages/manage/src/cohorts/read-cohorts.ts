import {
  cohortDefinitionsStatement,
  cohortNamesStatement,
  cohortsCountStatement,
  type CohortSelection,
  cohortsPageStatement,
  flagsOfCohortsStatement,
  type Work,
} from '@halyard/data/management';
import type { JsonObject } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { type Cohort, cohortFromRow } from './cohort.ts';
import { cohortGraph } from './cohort-graph.ts';
import { readCohort } from './write-cohorts.ts';

export interface CohortPage {
  readonly count: number;
  readonly cohorts: readonly Cohort[];
}

/** A page of cohorts, newest first, without deleted ones (M106). */
export function* listCohorts(
  { teamId }: CommandContext,
  selection: CohortSelection,
  page: { readonly limit: number; readonly offset: number },
): Work<CohortPage> {
  const [row] = yield* ask(cohortsCountStatement(teamId, selection));
  const rows = yield* ask(cohortsPageStatement(teamId, selection, page));
  return { count: Number(row?.['total'] ?? 0), cohorts: rows.map(cohortFromRow) };
}

/** Flags, on or off, and cohorts that use a cohort directly (M113). */
export function* cohortUsers(context: CommandContext, id: number): Work<JsonObject> {
  const { teamId } = context;
  yield* readCohort(context, id);
  const flags = yield* ask(flagsOfCohortsStatement(teamId, [id]));
  const graph = cohortGraph(yield* ask(cohortDefinitionsStatement(teamId)));
  const cohorts = yield* ask(cohortNamesStatement(teamId, graph.directDependentsOf(id)));
  const all = (results: readonly JsonObject[]): JsonObject => ({ results, total: results.length, has_more: false });
  return {
    feature_flags: all(
      flags.map((row) => ({
        id: Number(row['id']),
        key: row['key'] ?? '',
        name: row['name'] ?? '',
        active: row['active'] === 'true',
      })),
    ),
    insights: all([]),
    cohorts: all(cohorts.map((row) => ({ id: Number(row['id']), name: row['name'] ?? null }))),
  };
}
