import { fileURLToPath } from 'node:url';
import { PostHog } from 'posthog-node';
import { createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from './compose.ts';
import { demoCurl, demoRequest, demoToken } from './demo/demo.ts';
import { seedDemo } from './demo/seed-demo.ts';
import { createLog, type Log } from './operate/log/logger.ts';
import { readSettings } from './operate/settings/read-settings.ts';

const log: Log = createLog('silent', 2);

function start(databaseUrl: string, env: Record<string, string> = {}): Promise<Service> {
  const settings = readSettings({ DATABASE_URL: databaseUrl, PORT: '0', ...env });
  return startService(settings, { log, onProgress: () => undefined });
}

describe('the service on a real database', () => {
  let database: TestDatabase;
  let service: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    await seedDemo(database.url);
    service = await start(database.url);
  });

  afterAll(async () => {
    await service.close();
    await database.drop();
  });

  it('knows its projects', () => {
    expect(service.tokens).toEqual([demoToken]);
    expect(service.embedded).toBe(false);
  });

  it('answers the printed curl line with every active flag of the demo', async () => {
    const line = demoCurl(service.url);
    const [url = '', , body = ''] = (line.match(/'[^']*'/g) ?? []).map((quoted) => quoted.slice(1, -1));
    const headers = { 'content-type': 'application/json', 'user-agent': 'curl/8.5.0' };
    const response = await fetch(url, { method: 'POST', headers, body });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { flags: Record<string, { enabled: boolean }> };
    expect(answer).toMatchObject({
      errorsWhileComputingFlags: false,
      flags: { 'vip-support': { enabled: true }, 'team-dashboard': { enabled: true }, 'smart-cart': { enabled: true } },
    });
    expect(Object.keys(answer.flags)).toHaveLength(16);
  });

  it('H43: refuses a token that the database does not know', async () => {
    const body = JSON.stringify({ ...demoRequest, token: 'phc_nobody' });
    expect((await fetch(`${service.url}/flags?v=2`, { method: 'POST', body })).status).toBe(401);
  });

  it.each(['a\u0000b', '\ud800', '🚩'.repeat(500), ''])(
    'the distinct id %j does no harm on its way to the database',
    async (id) => {
      const body = JSON.stringify({ ...demoRequest, distinct_id: id, groups: { organization: id } });
      const response = await fetch(`${service.url}/flags?v=2`, { method: 'POST', body });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        errorsWhileComputingFlags: false,
        flags: {
          'new-checkout': { enabled: true },
          'pro-reports': { enabled: false },
          'vip-support': { enabled: false },
        },
      });
    },
  );

  it.each(['a\u0000b', 'x'.repeat(10_000), '\ud800'])('the token %j is unknown', async (token) => {
    const body = JSON.stringify({ ...demoRequest, token });
    expect((await fetch(`${service.url}/flags?v=2`, { method: 'POST', body })).status).toBe(401);
  });

  it('H217: the start-up probe opens connections', async () => {
    expect((await fetch(`${service.url}/_startup`)).status).toBe(200);
  });

  describe('posthog-node, unmodified', () => {
    let client: PostHog;

    beforeAll(() => {
      client = new PostHog(demoToken, { host: service.url, fetchRetryCount: 0 });
    });

    afterAll(async () => {
      await client.shutdown();
    });

    it('H240: gets all flags with variants', async () => {
      expect(await client.getAllFlags('ada', { groups: { organization: 'acme' } })).toMatchObject({
        'new-checkout': true,
        'button-color': 'red',
        'dark-mode': false,
        'team-dashboard': true,
        'vip-support': true,
        'api-limits': true,
      });
    });

    it('H71: gets payloads, parsed', async () => {
      const flags = await client.evaluateFlags('ada');
      expect(flags.getFlagPayload('new-checkout')).toEqual({ steps: 3 });
      expect(flags.getFlagPayload('button-color')).toEqual({ hex: '#d33' });
      expect(flags.getFlagPayload('dark-mode')).toBeNull();
    });

    it('H40: sends properties that win over the stored ones', async () => {
      expect((await client.evaluateFlags('ada')).getFlag('pro-reports')).toBe(true);
      const free = await client.evaluateFlags('ada', { personProperties: { plan: 'free' } });
      expect(free.getFlag('pro-reports')).toBe(false);
    });

    it('sends groups with properties', async () => {
      const globex = { groups: { organization: 'globex' } };
      expect((await client.evaluateFlags('linus', globex)).isEnabled('team-dashboard')).toBe(false);
      const gold = { ...globex, groupProperties: { organization: { tier: 'gold' } } };
      expect((await client.evaluateFlags('linus', gold)).isEnabled('team-dashboard')).toBe(true);
    });

    it('H243: sends its events without a complaint', async () => {
      client.capture({ distinctId: 'ada', event: 'tested' });
      await expect(client.flush()).resolves.not.toThrow();
    });
  });
});

