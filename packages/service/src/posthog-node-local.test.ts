import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { KeyWriter } from 'halyard/host';
import { halyardDefinitions } from 'halyard/posthog-node';
import { createHalyard } from 'halyard';
import { ask, createTestDatabase, type TestDatabase, waitUntil } from '@halyard/data/testing';
import { PostHog } from 'posthog-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Service, startService } from './compose.ts';
import { demoLocalCode, demoSecretKey, demoToken } from './demo/demo.ts';
import { seedDemo } from './demo/seed-demo.ts';
import { createLog } from './operate/log/logger.ts';
import { readSettings } from './operate/settings/read-settings.ts';

/** Who asks, with all that the demo's flags want to know: nothing is stored about this user. */
const USER = 'somebody';
const ASKED = {
  groups: { organization: 'initech' },
  personProperties: { email: 'x@example.com', plan: 'pro', country: 'NL', app_version: '2.5.1', items_in_cart: '4' },
  groupProperties: { organization: { tier: 'gold', name: 'Initech' } },
};

describe('posthog-node as published, on the service and a real database', () => {
  let database: TestDatabase;
  let writer: KeyWriter;
  let service: Service;
  let statuses: number[];
  const clients: PostHog[] = [];

  beforeAll(async () => {
    // It says which flags it cannot decide locally, at every client.
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    database = await createTestDatabase();
    await seedDemo(database.url);
    writer = await KeyWriter.open(database.url);
    const settings = readSettings({ DATABASE_URL: database.url, PORT: '0' });
    service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
  });

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.shutdown()));
    await service.close();
    await writer.close();
    await database.drop();
    vi.restoreAllMocks();
  });

  /** A client that polls when it is told to, and of whose requests for definitions the statuses are kept. */
  function open(options: ConstructorParameters<typeof PostHog>[1]): PostHog {
    statuses = [];
    const heard = statuses;
    const client = new PostHog(demoToken, {
      host: service.url,
      fetchRetryCount: 0,
      featureFlagsPollingInterval: 1_000_000,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (url.includes('/definitions')) heard.push(response.status);
        return response;
      },
      ...options,
    });
    clients.push(client);
    return client;
  }

  const asked = async (client: PostHog, more: object = {}) => {
    const { featureFlags, featureFlagPayloads } = await client.getAllFlagsAndPayloads(USER, { ...ASKED, ...more });
    return { featureFlags, featureFlagPayloads };
  };

  const localValue = async (client: PostHog, key: string) =>
    (await client.evaluateFlags(USER, { ...ASKED, onlyEvaluateLocally: true })).getFlag(key);

  it('H173, H175, H176: decides locally what the service decides: values, payloads, groups, cohorts and dependencies', async () => {
    const remote = await asked(open({}));
    const client = open({ secretKey: demoSecretKey });
    await client.waitForLocalEvaluationReady(10_000);
    const local = await asked(client, { onlyEvaluateLocally: true });
    const flags = Object.keys(local.featureFlags ?? {});
    expect(flags.length).toBeGreaterThanOrEqual(9);
    for (const key of flags) {
      expect([key, local.featureFlags?.[key]]).toEqual([key, remote.featureFlags?.[key] ?? false]);
      expect([key, local.featureFlagPayloads?.[key]]).toEqual([key, remote.featureFlagPayloads?.[key]]);
    }
    expect(local.featureFlags).toMatchObject({ 'pro-reports': true, 'europe-launch': true, 'team-dashboard': true });
    // Whatever it cannot decide it asks the service for.
    expect(await asked(client)).toEqual({
      featureFlags: { ...remote.featureFlags, 'old-export': false },
      featureFlagPayloads: remote.featureFlagPayloads,
    });
  });

  it('H170, H178: polls with the tag it got: 304 while nothing changes, then the changed flag', async () => {
    const client = open({ secretKey: demoSecretKey });
    await client.waitForLocalEvaluationReady(10_000);
    const value = () => localValue(client, 'pro-reports');
    expect(await value()).toBe(true);
    await client.reloadFeatureFlags();
    expect(statuses).toEqual([200, 304]);
    await ask(database.url, `update posthog_featureflag set active = false where key = 'pro-reports'`);
    await waitUntil(async () => {
      await client.reloadFeatureFlags();
      return (await value()) === false;
    });
    expect(await value()).toBe(false);
    expect(statuses.at(-1)).toBe(200);
    await ask(database.url, `update posthog_featureflag set active = true where key = 'pro-reports'`);
    // The next test begins with it.
    await waitUntil(async () => {
      await client.reloadFeatureFlags();
      return (await value()) === true;
    });
  });

  it('H178: keeps what it has on 401, and asks for every flag when it never had any', async () => {
    const former = await writer.createProjectKey(1, { label: 'short', scopes: ['feature_flag:read'] });
    const client = open({ secretKey: former.secret });
    await client.waitForLocalEvaluationReady(10_000);
    await writer.revoke(former.id);
    await waitUntil(async () => {
      await client.reloadFeatureFlags();
      return statuses.at(-1) === 401;
    });
    expect(statuses.at(-1)).toBe(401);
    expect(await localValue(client, 'pro-reports')).toBe(true);
    const wrong = open({ secretKey: 'phs_nobody' });
    expect(await wrong.waitForLocalEvaluationReady(200)).toBe(false);
    // Without definitions it asks for every flag.
    expect((await wrong.evaluateFlags(USER, ASKED)).getFlag('europe-launch')).toBe(true);
  });

  it('H190: reads a remote configuration as an object', async () => {
    await ask(
      database.url,
      `insert into posthog_featureflag (team_id, key, filters, is_remote_configuration)
       values (1, 'limits', '{"groups":[],"payloads":{"true":"{\\"limit\\": 25}"}}', true)`,
    );
    const client = open({ secretKey: demoSecretKey });
    expect(await client.getRemoteConfigPayload('limits')).toEqual({ limit: 25 });
    await ask(database.url, `delete from posthog_featureflag where key = 'limits'`);
  });

  it('takes its definitions from the provider of this library, without a key of its own', async () => {
    const provider = halyardDefinitions({ host: service.url, secretKey: demoSecretKey });
    const client = open({ flagDefinitionCacheProvider: provider });
    expect(await client.waitForLocalEvaluationReady(10_000)).toBe(true);
    expect(await localValue(client, 'europe-launch')).toBe(true);
    expect(statuses).toEqual([]);
  });

  it('the lines that the start prints do what they say', async () => {
    const child = spawn(process.execPath, ['--input-type=module'], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    child.stdin.end(demoLocalCode(service.url).join('\n'));
    await once(child, 'close');
    expect(text.trim()).toBe('true');
  });

  it('this library decides the same from the same address', async () => {
    const halyard = await createHalyard({ host: service.url, secretKey: demoSecretKey, pollMs: 0 });
    const remote = await asked(open({}));
    const flags = halyard.evaluateSync({ distinctId: USER, ...ASKED });
    // A static cohort decides that one, of whose members definitions say nothing.
    const { 'vip-support': _, ...rest } = remote.featureFlags ?? {};
    expect(flags.values()).toMatchObject(rest);
    await halyard.close();
  });
});
