import type { FactPlan } from '@halyard/engine';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { ProjectWriter } from '../import/project-writer.ts';
import type { Executor } from '../postgres/executor.ts';
import { PostgresStore, type PostgresStoreOptions } from '../postgres/postgres-store.ts';
import type { FactSource } from '../ports.ts';
import { createRouter, type Router } from '../postgres/router.ts';
import type { RouterSettings } from '../postgres/router-settings.ts';
import type { Statement } from '../statements/statement.ts';
import type { StoredFacts } from '../stored-facts.ts';
import { createTestDatabase, type TestDatabase } from './throwaway-postgres.ts';

const stored: StoredFacts = {
  persons: [
    { distinctIds: ['ann'], properties: { email: 'ann@example.com', secret: 'not planned' } },
    { distinctIds: ['visitor'], properties: {} },
  ],
  groups: [{ index: 0, key: 'acme', properties: { plan: 'pro' } }],
  stickyKeys: [{ distinctId: 'ann', flagKey: 'old', hashKey: 'first' }],
};

/** A fact source on a real database, with a fresh project for every test: ann and a visitor, one group, one sticky key. */
export class FactFixture {
  /** What the sources reported in this test. */
  errors: unknown[] = [];
  teamId = 0;
  /** Every pool gives up after 50 ms. */
  readonly impatient: Partial<RouterSettings> = {
    statementTimeoutMs: {
      'persons reader': 50,
      'persons writer': 50,
      'non-persons reader': 50,
      'non-persons writer': 50,
    },
  };
  #database: TestDatabase | undefined;
  #router: Router | undefined;
  readonly #opened: { close(): Promise<unknown> }[] = [];

  constructor() {
    let writer: ProjectWriter;
    let projects = 0;
    beforeAll(async () => {
      this.#database = await createTestDatabase();
      this.#router = this.open(this.#database.url);
      writer = await ProjectWriter.open(this.#database.url);
      this.#opened.push(writer);
    });
    beforeEach(async () => {
      this.errors = [];
      projects += 1;
      const definitions = { teamId: 0, flags: [], cohorts: [], groupTypeMapping: {} };
      const report = await writer.importDefinitions(definitions, { token: `token-${projects}`, facts: stored });
      this.teamId = report.teamId;
    });
    afterAll(async () => {
      await Promise.all(this.#opened.map((one) => one.close()));
      await this.#database?.drop();
    });
  }

  get url(): string {
    return this.#database?.url ?? '';
  }

  get router(): Router {
    if (this.#router === undefined) throw new Error('only inside a test');
    return this.#router;
  }

  /** Another router, closed at the end. */
  open(write: string, settings: Partial<RouterSettings> = {}): Router {
    const router = createRouter({ write, ...settings });
    this.#opened.push(router);
    return router;
  }

  source(options: Partial<PostgresStoreOptions> = {}): FactSource {
    return new PostgresStore({ ...this.router, onError: (error) => this.errors.push(error), ...options }).facts;
  }

  plan(part: Partial<FactPlan>): FactPlan {
    return {
      teamId: this.teamId,
      distinctId: 'ann',
      person: null,
      groups: [],
      staticCohorts: [],
      stickyKeys: null,
      ...part,
    };
  }

  /** Every part, with a sticky key that need not be written. */
  everything(): FactPlan {
    return this.plan({
      person: { keys: ['email'], createdAt: true },
      groups: [{ index: 0, key: 'acme', keys: ['plan'] }],
      staticCohorts: [1],
      stickyKeys: { anonDistinctId: 'visitor', write: { flagKeys: ['old'], hashKey: 'visitor' } },
    });
  }

  /** The person and sticky keys to write. */
  writing(...flagKeys: string[]): FactPlan {
    return this.plan({
      person: { keys: ['email'], createdAt: false },
      stickyKeys: { anonDistinctId: 'visitor', write: { flagKeys, hashKey: 'visitor' } },
    });
  }

  /** Keeps the statements that go to a pool, but for the one look at the schema. */
  counted(executor: Executor): Executor & { readonly statements: Statement[] } {
    const statements: Statement[] = [];
    return {
      pool: executor.pool,
      statements,
      query(statement) {
        if (!statement.text.includes('pg_attribute')) statements.push(statement);
        return executor.query(statement);
      },
    };
  }
}
