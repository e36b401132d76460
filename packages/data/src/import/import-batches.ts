import type { Definitions } from '@halyard/engine';
import type { Row } from '../statements/statement.ts';
import type { StaticMembers, StoredFacts } from '../stored-facts.ts';
import type { Batches } from './batches.ts';
import type { RefusedCohort } from './cohort-columns.ts';
import { definitionsImport, type FlagOutcome } from './definitions-import.ts';
import { factsImportStatements } from './facts-statements.ts';
import { chooseIds, type ExistingIds, readDocument } from './import-document.ts';
import {
  advanceSequenceStatement,
  ensureTeamStatement,
  existingStatement,
  lockStatement,
  newIdsStatement,
} from './import-statements.ts';

export interface ImportOptions {
  /** The public token; a project with it is made if there is none. */
  readonly token: string;
  /** Of a new project. */
  readonly name?: string;
  /** Mark flags that the document does not have as deleted. Default: leave them alone. */
  readonly removeOthers?: boolean;
  /** Persons and the like to store with it. Static cohorts go by the document's ids. */
  readonly facts?: StoredFacts;
}

export interface ImportReport {
  readonly teamId: number;
  /** The project was made by this import. */
  readonly created: boolean;
  /** In the document's order, then the removed ones. */
  readonly flags: readonly FlagOutcome[];
  readonly cohorts: number;
  readonly refusedCohorts: readonly RefusedCohort[];
  /** The document's cohort id → the database's. */
  readonly cohortIds: ReadonlyMap<number, number>;
}

/**
 * What an import asks a database, for any host that can run it in one transaction. Flags are told by their key; ids are kept where they
 * are free, and what refers to a moved one follows. The same document again changes nothing.
 */
export function* importBatches(
  definitions: Definitions,
  { token, name = 'Default project', removeOthers = false, facts = {} }: ImportOptions,
): Batches<ImportReport> {
  const document = readDocument(definitions);
  const [, [team = {}] = []] = yield [
    lockStatement,
    ensureTeamStatement({
      token,
      name,
      timezone: definitions.timezone ?? null,
      propertyMatchingVersion: definitions.propertyMatchingVersion ?? null,
    }),
  ];
  const teamId = Number(team['team_id']);
  const projectId = Number(team['project_id']);
  const [[existing = {}] = []] = yield [
    existingStatement(
      teamId,
      document.flags.map(({ id }) => id ?? 0),
      document.cohorts.map(({ id }) => id),
    ),
  ];
  const choice = chooseIds(document, existingIds(existing));
  if (choice.missingFlags > 0 || choice.missingCohorts > 0) {
    // First past the ids that the document keeps: a fresh one must not be one of them.
    const [, , [fresh = {}] = []] = yield [
      advanceSequenceStatement('posthog_featureflag', choice.highestFlag),
      advanceSequenceStatement('posthog_cohort', choice.highestCohort),
      newIdsStatement(choice.missingFlags, choice.missingCohorts),
    ];
    choice.fill(numbers(fresh['flags']), numbers(fresh['cohorts']));
  }
  const plan = definitionsImport(document, choice, { teamId, projectId, removeOthers });
  const answers = yield [...plan.statements, ...factsImportStatements(teamId, moveMembers(facts, choice.cohorts))];
  const { cohorts, refusedCohorts } = plan;
  const created = team['created'] === 'true';
  return { teamId, created, flags: plan.outcomes(answers), cohorts, refusedCohorts, cohortIds: choice.cohorts };
}

function existingIds(row: Row): ExistingIds {
  return {
    flags: new Map((JSON.parse(row['flags'] ?? '[]') as [number, string][]).map(([id, key]) => [key, id])),
    takenFlags: new Set(numbers(row['taken_flags'])),
    cohorts: new Map(JSON.parse(row['cohorts'] ?? '[]') as [number, string | null][]),
    takenCohorts: new Set(numbers(row['taken_cohorts'])),
  };
}

function numbers(list: string | null | undefined): number[] {
  return JSON.parse(list ?? '[]') as number[];
}

function moveMembers(facts: StoredFacts, cohorts: ReadonlyMap<number, number>): StoredFacts {
  const move = ({ cohortId, distinctIds }: StaticMembers) => ({
    cohortId: cohorts.get(cohortId) ?? cohortId,
    distinctIds,
  });
  return { ...facts, staticMembers: (facts.staticMembers ?? []).map(move) };
}
