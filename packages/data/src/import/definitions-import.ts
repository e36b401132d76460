import type { Row, Statement } from '../statements/statement.ts';
import { cohortColumns, type RefusedCohort } from './cohort-columns.ts';
import { flagColumns, type RefusedFlag } from './flag-columns.ts';
import type { IdChoice, ImportDocument } from './import-document.ts';
import {
  advanceSequenceStatement,
  clearGroupTypesStatement,
  cohortsImportStatement,
  contextsImportStatement,
  flagsImportStatement,
  groupTypesImportStatement,
  removeOthersStatement,
} from './import-statements.ts';
import { IdMap } from './remap-ids.ts';

/** What became of one flag of the document, or of one that the document lacks. */
export interface FlagOutcome {
  readonly key: string;
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'refused' | 'removed';
  /** Why it was refused. */
  readonly reason?: string;
}

/** The statements that write a document, and how to read their answers. */
export interface DefinitionsImport {
  readonly statements: readonly Statement[];
  /** Cohorts written or found equal. */
  readonly cohorts: number;
  readonly refusedCohorts: readonly RefusedCohort[];
  /** @param answers the rows of `statements`, in order; further ones are ignored */
  outcomes(answers: readonly (readonly Row[])[]): readonly FlagOutcome[];
}

export interface ImportTarget {
  readonly teamId: number;
  readonly projectId: number;
  readonly removeOthers: boolean;
}

export function definitionsImport(
  document: ImportDocument,
  ids: IdChoice,
  { teamId, projectId, removeOthers }: ImportTarget,
): DefinitionsImport {
  const maps = { flags: new IdMap(), cohorts: new IdMap() };
  for (const { id, key } of document.flags) if (id !== null) maps.flags.set(id, ids.flags.get(key) ?? id);
  for (const [from, to] of ids.cohorts) maps.cohorts.set(from, to);

  const refused = new Map<string, string>();
  const flagRows: string[] = [];
  for (const flag of document.flags) {
    const columns: string | RefusedFlag = flagColumns(flag, ids.flags.get(flag.key) ?? 0, maps);
    if (typeof columns === 'string') flagRows.push(columns);
    else refused.set(flag.key, columns.refused);
  }
  const cohorts = document.cohorts.map((cohort) => cohortColumns(cohort, ids.cohorts.get(cohort.id) ?? 0, maps));
  const cohortRows = cohorts.filter((columns) => typeof columns === 'string');
  // A flag that is refused is in the document all the same: what is stored under its key stays.
  const keys = document.entries.map(({ key }) => key);
  const indexes = document.groupTypes.map(([index]) => index);
  const types = document.groupTypes.map(([, type]) => type);

  const flags = flagsImportStatement(teamId, `[${flagRows.join(',')}]`);
  const contexts = contextsImportStatement(teamId, `[${flagRows.join(',')}]`);
  const others = removeOthers ? removeOthersStatement(teamId, keys) : null;
  const statements = [
    ...(cohortRows.length === 0 ? [] : [cohortsImportStatement(teamId, `[${cohortRows.join(',')}]`)]),
    ...(flagRows.length === 0 ? [] : [flags, contexts]),
    ...(others === null ? [] : [others]),
    ...(indexes.length === 0
      ? []
      : [
          clearGroupTypesStatement(projectId, indexes, types),
          groupTypesImportStatement(teamId, projectId, indexes, types),
        ]),
    advanceSequenceStatement('posthog_featureflag', ids.highestFlag),
    advanceSequenceStatement('posthog_cohort', ids.highestCohort),
  ];
  return {
    statements,
    cohorts: cohortRows.length,
    refusedCohorts: [...document.refusedCohorts, ...cohorts.filter((columns) => typeof columns !== 'string')],
    outcomes(answers) {
      const rowsOf = (statement: Statement | null) =>
        statement === null ? [] : (answers[statements.indexOf(statement)] ?? []);
      const written = new Map(rowsOf(flags).map((row) => [row['key'] ?? '', row['created'] === 'true']));
      const relinked = new Set(rowsOf(contexts).map((row) => row['key'] ?? ''));
      const outcomes = document.entries.map((entry): FlagOutcome => {
        const { key } = entry;
        const reason = 'refused' in entry ? entry.refused : refused.get(key);
        if (reason !== undefined) return { key, outcome: 'refused', reason };
        if (written.get(key) === true) return { key, outcome: 'created' };
        return { key, outcome: written.has(key) || relinked.has(key) ? 'updated' : 'unchanged' };
      });
      return [
        ...outcomes,
        ...rowsOf(others).map((row): FlagOutcome => ({ key: row['key'] ?? '', outcome: 'removed' })),
      ];
    },
  };
}
