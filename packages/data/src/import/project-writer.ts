import type { Client } from 'pg';
import type { Definitions } from '@halyard/engine';
import { classifyError } from '../conversation/classify-error.ts';
import { endpoint } from '../postgres/client-config.ts';
import type { Row, Statement } from '../statements/statement.ts';
import type { StoredFacts } from '../stored-facts.ts';
import { factsImportStatements } from './facts-statements.ts';
import { importBatches, type ImportOptions, type ImportReport } from './import-batches.ts';

export type { ImportOptions, ImportReport };

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
      const work = importBatches(definitions, options);
      let step = work.next();
      while (step.done !== true) step = work.next(await this.#all(step.value));
      return step.value;
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
