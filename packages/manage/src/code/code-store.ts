import {
  newestPropertyKeys,
  type PropertyKeys,
  type StoredCode,
  storedCode,
  Transactions,
} from '@halyard/data/management';
import type { Plan } from './plan.ts';
import { writePlan } from './write-plan.ts';

/** How long a statement may take: a project of ten thousand flags is one. */
const STATEMENT_MS = 60_000;

/** Projects in a database, for commands that work with files. */
export class CodeStore {
  readonly #transactions: Transactions;

  /**
   * Connects on first use.
   *
   * @param belongsToPostHog whether the tables are PostHog's own, of whatever age: then they are only read
   */
  constructor(url: string, belongsToPostHog: () => Promise<boolean> = () => Promise.resolve(false)) {
    this.#transactions = new Transactions(url, { size: 1, statementTimeoutMs: STATEMENT_MS, belongsToPostHog });
  }

  /**
   * What is stored for a project, all of one moment; `null`: there is no project with that public token.
   *
   * @throws {StoreError}
   */
  read(token: string): Promise<StoredCode | null> {
    return this.#transactions.read(() => storedCode(token));
  }

  /**
   * The properties that the newest persons have.
   *
   * @throws {StoreError}
   */
  propertyKeys(teamId: number): Promise<PropertyKeys> {
    return this.#transactions.read(() => newestPropertyKeys(teamId));
  }

  /**
   * Writes a plan in one transaction.
   *
   * @param project its public token, and the name of one that is to be made
   * @throws {ChangedMeanwhile} when a flag of the plan is not what it was when it was planned
   * @throws {NotTaken} when something of it cannot be stored
   * @throws {StoreError} nothing is written in any of these cases
   */
  write({ writes }: Plan, project: { readonly token: string; readonly name?: string }): Promise<void> {
    return this.#transactions.write(() => writePlan(writes, project, Date.now()));
  }

  close(): Promise<void> {
    return this.#transactions.close();
  }
}
