import {
  ask,
  createTestDatabase,
  skipWithoutRedis,
  startRedis,
  type TestDatabase,
  type TestRedis,
  waitUntil,
} from '@halyard/data/testing';
import { halyardDefinitions } from 'halyard/posthog-node';
import { PostHog } from 'posthog-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Service, startService } from './compose.ts';
import { demoRequest, demoSecretKey, demoToken } from './demo/demo.ts';
import { seedDemo } from './demo/seed-demo.ts';
import { createLog } from './operate/log/logger.ts';
import { readSettings } from './operate/settings/read-settings.ts';

describe('the service with Redis', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let service: Service | undefined;

  beforeEach(async (context) => {
    skipWithoutRedis(context);
    [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
    await seedDemo(database.url);
    service = undefined;
  });

  afterEach(async () => {
    await service?.close();
    await Promise.all([database.drop(), redis.remove()]);
  });

  async function start(): Promise<Service> {
    const settings = readSettings({ DATABASE_URL: database.url, PORT: '0', REDIS_URL: redis.url });
    return startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
  }

  async function status(url: string): Promise<number> {
    return (await fetch(`${url}/flags?v=2`, { method: 'POST', body: JSON.stringify(demoRequest) })).status;
  }

  it('starts and answers while Redis is missing', async () => {
    await redis.kill();
    service = await start();
    expect(await status(service.url)).toBe(200);
  });

  it('D120, H222: answers while Redis is killed, hangs, and comes back', async () => {
    service = await start();
    expect(await status(service.url)).toBe(200);
    redis.freeze();
    expect(await status(service.url)).toBe(200);
    redis.thaw();
    await redis.kill();
    expect(await status(service.url)).toBe(200);
    await redis.start();
    expect(await status(service.url)).toBe(200);
  });

  it('H172, H178: posthog-node as published follows the definitions in Redis, without a key and beside a service that is gone', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined); // which flags it cannot decide locally
    service = await start();
    expect(await status(service.url)).toBe(200);
    const provider = halyardDefinitions({ redis: redis.url, token: demoToken });
    const client = new PostHog(demoToken, {
      host: 'http://127.0.0.1:9', // nobody is there
      flagDefinitionCacheProvider: provider,
      featureFlagsPollingInterval: 1_000_000,
      sendFeatureFlagEvent: false,
      fetchRetryCount: 0,
    });
    const value = async () => {
      await client.reloadFeatureFlags();
      const flags = await client.evaluateFlags('somebody', {
        personProperties: { country: 'NL' },
        onlyEvaluateLocally: true,
      });
      return flags.getFlag('europe-launch');
    };
    try {
      await waitUntil(async () => (await value()) === true);
      const authorization = `Bearer ${demoSecretKey}`;
      const served = await fetch(`${service.url}/flags/definitions`, { headers: { authorization } });
      expect(await provider.getFlagDefinitions()).toEqual(await served.json());
      await ask(database.url, `update posthog_featureflag set active = false where key = 'europe-launch'`);
      await waitUntil(async () => (await value()) === false);
      await service.close();
      service = undefined;
      expect(await value()).toBe(false);
      await redis.kill();
      expect(await value()).toBe(false);
    } finally {
      await client.shutdown();
      vi.restoreAllMocks();
    }
  });

  it('stops at once while Redis hangs', async () => {
    const stopped = await start();
    expect(await status(stopped.url)).toBe(200);
    redis.freeze();
    const begun = performance.now();
    await stopped.close();
    expect(performance.now() - begun).toBeLessThan(3_000);
    redis.thaw();
  });
});

describe('the setting REDIS_URL', () => {
  it.each(['redis://host', 'rediss://user:password@host:6380/1', 'valkey://host:6379'])('takes %s', (url) => {
    expect(readSettings({ REDIS_URL: url }).redisUrl).toBe(url);
  });

  it.each(['host:6379', 'http://user:hush@host', 'redis://'])('refuses %s without showing it', (url) => {
    expect(() => readSettings({ REDIS_URL: url })).toThrow(/^REDIS_URL must be a URL such as redis:[^\n]*\.$/);
    expect(() => readSettings({ REDIS_URL: url })).not.toThrow(/hush/);
  });
});
