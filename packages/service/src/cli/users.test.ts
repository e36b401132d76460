import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from '../manage/managed-service.cases.ts';
import { newSetup } from '../setup-secret.ts';
import { openDatabase } from '../operate/database.ts';
import { createLog } from '../operate/log/logger.ts';
import { readSettings } from '../operate/settings/read-settings.ts';
import type { Settings } from '../operate/settings/table.ts';
import { createUser, resetPassword, type UserIo } from './users.ts';

describe('people without a console', () => {
  let database: TestDatabase;
  let settings: Settings;
  let service: ManagedService;

  beforeAll(async () => {
    database = await createTestDatabase();
    settings = readSettings({ DATABASE_URL: database.url });
    service = await startManagedService({}, database);
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  async function output(command: (io: UserIo) => Promise<void>, typed = ''): Promise<string> {
    let text = '';
    await command({ print: (part) => (text += part), passwordLine: () => Promise.resolve(typed) });
    return text;
  }
  const signIn = async (email: string, password: string) =>
    (await service.send('POST', '/api/login/', { json: { email, password } })).status;

  it('M185: the first user is made with the secret of the first start, once', async () => {
    const opened = await openDatabase(settings, {
      join: false,
      logger: createLog('silent', 2).logger,
      onProgress: () => undefined,
    });
    const secrets = [await newSetup(settings, opened), await newSetup(settings, opened)];
    for (const secret of secrets) expect(secret).toMatch(/^\w{43}$/);
    const setUp = (secret: unknown, email: string, password = 'correct horse') =>
      service.send('POST', '/api/halyard/setup', { json: { secret, email, password, first_name: 'Ada' } });
    expect((await setUp(secrets[0], 'ada@example.com')).at('code')).toBe('invalid_link');
    expect((await setUp(secrets[1], 'ada@example.com', '12345678')).at('code')).toBe('password_entirely_numeric');
    expect((await setUp(secrets[1], 'ada')).at('attr')).toBe('email');
    const made = await setUp(secrets[1], 'ada@example.com');
    expect(made.status).toBe(200);
    const cookie = made.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await service.send('GET', '/api/users/@me/', { headers: { cookie } })).body).toMatchObject({
      email: 'ada@example.com',
      organization: { membership_level: 15 },
    });
    expect((await setUp(secrets[1], 'eve@example.com')).at('code')).toBe('invalid_link');
    expect(await newSetup(settings, opened)).toBeNull();
    await opened.close();
  });

  it('M185: halyard user create makes a password and shows it this once', async () => {
    const text = await output((io) => createUser(settings, 'bob@example.com', { level: 'member' }, io));
    const password = /password\s+(\w{20})\n/.exec(text)?.[1] ?? '';
    expect(await signIn('bob@example.com', password)).toBe(200);
    expect(await ask(database.url, `select level from posthog_organizationmembership order by joined_at, id`)).toEqual([
      15, 1,
    ]);
    await expect(output((io) => createUser(settings, 'BOB@example.com', { level: 'owner' }, io))).rejects.toThrow(
      'There is already a user with this email address.',
    );
    await expect(output((io) => createUser(settings, 'bob', { level: 'owner' }, io))).rejects.toThrow(
      'no mail address',
    );
  });

  it('M185: halyard user reset-password takes one from standard input, and ends the sessions', async () => {
    const reset = { passwordStdin: true, json: true };
    await expect(output((io) => resetPassword(settings, 'bob@example.com', reset, io), 'short')).rejects.toThrow(
      'too short',
    );
    await expect(
      output((io) => resetPassword(settings, 'nobody@example.com', reset, io), 'battery staple'),
    ).rejects.toThrow('halyard user create nobody@example.com');
    const text = await output((io) => resetPassword(settings, 'bob@example.com', reset, io), 'battery staple');
    expect(JSON.parse(text)).toEqual({ email: 'bob@example.com' });
    expect(
      await ask(
        database.url,
        `select count(*)::int from halyard_session s join posthog_user u on u.id = s.user_id where email = 'bob@example.com'`,
      ),
    ).toEqual([0]);
    expect(await signIn('bob@example.com', 'battery staple')).toBe(200);
  });
});
