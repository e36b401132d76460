import { connectClient, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import type { JsonObject } from '@halyard/json';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import {
  type Actor,
  type CommandContext,
  createFlag,
  type Flag,
  Refusal,
  Transactions,
  updateFlag,
  type Work,
} from './index.ts';

/** A real database with a fresh project for every test, two people in it, and a clock that only the test moves. */
export class ProjectFixture {
  now = Date.UTC(2026, 10, 20, 10);
  teamId = 0;
  organizationId = '';
  #database: TestDatabase | undefined;
  #store: Transactions | undefined;
  #client: Awaited<ReturnType<typeof connectClient>> | undefined;

  constructor() {
    beforeAll(async () => {
      this.#database = await createTestDatabase();
      this.#store = new Transactions(this.#database.url);
      this.#client = await connectClient(this.#database.url, 'test');
      await this.sql(`insert into posthog_user (id, email) values (1, 'ada@example.com'), (2, 'bob@example.com')`);
    });
    beforeEach(async () => {
      this.now = Date.UTC(2026, 10, 20, 10);
      this.teamId = await this.newProject();
    });
    afterAll(async () => {
      await this.#store?.close();
      await this.#client?.end();
      await this.#database?.drop();
    });
  }

  get store(): Transactions {
    if (this.#store === undefined) throw new Error('only inside a test');
    return this.#store;
  }

  get url(): string {
    return this.#database?.url ?? '';
  }

  /** The values of the last statement's rows. */
  async sql(...statements: string[]): Promise<unknown[]> {
    let answer: unknown[] = [];
    for (const text of statements) {
      const result = await this.#client?.query<unknown[]>({ text, rowMode: 'array' });
      answer = result?.rows.flat() ?? [];
    }
    return answer;
  }

  async newProject(): Promise<number> {
    const [teamId, organizationId] = await this.sql(`with o as (
  insert into posthog_organization default values returning id
), p as (
  insert into posthog_project (organization_id) select id from o returning id, organization_id
)
insert into posthog_team (api_token, project_id, organization_id)
select 'phc_' || id, id, organization_id from p returning id, organization_id::text`);
    this.organizationId = String(organizationId);
    return Number(teamId);
  }

  context(actor: Partial<Actor> = {}): CommandContext {
    const { teamId, organizationId, now } = this;
    return { teamId, organizationId, now, actor: { userId: 1, via: 'key', isAdmin: true, ...actor } };
  }

  write<Result>(work: (context: CommandContext) => Work<Result>, actor: Partial<Actor> = {}): Promise<Result> {
    this.now += 1_000;
    const context = this.context(actor);
    return this.store.write(() => work(context));
  }

  read<Result>(work: (context: CommandContext) => Work<Result>): Promise<Result> {
    const context = this.context();
    return this.store.read(() => work(context));
  }

  create(body: JsonObject, actor: Partial<Actor> = {}): Promise<Flag> {
    return this.write((context) => createFlag(context, body), actor);
  }

  /** A flag that is on for everybody, with what is given besides. */
  createFull(key: string, body: JsonObject = {}): Promise<Flag> {
    return this.create({ key, filters: { groups: [{ rollout_percentage: 100 }] }, ...body });
  }

  patch(id: number, body: JsonObject, actor: Partial<Actor> = {}): Promise<Flag> {
    return this.write((context) => updateFlag(context, id, body), actor);
  }

  /** Everything that is stored of flags and what belongs to them, to see that nothing was written. */
  async everything(): Promise<string> {
    const tables = [
      'featureflag',
      'activitylog',
      'tag',
      'taggeditem',
      'evaluationcontext',
      'cohort',
      'scheduledchange',
    ];
    const parts = tables.map((name) => `(select coalesce(json_agg(t order by t.id), '[]') from posthog_${name} t)`);
    return JSON.stringify(await this.sql(`select ${parts.join(', ')}`));
  }
}

/** A filter on another flag. */
export const dependsOn = (flag: { readonly id: number }, value: boolean | string = true): JsonObject => ({
  key: String(flag.id),
  type: 'flag',
  operator: 'flag_evaluates_to',
  value,
});

/** Filters with one condition of these properties. */
export const asking = (...properties: JsonObject[]): JsonObject => ({
  groups: [{ properties, rollout_percentage: 100 }],
});

/** What a command is refused with: its status and its first problem. */
export async function refusal(of: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await of.then(
    (result) => expect.fail(`was not refused: ${JSON.stringify(result)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw error;
  return { status: error.status, ...error.problems[0] };
}
