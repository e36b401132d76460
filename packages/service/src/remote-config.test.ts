import { KeyWriter } from 'halyard/host';
import {
  ask,
  createTestDatabase,
  startTcpProxy,
  type TcpProxy,
  type TestDatabase,
  waitUntil,
} from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from './compose.ts';
import { createLog } from './operate/log/logger.ts';
import { readSettings } from './operate/settings/read-settings.ts';
import { fernetKey, sealFernet } from './posthog/fernet.ts';

const MASK = '"********* (encrypted)"';

describe('remote configuration, on a real database', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let writer: KeyWriter;
  let service: Service;
  let own: Awaited<ReturnType<KeyWriter['createProject']>>;
  let other: typeof own;
  let personal: string;
  let ids: Readonly<Record<string, number>>;

  const flag = (key: string, filters: object, columns = 'true, false, false') =>
    `insert into posthog_featureflag (team_id, key, filters, is_remote_configuration, has_encrypted_payloads, deleted)
     values (${own.teamId}, '${key}', '${JSON.stringify(filters).replaceAll("'", "''")}', ${columns}) returning id`;
  const paying = (payload?: unknown) => ({ groups: [], payloads: payload === undefined ? {} : { true: payload } });

  beforeAll(async () => {
    database = await createTestDatabase();
    writer = await KeyWriter.open(database.url);
    own = await writer.createProject('Own');
    other = await writer.createProject('Other');
    const made = await writer.createPersonalKey(
      own.teamId,
      'a@b.c',
      { label: 'k', scopes: ['feature_flag:read'] },
      false,
    );
    personal = made.secret;
    const rows: readonly (readonly [string, string])[] = [
      ['limits', flag('limits', paying('{"limit": 25, "né": "🚩"}'))],
      ['number', flag('number', paying(12))],
      ['empty', flag('empty', paying(''))],
      ['none', flag('none', paying())],
      ['gone', flag('gone', paying('"x"'), 'true, false, true')],
      ['ordinary', flag('ordinary', paying('"x"'), 'false, false, false')],
      [
        'sealed',
        flag('sealed', paying(sealFernet('{"secret": "ü"}', fernetKey('the older key'), 0)), 'true, true, false'),
      ],
      ['foreign', flag('foreign', paying(sealFernet('x', fernetKey('nobody has this'), 0)), 'true, true, false')],
      ['plain', flag('plain', paying('never encrypted'), 'true, true, false')],
      ['a b/c', flag('a b/c', paying('"odd"'))],
    ];
    const found: Record<string, number> = {};
    for (const [key, statement] of rows) found[key] = Number((await ask(database.url, statement))[0]);
    ids = found;
    proxy = await startTcpProxy(database.url);
    const settings = readSettings({
      DATABASE_URL: proxy.url,
      PORT: '0',
      FLAGS_SECRET_KEYS: 'the newest key,the older key',
      SECRET_KEY: 'nobody has this',
    });
    service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
  });

  afterAll(async () => {
    await service.close();
    await proxy.refuse();
    await writer.close();
    await database.drop();
  });

  /** Status and body. */
  async function get(key: string, secret: string | null, { project = '@current', query = '' } = {}) {
    const url = `${service.url}/api/projects/${project}/feature_flags/${encodeURIComponent(key)}/remote_config${query}`;
    const headers: Record<string, string> = secret === null ? {} : { authorization: `Bearer ${secret}` };
    const response = await fetch(url, { headers });
    return [response.status, await response.text()] as const;
  }

  it('H188, H190: the payload is a JSON string; null when there is none', async () => {
    const [status, body] = await get('limits', own.secret);
    expect(status).toBe(200);
    expect(JSON.parse(JSON.parse(body) as string)).toEqual({ limit: 25, né: '🚩' });
    expect(await get('number', own.secret)).toEqual([200, '12']);
    expect(await get('empty', own.secret)).toEqual([200, 'null']);
    expect(await get('none', own.secret)).toEqual([200, 'null']);
    const url = `${service.url}/api/projects/@current/feature_flags/limits/remote_config/?token=${own.token}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${own.secret}` } });
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  it('H187: a flag is named by key or by id; what is none, deleted or ordinary is 404', async () => {
    expect(await get(String(ids['limits']), own.secret)).toEqual(await get('limits', own.secret));
    expect(await get('a b/c', own.secret)).toEqual([200, '"\\"odd\\""']);
    for (const key of ['nobody', 'gone', 'ordinary', '0', '99999999999999999999', `${ids['gone']}`, '-1', '%']) {
      expect([key, ...(await get(key, own.secret))]).toEqual([key, 404, '']);
    }
  });

  it('H185: the token wins over the path; without one the number in the path, or what a secret key belongs to (R)', async () => {
    const token = `?token=${own.token}`;
    for (const project of ['@current', '0', 'anything', String(other.teamId)]) {
      expect((await get('number', personal, { project, query: token }))[0]).toBe(200);
      expect((await get('number', own.secret, { project, query: token }))[0]).toBe(200);
    }
    expect(await get('number', personal, { project: String(own.teamId) })).toEqual([200, '12']);
    expect(await get('number', own.secret, { project: String(own.teamId) })).toEqual([200, '12']);
    expect(await get('number', own.secret)).toEqual([200, '12']);
    for (const project of ['@current', 'x', '1e3', '99999999', '9999999999999']) {
      expect([project, await get('number', personal, { project })]).toEqual([project, [404, '']]);
    }
  });

  it('H186: an unknown key is 401 with an empty body, whatever the path; one of another project 403, or 404', async () => {
    for (const secret of [null, 'phs_nobody', 'phx_nobody', own.token, 'x'.repeat(5_000)]) {
      for (const at of [
        {},
        { project: '99999999' },
        { query: `?token=${own.token}` },
        { query: '?token=phc_nobody' },
      ]) {
        expect(await get('nobody', secret, at)).toEqual([401, '']);
      }
    }
    expect(await get('limits', other.secret, { query: `?token=${own.token}` })).toEqual([403, '']);
    expect(await get('limits', other.secret, { project: String(own.teamId) })).toEqual([403, '']);
    expect(await get('limits', personal, { query: `?token=${other.token}` })).toEqual([403, '']);
    expect(await get('limits', own.secret, { query: '?token=phc_nobody' })).toEqual([404, '']);
  });

  it('H86: a personal key without the scope is told so, whatever it asks for', async () => {
    const limited = await writer.createPersonalKey(own.teamId, 'a@b.c', { label: 'l', scopes: [] }, false);
    for (const at of [{}, { query: `?token=${own.token}` }, { query: '?token=phc_nobody' }, { project: '99999999' }]) {
      const [status, body] = await get('limits', limited.secret, at);
      expect([status, JSON.parse(body)]).toMatchObject([
        403,
        { type: 'authentication_error', code: 'permission_denied', attr: null },
      ]);
    }
  });

  it('H189: a personal key reads an encrypted payload, a secret key sees that there is one', async () => {
    const named = { query: `?token=${own.token}` };
    const [status, body] = await get('sealed', personal, named);
    expect([status, JSON.parse(body)]).toEqual([200, '{"secret": "ü"}']);
    expect(await get('sealed', own.secret)).toEqual([200, JSON.stringify(MASK)]);
    for (const key of ['foreign', 'plain']) {
      const [failed, error] = await get(key, personal, named);
      expect([failed, JSON.parse(error)]).toMatchObject([500, { code: 'remote_config_decrypt_failed', attr: null }]);
      expect(error).not.toContain('never');
    }
  });

  it('H174: encrypted flags are no part of the definitions, the others are', async () => {
    const response = await fetch(`${service.url}/flags/definitions`, {
      headers: { authorization: `Bearer ${own.secret}` },
    });
    const { flags } = (await response.json()) as { flags: { key: string }[] };
    expect(flags.map(({ key }) => key)).toEqual(['a b/c', 'empty', 'limits', 'none', 'number', 'ordinary']);
  });

  it('a changed payload is seen', async () => {
    await ask(
      database.url,
      `update posthog_featureflag set filters = '{"groups":[],"payloads":{"true":"2"}}' where key = 'none'`,
    );
    await waitUntil(async () => (await get('none', own.secret))[1] === '"2"');
    expect(await get('none', own.secret)).toEqual([200, '"2"']);
  });

  it('while PostgreSQL is away, what was known is answered, and the rest is 503, never 401', async () => {
    const definitions = (secret: string) =>
      fetch(`${service.url}/flags/definitions`, { headers: { authorization: `Bearer ${secret}` } });
    const before = await (await definitions(own.secret)).text();
    await proxy.refuse();
    proxy.cut();
    expect(await (await definitions(own.secret)).text()).toBe(before);
    expect((await get('limits', own.secret))[0]).toBe(200);
    expect((await definitions('phs_never_seen')).status).toBe(503);
    expect((await get('limits', 'phs_never_seen'))[0]).toBe(503);
    await proxy.accept();
    await waitUntil(async () => (await definitions('phs_never_seen')).status === 401);
    expect((await definitions('phs_never_seen')).status).toBe(401);
  });
});
