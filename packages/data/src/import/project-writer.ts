import type { Client } from 'pg';
import type { Definitions } from '@halyard/engine';
import { classifyError } from '../conversation/classify-error.ts';
import { endpoint } from '../postgres/client-config.ts';
import type { Row, Statement } from '../statements/statement.ts';
import type { StaticMembers, StoredFacts } from '../stored-facts.ts';
import type { RefusedCohort } from './cohort-columns.ts';
import { factsImportStatements } from './facts-statements.ts';
import {
  advanceSequenceStatement,
  ensureTeamStatement,
  existingStatement,
  lockStatement,
  newIdsStatement,
} from './import-statements.ts';
import { chooseIds, type ExistingIds, readDocument } from './import-document.ts';
import { definitionsImport, type FlagOutcome } from './definitions-import.ts';

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

/** Writes definitions and stored facts: for `halyard import`, the demo project, and tests. Not for a PostHog database. */
export class ProjectWriter {
  readonly #client: Client;
  /** Calls take turns: a transaction has the connection to itself. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(client: Client) {
    this.#client = client;
  }

  /** @throws {StoreError} when the database cannot be reached */
  static async open(url: string): Promise<ProjectWriter> {
    const server = endpoint(url, 'database URL');
    try {
      const options = { pipeline: true, connectionTimeoutMillis: 5_000 };
      const client = await server.connect(options, (attempt) => attempt.on('error', () => undefined));
      return new ProjectWriter(client);
    } catch (error) {
      throw classifyError(error, 'import', true);
    }
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#client.end();
  }

  /**
   * Writes a project's definitions in one transaction. Flags are told by their key; ids are kept where they are free, and
   * what refers to a moved one follows. The same document again changes nothing.
   *
   * @throws {StoreError}; nothing is written then
   */
  importDefinitions(definitions: Definitions, options: ImportOptions): Promise<ImportReport> {
    return this.#transaction(async () => {
      const document = readDocument(definitions);
      const { teamId, projectId, created } = await this.#ensureTeam(definitions, options);
      const existing = existingIds(
        await this.#one(
          existingStatement(
            teamId,
            document.flags.map(({ id }) => id ?? 0),
            document.cohorts.map(({ id }) => id),
          ),
        ),
      );
      const choice = chooseIds(document, existing);
      if (choice.missingFlags > 0 || choice.missingCohorts > 0) {
        // First past the ids that the document keeps: a fresh one must not be one of them.
        const answers = await this.#all([
          advanceSequenceStatement('posthog_featureflag', choice.highestFlag),
          advanceSequenceStatement('posthog_cohort', choice.highestCohort),
          newIdsStatement(choice.missingFlags, choice.missingCohorts),
        ]);
        const row = answers[2]?.[0] ?? {};
        choice.fill(numbers(row['flags']), numbers(row['cohorts']));
      }
      const plan = definitionsImport(document, choice, {
        teamId,
        projectId,
        removeOthers: options.removeOthers === true,
      });
      const facts = factsImportStatements(teamId, moveMembers(options.facts ?? {}, choice.cohorts));
      const answers = await this.#all([...plan.statements, ...facts]);
      const { cohorts, refusedCohorts } = plan;
      return { teamId, created, flags: plan.outcomes(answers), cohorts, refusedCohorts, cohortIds: choice.cohorts };
    });
  }

  /**
   * Adds persons, groups, members and sticky keys to a project. Persons must be new ones.
   *
   * @throws {StoreError}; nothing is written then
   */
  writeFacts(teamId: number, facts: StoredFacts): Promise<void> {
    return this.#transaction(async () => {
      await this.#all(factsImportStatements(teamId, facts));
    });
  }

  async #ensureTeam(definitions: Definitions, { token, name = 'Default project' }: ImportOptions) {
    const [, row = {}] = (
      await this.#all([
        lockStatement,
        ensureTeamStatement({
          token,
          name,
          timezone: definitions.timezone ?? null,
          propertyMatchingVersion: definitions.propertyMatchingVersion ?? null,
        }),
      ])
    ).map((rows) => rows[0]);
    return { teamId: Number(row['team_id']), projectId: Number(row['project_id']), created: row['created'] === 'true' };
  }

  async #transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.catch(() => undefined).then(() => this.#inTransaction(work));
    this.#last = turn;
    return turn;
  }

  async #inTransaction<Result>(work: () => Promise<Result>): Promise<Result> {
    // Not waited for: it travels with the first statement.
    const begun = this.#client.query('begin');
    try {
      const result = await work();
      await Promise.all([begun, this.#client.query('commit')]);
      return result;
    } catch (error) {
      await Promise.allSettled([begun, this.#client.query('rollback')]);
      throw classifyError(error, 'import', false);
    }
  }

  async #one(statement: Statement): Promise<Row> {
    const [rows = []] = await this.#all([statement]);
    return rows[0] ?? {};
  }

  /** Sends statements together; when one fails, its error is the result. */
  async #all(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    const settled = await Promise.allSettled(
      statements.map(({ name, text, values }) =>
        this.#client.query<Row>({ ...(name === undefined ? {} : { name }), text, values: values as unknown[] }),
      ),
    );
    return settled.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value.rows;
    });
  }
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