describe('/metrics', () => {
  it('H1: is there when it is switched on, and tells of requests and statements', async () => {
    const database = await createTestDatabase();
    await seedDemo(database.url);
    const service = await start(database.url, { HALYARD_METRICS: 'true' });
    try {
      await fetch(`${service.url}/flags?v=2`, { method: 'POST', body: JSON.stringify(demoRequest) });
      const text = await (await fetch(`${service.url}/metrics`)).text();
      expect(text).toContain('flags_requests_total{status="200"} 1');
      expect(text).toMatch(/halyard_statements_total\{pool="persons reader",outcome="ok"\} [1-9]/);
      expect(text).toContain('halyard_projects{state="fresh"} 1');
    } finally {
      await service.close();
      await database.drop();
    }
  });

  it('H1: does not exist otherwise', async () => {
    const database = await createTestDatabase();
    const service = await start(database.url);
    try {
      expect((await fetch(`${service.url}/metrics`)).status).toBe(404);
    } finally {
      await service.close();
      await database.drop();
    }
  });
});

describe('starting', () => {
  it('creates the tables in an empty database', async () => {
    const database = await createTestDatabase({ empty: true });
    const service = await start(database.url);
    expect(service.tokens).toEqual([]);
    await service.close();
    await database.drop();
  });

  it('stops what it started when the port is in use', async () => {
    const database = await createTestDatabase();
    const first = await start(database.url);
    const port = new URL(first.url).port;
    await expect(start(database.url, { PORT: port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
    await database.drop();
  });

  it('refuses a database that is not there, or has no tables', async () => {
    const database = await createTestDatabase({ empty: true });
    const nowhere = new URL(database.url);
    nowhere.pathname = '/nowhere';
    const noDatabase = start(nowhere.href);
    await expect(noDatabase).rejects.toMatchObject({ name: 'DatabaseUnusableError', cause: { code: '3D000' } });
    const noTables = start(database.url, { HALYARD_MIGRATE: 'false' });
    await expect(noTables).rejects.toMatchObject({ name: 'StoreError', code: '42P01' });
    await database.drop();
  });

  it('H95, H130, H145: guards requests as the settings say, and refuses a file that is none', async () => {
    const database = await createTestDatabase();
    await seedDemo(database.url);
    const geoip = start(database.url, { HALYARD_GEOIP_FILE: fileURLToPath(import.meta.url) });
    await expect(geoip).rejects.toThrow(/^The GeoIP file .*service\.test\.ts cannot be used/);
    const service = await start(database.url, {
      HALYARD_RATE_LIMIT_OVERRIDES: `{"${demoToken}":"1/day"}`,
      HALYARD_BOTS: 'on',
    });
    const ask = async (userAgent: string) => {
      const headers = { 'user-agent': userAgent };
      const body = JSON.stringify(demoRequest);
      const response = await fetch(`${service.url}/flags?v=2`, { method: 'POST', headers, body });
      return [response.status, response.headers.get('x-posthog-rate-limit-warning')];
    };
    expect(await ask('Googlebot/2.1')).toEqual([200, null]);
    expect(await ask('app')).toEqual([200, 'true']);
    expect(await ask('app')).toEqual([429, null]);
    await service.close();
    await database.drop();
  });

  it('stops at once while it waits for its database', async () => {
    const service = await start('postgres://me:secret@127.0.0.1:1/x');
    expect(service.tokens).toBeNull();
    expect((await fetch(`${service.url}/_readiness`)).status).toBe(503);
    await service.close();
  });
});
