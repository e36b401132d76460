import { randomBytes } from 'node:crypto';
import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { fromLocalEvaluation, KeyWriter, ProjectWriter } from 'halyard/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceProcess, serviceProcesses } from './failure/service-process.cases.ts';

/** No secret that anybody sends, or that is stored, is in an answer it does not belong to, in the log, or in the metrics. */
describe('secrets', () => {
  const start = serviceProcesses();
  let database: TestDatabase;
  let writer: KeyWriter;
  let own: Awaited<ReturnType<KeyWriter['createProject']>>;
  const fernetKey = `fernet-${randomBytes(12).toString('hex')}`;
  const ciphertext = 'gAAAAA-nobody-can-read-this';

  beforeAll(async () => {
    database = await createTestDatabase();
    writer = await KeyWriter.open(database.url);
    own = await writer.createProject('Own');
    const definitions = await ProjectWriter.open(database.url);
    const flag = (id: number, key: string, more: object = {}) => ({
      id,
      key,
      active: true,
      filters: { groups: [{ properties: [], rollout_percentage: 100 }] },
      ...more,
    });
    const flags = [flag(1, 'for-all'), flag(2, 'for-servers', { evaluation_runtime: 'server' })];
    await definitions.importDefinitions(fromLocalEvaluation({ flags }), { token: own.token });
    await definitions.close();
    await ask(
      database.url,
      `insert into posthog_featureflag (team_id, key, name, active, filters, is_remote_configuration, has_encrypted_payloads)
       values (${own.teamId}, 'sealed', '', true,
         '{"groups": [{"properties": [], "rollout_percentage": 100}], "payloads": {"true": "${ciphertext}"}}', true, true)`,
    );
  });

  afterAll(async () => {
    await writer.close();
    await database.drop();
  });

  const begin = (env: Record<string, string> = {}): Promise<ServiceProcess> =>
    start({
      DATABASE_URL: database.url,
      LOG_LEVEL: 'debug',
      HALYARD_METRICS: 'true',
      FLAGS_SECRET_KEYS: fernetKey,
      ...env,
    });

  it('that are sent, wherever and however wrongly, come neither back nor into the log', async () => {
    const service = await begin();
    const personal = (
      await writer.createPersonalKey(
        own.teamId,
        'ada@example.com',
        { label: 'test', scopes: ['feature_flag:read'] },
        false,
      )
    ).secret;
    const secrets = [own.secret, personal, `phs_${'wrong'.repeat(8)}`, `phx_${'nobody'.repeat(8)}`];
    const said: string[] = [];
    for (const secret of secrets) {
      const sent: readonly (readonly [string, RequestInit])[] = [
        ['/flags/definitions', { headers: { authorization: `Bearer ${secret}` } }],
        ['/flags/definitions', { headers: { authorization: secret, cookie: `key=${secret}` } }],
        [`/flags/definitions?token=${secret}`, {}],
        [`/flags/definitions?token=${own.token}&personal_api_key=${secret}`, {}],
        [`/api/feature_flag/local_evaluation/?secret_api_key=${secret}`, { method: 'POST', body: secret }],
        [
          `/api/projects/${secret}/feature_flags/${secret}/remote_config`,
          { headers: { authorization: `Bearer ${secret}` } },
        ],
        [
          `/api/projects/@current/feature_flags/sealed/remote_config`,
          { headers: { authorization: `Token ${secret}` } },
        ],
        ['/flags?v=2', post({ token: secret, distinct_id: 'ada' })],
        [`/flags?v=2&token=${secret}&compression=${secret}`, post({ token: own.token, distinct_id: 'ada' })],
        ['/flags?v=2', { ...post({ distinct_id: 'ada' }), headers: { authorization: `Bearer ${secret}` } }],
        ['/decide?v=3', post({ api_key: secret, distinct_id: 'ada' })],
        [`/array/${secret}/config`, {}],
        [`/${secret}`, { headers: { 'x-posthog-project-api-key': secret } }],
      ];
      for (const [path, how] of sent) said.push(await answerOf(service, path, how));
    }
    said.push(await answerOf(service, '/metrics', {}));
    await service.stop();
    for (const secret of secrets) {
      expect(said.filter((text) => text.includes(secret))).toEqual([]);
      expect(`${service.out}${service.err}`).not.toContain(secret);
    }
    // And something was logged at all.
    expect(service.out).toContain('canonical_log_line');
  });

  it('that are stored stay in: a sealed payload, the key that opens it, and passwords', async () => {
    const service = await begin();
    const said: string[] = [];
    const key = { headers: { authorization: `Bearer ${own.secret}` } };
    for (const path of ['/flags/definitions', '/api/projects/@current/feature_flags/sealed/remote_config', '/metrics'])
      said.push(await answerOf(service, path, key));
    for (const v of [1, 2, 3, 4]) {
      const evaluated = await answerOf(
        service,
        `/flags?v=${v}&config=true`,
        post({ token: own.token, distinct_id: 'ada' }),
      );
      expect(evaluated).toContain('for-all');
      said.push(evaluated);
    }
    await service.stop();
    for (const secret of [fernetKey, ciphertext]) {
      expect(said.filter((text) => text.includes(secret))).toEqual([]);
      expect(`${service.out}${service.err}`).not.toContain(secret);
    }
    const refused = start.begin({ DATABASE_URL: 'postgresql://ada:hunter2@127.0.0.1:1/flags?sslpassword=hunter2' });
    refused.child.kill('SIGTERM');
    await refused.ended;
    const mistaken = start.begin({
      DATABASE_URL: 'postgresql://ada:hunter2@[::1/flags',
      REDIS_URL: 'x://:hunter2@host',
    });
    expect(await mistaken.ended).toBe(2);
    expect(`${refused.out}${refused.err}${mistaken.out}${mistaken.err}`).not.toContain('hunter2');
    expect(mistaken.err).toContain('DATABASE_URL must be');
  });

  it('H120: what is for servers only is not told to browsers', async () => {
    const service = await begin();
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0', origin: 'https://example.com' };
    const body = { token: own.token, distinct_id: 'ada' };
    const inBrowser = await answerOf(service, '/flags?v=2', { ...post(body), headers: browser });
    expect(inBrowser).toContain('for-all');
    expect(inBrowser).not.toContain('for-servers');
    const onServer = await answerOf(service, '/flags?v=2', {
      ...post(body),
      headers: { 'user-agent': 'posthog-node/5.0' },
    });
    expect(onServer).toContain('for-servers');
    await service.stop();
  });
});

function post(body: object): RequestInit {
  return { method: 'POST', body: JSON.stringify(body) };
}

/** Headers and body. */
async function answerOf({ url }: ServiceProcess, path: string, how: RequestInit): Promise<string> {
  const response = await fetch(url + path, how);
  return `${JSON.stringify([...response.headers])}\n${await response.text()}`;
}
