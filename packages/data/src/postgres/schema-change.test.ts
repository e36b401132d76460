import type { FactPlan } from '@halyard/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask } from '../testing/ask.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import { waitUntil } from '../testing/wait-until.ts';
import type { DefinitionSource, FactSource } from '../ports.ts';
import type { Executor } from './executor.ts';
import { PostgresStore } from './postgres-store.ts';
import { createRouter, type Router } from './router.ts';

const members: FactPlan = {
  teamId: 1,
  distinctId: 'ann',
  person: { keys: ['email'], createdAt: true },
  groups: [{ index: 0, key: 'acme', keys: ['plan'] }],
  staticCohorts: [1],
  stickyKeys: null,
};
const visit = (flagKey: string): FactPlan => ({
  ...members,
  stickyKeys: { anonDistinctId: 'visitor', write: { flagKeys: [flagKey], hashKey: 'visitor' } },
});
const found = {
  person: { properties: { email: 'e' }, staticCohorts: new Set([1]) },
  groups: new Map([[0, { plan: 'pro' }]]),
};

describe('a schema that changes under running sources', () => {
  let database: TestDatabase;
  let router: Router;
  let looks: number;
  const errors: unknown[] = [];

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    errors.length = 0;
    looks = 0;
    database = await createTestDatabase();
    // One connection: what it has prepared before a change, it is asked again after it.
    router = createRouter({ write: database.url, maxConnections: 1 });
    await ask(
      database.url,
      `insert into posthog_person (id, team_id, properties) values (5, 1, '{"email": "e"}')`,
      `insert into posthog_persondistinctid (team_id, distinct_id, person_id) values (1, 'ann', 5)`,
      `insert into posthog_group (team_id, group_key, group_type_index, group_properties) values (1, 'acme', 0, '{"plan": "pro"}')`,
      'insert into posthog_cohortpeople (cohort_id, person_id) values (1, 5)',
      'insert into posthog_organization default values',
      'insert into posthog_project (id, organization_id) select 1, id from posthog_organization',
      `insert into posthog_team (id, api_token, project_id, organization_id) select 1, 'token', 1, id from posthog_organization`,
      `insert into posthog_featureflag (id, team_id, key) values (11, 1, 'flag')`,
      `insert into posthog_evaluationcontext (team_id, name) values (1, 'web')`,
      `insert into posthog_featureflagevaluationcontext (feature_flag_id, evaluation_context_id)
         select 11, id from posthog_evaluationcontext`,
    );
  });

  afterEach(async () => {
    vi.useRealTimers();
    await router.close();
    await database.drop();
  });

  const watched = (executor: Executor): Executor => ({
    pool: executor.pool,
    query(statement) {
      if (statement.text.includes('pg_attribute')) looks += 1;
      return executor.query(statement);
    },
  });

  const onError = (error: unknown) => errors.push(error);

  const facts = (of = router): FactSource =>
    new PostgresStore({ ...of, personsReader: watched(of.personsReader), onError }).facts;

  const definitions = (): DefinitionSource => new PostgresStore({ ...router, onError }).definitions;

  const storedKeys = (): Promise<unknown[]> =>
    ask(database.url, 'select feature_flag_key from posthog_featureflaghashkeyoverride order by 1');

  const contexts = async (from: DefinitionSource): Promise<unknown> => {
    const [flag] = (await from.load('token'))?.definitions.flags ?? [];
    return (flag as { evaluation_contexts: unknown }).evaluation_contexts;
  };

  it('statements that were prepared before columns change their types go on', async () => {
    const [from, flags] = [facts(), definitions()];
    const project = (await flags.load('token'))?.project;
    if (project === undefined) throw new Error('no project');
    const together = () => Promise.all([1, 2, 3].map(() => from.load(visit('first'))));
    await together();
    await flags.revision(project);
    await ask(database.url, ...(await everyColumnWider(database.url)));
    for (const answer of await together()) expect(answer).toMatchObject(found);
    await from.load(visit('second'));
    expect(await storedKeys()).toEqual(['first', 'second']);
    expect(await flags.revision(project)).toBe((await flags.load('token'))?.revision);
    expect(errors).toEqual([]);
  });

  it('D30: no request fails when columns go', async () => {
    const from = facts();
    expect(await from.load(visit('first'))).toMatchObject(found);
    await ask(
      database.url,
      'alter table posthog_person drop column is_deleted',
      'alter table posthog_persondistinctid drop column is_deleted cascade',
    );
    const answers = await Promise.all(['first', 'second', 'third'].map((key) => from.load(visit(key))));
    for (const answer of answers) expect(answer).toMatchObject(found);
    expect(await storedKeys()).toEqual(['first', 'second', 'third']);
    expect(errors).toEqual([]);
  });

  it('D70: a key is stored also when the right to lock persons has just gone', async () => {
    const role = `locker_${process.pid}`;
    await ask(
      database.url,
      `create role ${role} login`,
      `grant select on all tables in schema public to ${role}`,
      `grant insert, update on posthog_featureflaghashkeyoverride to ${role}`,
      `grant usage on all sequences in schema public to ${role}`,
      `grant update on posthog_person to ${role}`,
    );
    const limited = createRouter({ write: database.url.replace('user=halyard', `user=${role}`) });
    const from = facts(limited);
    await from.load(visit('first'));
    await ask(database.url, `revoke update on posthog_person from ${role}`);
    await from.load(visit('second'));
    await limited.close();
    await ask(database.url, `drop owned by ${role}`, `drop role ${role}`);
    expect(errors).toEqual([]);
    expect(await storedKeys()).toEqual(['first', 'second']);
  });

  it('D30: columns that come are noticed after a while, without anybody waiting', async () => {
    await ask(database.url, 'alter table posthog_person drop column is_deleted');
    const from = facts();
    expect(await from.load(members)).toMatchObject(found);
    await ask(database.url, 'alter table posthog_person add column is_deleted boolean not null default true');
    expect(await from.load(members)).toMatchObject(found);
    expect(looks).toBe(1);
    vi.advanceTimersByTime(30_000);
    await waitUntil(async () => (await from.load(members)).person === null);
    expect((await from.load(members)).person).toBeNull();
    expect(looks).toBe(2);
  });

  it('a table that stays away is not looked for at every request', async () => {
    const from = facts();
    await from.load(members);
    await ask(database.url, 'drop table posthog_cohortpeople');
    for (let n = 0; n < 10; n += 1) expect((await from.load(members)).person).toMatchObject({ failed: true });
    expect(looks).toBe(2);
    vi.advanceTimersByTime(1_000);
    await from.load(members);
    expect(looks).toBe(3);
  });

  it('D11: names of contexts are found where they have moved to', async () => {
    await ask(
      database.url,
      'drop table posthog_taggeditem, posthog_tag',
      'create table posthog_tag (id uuid primary key default gen_random_uuid(), name varchar(255), team_id integer)',
      `create table posthog_featureflagevaluationtag (id bigint generated always as identity, feature_flag_id integer, tag_id uuid)`,
      `insert into posthog_tag (name, team_id) values ('tagged', 1)`,
      `insert into posthog_featureflagevaluationtag (feature_flag_id, tag_id) select 11, id from posthog_tag`,
      'alter table posthog_evaluationcontext rename to to_come',
    );
    const from = definitions();
    expect(await contexts(from)).toEqual(['tagged']);
    const { project, revision } = (await from.load('token')) ?? {};
    if (project === undefined) throw new Error('no project');
    await ask(database.url, 'alter table to_come rename to posthog_evaluationcontext');
    vi.advanceTimersByTime(30_000);
    await waitUntil(async () => (await from.revision(project)) !== revision);
    expect(await contexts(from)).toEqual(['web']);
    await ask(database.url, 'drop table posthog_featureflagevaluationcontext');
    expect(await contexts(from)).toEqual(['tagged']);
    expect(errors).toEqual([]);
  });
});

/** Statements that make integers bigger and texts longer wherever that can be. */
async function everyColumnWider(url: string): Promise<string[]> {
  const statements = await ask(
    url,
    `select format('alter table %I %s', relname, string_agg(format('alter %I type %s', attname, wider), ', '))
       from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
       join (values ('int4'::regtype, 'bigint'), ('varchar', 'text'), ('timestamptz', 'timestamptz(3)')) types (narrow, wider)
         on atttypid = narrow
      where relkind = 'r' and relname like 'posthog%' group by relname`,
  );
  return statements.map(String);
}
