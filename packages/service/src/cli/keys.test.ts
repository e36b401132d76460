import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../operate/settings/read-settings.ts';
import type { Settings } from '../operate/settings/table.ts';
import type { Output } from './io.ts';
import { type CreateKeyOptions, createKey, listKeys, revokeKey } from './keys.ts';
import { createProject, listProjects, rotateToken } from './projects.ts';

interface Made {
  readonly id: string;
  readonly key: string;
}

const nowhere: Output = { print: () => undefined };

describe('keys and projects without a console', () => {
  let database: TestDatabase;
  let settings: Settings;

  beforeAll(async () => {
    database = await createTestDatabase();
    settings = readSettings({ DATABASE_URL: database.url });
  });
  afterAll(() => database.drop());

  async function output(command: (io: Output) => Promise<unknown>): Promise<string> {
    let text = '';
    await command({ print: (part) => (text += part) });
    return text;
  }
  const json = async <Value>(command: (io: Output) => Promise<unknown>) => JSON.parse(await output(command)) as Value;
  const make = (options: Partial<CreateKeyOptions> = {}) =>
    json<Made>((io) => createKey(settings, { scope: ['feature_flag:read'], json: true, ...options }, io));
  const keys = () => json<Record<string, unknown>[]>((io) => listKeys(settings, { json: true }, io));

  it('says what to do where there is nothing yet', async () => {
    expect(await output((io) => listProjects(settings, {}, io))).toContain('halyard project create NAME');
    expect(await output((io) => listKeys(settings, {}, io))).toContain('halyard key create');
    await expect(make()).rejects.toThrow('There is no project yet. Make one with: halyard project create NAME.');
  });

  it('makes a project and shows its secret token this once', async () => {
    const text = await output((io) => createProject(settings, 'Shop', {}, io));
    const [, token = '', secret = ''] = /(phc_[A-Za-z0-9]{43})[^]*(phs_[A-Za-z0-9]{43})\n/.exec(text) ?? [];
    expect(await ask(database.url, 'select api_token, secret_api_token from posthog_team')).toEqual([token, secret]);
    const list = await output((io) => listProjects(settings, {}, io));
    expect(list).toContain(token);
    expect(list + (await output((io) => listProjects(settings, { json: true }, io)))).not.toContain(secret);
  });

  it('D17: stores no key, but what it takes to recognise one', async () => {
    const { id, key } = await make({ label: 'backend' });
    expect(key).toMatch(/^phs_[A-Za-z0-9]{43}$/);
    const [stored] = await ask(database.url, `select to_jsonb(k)::text from posthog_projectsecretapikey k`);
    expect(stored).not.toContain(key);
    expect(stored).toContain('"secure_value": "sha256$');
    expect(await keys()).toMatchObject([
      { id, kind: 'project', label: 'backend', mask: `phs_...${key.slice(-4)}`, scopes: ['feature_flag:read'] },
    ]);
    expect(await output((io) => listKeys(settings, {}, io))).not.toContain(key);
  });

  it('makes a personal key, with its owner, once', async () => {
    const asked = make({ label: 'a', user: 'Ada@example.com' });
    await expect(asked).rejects.toThrow(
      "Nobody has the address Ada@example.com. Correct it, or add --create-user to make a member of the project's organization of it.",
    );
    expect(await ask(database.url, 'select count(*)::int from posthog_user')).toEqual([0]);
    const first = await make({ label: 'a', user: 'Ada@example.com', createUser: true });
    const second = await make({ label: 'a', user: 'ada@example.com', allProjects: true, scope: ['*'] });
    expect(first.key).toMatch(/^phx_[A-Za-z0-9]{43}$/);
    expect(await ask(database.url, 'select count(*)::int from posthog_user')).toEqual([1]);
    expect(await ask(database.url, 'select count(*)::int from posthog_organizationmembership')).toEqual([1]);
    expect((await keys()).slice(1)).toMatchObject([
      { id: first.id, kind: 'personal', owner: 'Ada@example.com', projects: [1] },
      { id: second.id, kind: 'personal', owner: 'Ada@example.com', projects: [], scopes: ['*'] },
    ]);
    expect(await output((io) => listKeys(settings, {}, io))).toContain("all of the owner's");
  });

  it('revokes a key of either kind, and says when there is none', async () => {
    const revoke = (id: string) => output((io) => revokeKey(settings, id, {}, io));
    for (const { id } of (await keys()) as unknown as Made[]) {
      expect(await revoke(id)).toBe(`The key ${id} opens nothing any more.\n`);
      await expect(revokeKey(settings, id, {}, nowhere)).rejects.toThrow('There is no key with this id.');
    }
    await expect(revokeKey(settings, 'a\0', {}, nowhere)).rejects.toThrow('There is no key with this id.');
    expect(await keys()).toEqual([]);
  });

  it('D61: renews tokens; the former secret one stays until it is dropped or the next rotation', async () => {
    const tokens = () =>
      ask(database.url, 'select api_token, secret_api_token, secret_api_token_backup from posthog_team');
    const [token, secret] = await tokens();
    const renewed = await json<{ secret_token: string }>((io) => rotateToken(settings, undefined, { json: true }, io));
    expect(await tokens()).toEqual([token, renewed.secret_token, secret]);
    await output((io) => rotateToken(settings, String(token), { dropBackup: true }, io));
    expect(await tokens()).toEqual([token, renewed.secret_token, null]);
    const { token: newToken } = await json<{ token: string }>((io) =>
      rotateToken(settings, '1', { public: true, json: true }, io),
    );
    expect(await tokens()).toEqual([newToken, renewed.secret_token, null]);
  });

  it('refuses what cannot be, and says why', async () => {
    await make({ label: 'taken' });
    await output((io) => createProject(settings, 'Other', {}, io));
    await expect(make({ label: 'x' })).rejects.toThrow(
      /^There are several projects\. Say which: --project 1 \(Shop, phc_[\w-]+\) or --project 2 \(Other, phc_[\w-]+\)\.$/,
    );
    await expect(make({ project: '9' })).rejects.toThrow('There is no project with the id or token 9.');
    await expect(make({ project: '1', label: 'taken' })).rejects.toThrow('has a key with the label "taken"');
    await expect(make({ project: '1', label: 'x'.repeat(41) })).rejects.toThrow(
      '--label must have 1 to 40 characters.',
    );
    await expect(make({ project: '1', user: 'ada' })).rejects.toThrow('--user must be the mail address');
    await expect(make({ project: '1', allProjects: true })).rejects.toThrow('say whose with --user ADDRESS');
    await expect(make({ project: '1', createUser: true })).rejects.toThrow('--create-user is for personal keys');
    await expect(createProject(settings, ' ', {}, nowhere)).rejects.toThrow('A project needs a name');
    const both = { public: true, dropBackup: true };
    await expect(rotateToken(settings, '1', both, nowhere)).rejects.toThrow('give one of them');
  });

  it('writes nothing where nothing may be written', async () => {
    const readOnly = readSettings({ DATABASE_URL: database.url, HALYARD_READ_ONLY: 'true' });
    await expect(createProject(readOnly, 'x', {}, nowhere)).rejects.toThrow('HALYARD_READ_ONLY is set');
    await ask(database.url, `create table django_migrations as select 'posthog' as app`);
    const scope = ['feature_flag:read'] as const;
    const attempts = [
      () => createProject(settings, 'x', {}, nowhere),
      () => createKey(settings, { project: '1', scope }, nowhere),
      () => rotateToken(settings, '1', {}, nowhere),
      () => revokeKey(settings, 'x', {}, nowhere),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow('This database belongs to PostHog');
    expect(await keys()).toHaveLength(1);
  });
});
