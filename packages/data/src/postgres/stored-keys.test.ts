import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyWriter } from '../keys/key-writer.ts';
import { ask } from '../testing/ask.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { listenForChanges } from './change-notices.ts';
import { PostgresStore } from './postgres-store.ts';
import { createRouter, type Router } from './router.ts';

describe('keys in databases of several ages', () => {
  let database: TestDatabase;
  let writer: KeyWriter;
  let router: Router;
  let store: PostgresStore;
  let project: Awaited<ReturnType<KeyWriter['createProject']>>;

  beforeEach(async () => {
    database = await createTestDatabase();
    writer = await KeyWriter.open(database.url);
    project = await writer.createProject('Shop');
    router = createRouter({ write: database.url });
    store = new PostgresStore(router);
  });

  afterEach(async () => {
    await router.close();
    await writer.close();
    await database.drop();
  });

  const find = (text: string) => store.keys.find({ text, digest: createHash('sha256').update(text).digest('hex') });

  it('D61: the secret token comes before a key that says the same, and both name the public token', async () => {
    const key = await writer.createProjectKey(project.teamId, { label: 'k', scopes: ['*'] });
    const opened = { kind: 'project', teamId: project.teamId, token: project.token };
    expect(await find(project.secret)).toEqual({ ...opened, stamp: null });
    expect(await find(key.secret)).toEqual({ ...opened, stamp: { kind: 'project', id: key.id } });
    await ask(database.url, `update posthog_team set secret_api_token = '${key.secret}'`);
    expect(await find(key.secret)).toEqual({ ...opened, stamp: null });
  });

  it('D61, D62: where an age has no such tables or columns, nobody has such keys, and no question fails', async () => {
    const { secret } = await writer.createPersonalKey(project.teamId, 'a@b.c', { label: 'k', scopes: ['*'] }, true);
    expect(await find(secret)).toMatchObject({ kind: 'personal', organizations: [expect.any(String)] });
    await ask(database.url, 'drop table posthog_projectsecretapikey', 'drop table posthog_personalapikey cascade');
    expect(await find(project.secret)).not.toBeNull();
    await ask(database.url, 'alter table posthog_team drop secret_api_token, drop secret_api_token_backup');
    const young = new PostgresStore(router);
    const found = [project.secret, secret, 'phs_x', 'phx_x'].map((text) =>
      young.keys.find({ text, digest: createHash('sha256').update(text).digest('hex') }),
    );
    expect(await Promise.all(found)).toEqual([null, null, null, null]);
  });

  it('D62: a personal key of an age without scopes and restrictions opens all projects of its owner', async () => {
    const { secret } = await writer.createPersonalKey(project.teamId, 'a@b.c', { label: 'k', scopes: [] }, true);
    expect(await find(secret)).toMatchObject({ kind: 'personal', opensFlags: false, stamp: null });
    await ask(
      database.url,
      'alter table posthog_personalapikey drop scopes, drop scoped_teams, drop scoped_organizations',
    );
    expect(await find(secret)).toMatchObject({
      kind: 'personal',
      opensFlags: true,
      scopedTeams: [],
      scopedOrganizations: [],
    });
  });

  it.each(['', 'x'.repeat(201), 'phs_\0', 'phx_\ud800'])('%j is no key, and no question', async (text) => {
    await router.close();
    expect(await find(text)).toBeNull();
  });

  it('H174: flags that PostHog makes for a survey are marked, the one that a user links to it is not', async () => {
    const add = (key: string) =>
      ask(
        database.url,
        `insert into posthog_featureflag (team_id, key) values (${project.teamId}, '${key}') returning id`,
      );
    const ids: unknown[] = [];
    for (const key of ['targeting', 'internal', 'sampling', 'linked', 'other']) ids.push(...(await add(key)));
    await ask(
      database.url,
      `create table posthog_survey (id uuid primary key default gen_random_uuid(), team_id integer, linked_flag_id integer,
         targeting_flag_id integer, internal_targeting_flag_id integer, internal_response_sampling_flag_id integer)`,
    );
    const marked = async () => {
      const loaded = await new PostgresStore(router).definitions.load(project.token);
      const flags = (loaded?.definitions.flags ?? []) as { key: string; is_of_survey: boolean }[];
      return [loaded?.revision, flags.filter((flag) => flag.is_of_survey).map(({ key }) => key)] as const;
    };
    const [before, none] = await marked();
    expect(none).toEqual([]);
    await ask(
      database.url,
      `insert into posthog_survey (team_id, targeting_flag_id, internal_targeting_flag_id, internal_response_sampling_flag_id,
         linked_flag_id) values (${project.teamId}, ${ids.slice(0, 4).join(', ')})`,
    );
    const [after, some] = await marked();
    expect(some).toEqual(['targeting', 'internal', 'sampling']);
    expect(after).not.toBe(before);
    await ask(database.url, 'alter table posthog_survey drop internal_response_sampling_flag_id');
    expect((await marked())[1]).toEqual(['targeting', 'internal']);
  });

  it('D63: that a key was used is no change, whatever else is written to it is', async () => {
    const heard: string[] = [];
    const notices = listenForChanges({
      url: database.url,
      onChange: (teamId) => heard.push(String(teamId)),
      onText: (text) => heard.push(text),
      onState: () => heard.push('listening'),
    });
    await waitUntil(() => heard.length > 0);
    const key = await writer.createProjectKey(project.teamId, { label: 'k', scopes: ['*'] });
    const owned = await writer.createPersonalKey(project.teamId, 'a@b.c', { label: 'k', scopes: ['*'] }, true);
    await store.keys.stamp({ kind: 'project', id: key.id });
    await store.keys.stamp({ kind: 'personal', id: owned.id });
    await writer.revoke(key.id);
    await ask(database.url, `select pg_notify('halyard_definitions', 'the end')`);
    await waitUntil(() => heard.at(-1) === 'the end');
    await notices.close();
    expect(heard).toEqual(['listening', String(project.teamId), 'keys', String(project.teamId), 'the end']);
    expect((await writer.keys())[0]?.lastUsedAt).not.toBeNull();
  });
});
