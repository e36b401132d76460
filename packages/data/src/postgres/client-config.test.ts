import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase } from '../testing/throwaway-postgres.ts';
import { clientConfig, connectClient, endpoint } from './client-config.ts';
import { createRouter } from './router.ts';

describe('a PostgreSQL URL', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    [
      'postgresql://ann:secret@db.example:6432/flags',
      { host: 'db.example', port: 6432, user: 'ann', password: 'secret', database: 'flags' },
    ],
    ['postgres://ann:p%40ss%2Fw%3Ard%3F%23%25@db/flags', { password: 'p@ss/w:rd?#%' }],
    ['postgresql://ann@[::1]:6432/flags', { host: '::1', port: 6432 }],
    ['postgresql://%2Fvar%2Frun%2Fpg/flags', { host: '/var/run/pg', database: 'flags' }],
    ['postgresql:///flags?host=/var/run/pg&user=ann&port=6432', { host: '/var/run/pg', user: 'ann', port: 6432 }],
    ['postgresql://db/?dbname=flags', { database: 'flags' }],
    ['postgresql://db/flags?options=-c%20search_path%3Dposthog', { options: '-c search_path=posthog' }],
    ['postgresql://db/flags?application_name=mine', { application_name: 'mine' }],
    ['  postgresql://db/flags\n', { host: 'db', database: 'flags', application_name: 'halyard' }],
  ])('%s', (url, expected) => {
    expect(clientConfig(url, 'test')).toMatchObject(expected);
  });

  it('passes on nothing that would change the driver', () => {
    const url = 'postgresql://db/flags?query_timeout=1&stream=x&types=x&binary=true&ssl=false&connectionString=x';
    expect(Object.keys(clientConfig(url, 'test'))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/query_timeout|stream|types|binary|ssl|connectionString/)]),
    );
  });

  it("what it leaves out comes from libpq's variables", async () => {
    const test = await createTestDatabase({ empty: true });
    const { host = '', port = 5432, user = '', database = '' } = clientConfig(test.url, 'test');
    vi.stubEnv('PGHOST', host);
    vi.stubEnv('PGPORT', String(port));
    vi.stubEnv('PGUSER', user);
    vi.stubEnv('PGDATABASE', database);
    vi.stubEnv('PGOPTIONS', '-c search_path=from_options');
    const client = await connectClient('postgresql://', 'test');
    const { rows } = await client.query(`select current_database() as name, current_setting('search_path') as path`);
    await client.end();
    await test.drop();
    expect(rows).toEqual([{ name: database, path: 'from_options' }]);
  });

  it('options reach the server', async () => {
    const test = await createTestDatabase({ empty: true });
    const client = await connectClient(
      `${test.url}${test.url.includes('?') ? '&' : '?'}options=-c%20work_mem%3D7MB%20-c%20search_path%3Dfrom_url`,
      'test',
    );
    const { rows } = await client.query(
      `select current_setting('search_path') as path, current_setting('work_mem') as mem`,
    );
    await client.end();
    await test.drop();
    expect(rows).toEqual([{ path: 'from_url', mem: '7MB' }]);
  });

  it.each([
    ['mysql://u:hunter2@db/flags', 'test: not a PostgreSQL URL (it must begin with postgresql://)'],
    ['host=db password=hunter2 dbname=flags', 'test: not a PostgreSQL URL (it must begin with postgresql://)'],
    ['', 'test: not a PostgreSQL URL (it must begin with postgresql://)'],
    ['postgresql://u:hunter2@db:port/flags', 'test: not a valid PostgreSQL URL'],
    [
      'postgresql://u:hunter2@db/flags?sslmode=strict',
      'test: unknown sslmode "strict"; it must be one of disable, allow, prefer, require, verify-ca, verify-full, no-verify',
    ],
    [
      'postgresql://db/flags?sslmode=require;password=hunter2',
      'test: unknown sslmode; it must be one of disable, allow, prefer, require, verify-ca, verify-full, no-verify',
    ],
    ['postgresql://u:hunter2@db/flags?ssl=maybe', 'test: ssl must be true or false; sslmode says more'],
    ['postgresql://u:hunter2@db/flags?sslmode=verify-ca', 'test: sslmode=verify-ca needs sslrootcert'],
    [
      'postgresql://u:hunter2@db/flags?sslmode=verify-full&sslrootcert=/nowhere/root.crt',
      'test: the file of sslrootcert cannot be read (ENOENT)',
    ],
  ])('refuses %s with one line that shows no secret', (url, message) => {
    expect(() => endpoint(url, 'test')).toThrow(new Error(message));
    expect(message).not.toContain('hunter2');
  });

  it('an unknown PGSSLMODE is refused like a parameter', () => {
    vi.stubEnv('PGSSLMODE', 'strict');
    expect(() => createRouter({ write: 'postgresql://db/flags' })).toThrow(
      'persons reader URL: unknown sslmode "strict"',
    );
  });
});
