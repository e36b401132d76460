import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { skipWithoutRedis, startRedis, type TestRedis, waitUntil } from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Call, call, USER } from './app-call.cases.ts';
import { type Guards, openGuards } from './guards.ts';
import type { Opened } from './operate/closing.ts';
import { createLog, type Log } from './operate/log/logger.ts';
import { readSettings } from './operate/settings/read-settings.ts';
import { projectsWith, StubProject, TOKEN } from './posthog/stub-projects.cases.ts';

describe('what settings put in front of /flags', () => {
  const opened: Opened[] = [];
  const lines: string[] = [];
  const quiet = createLog('silent', 2);
  const log: Log = {
    ...quiet,
    logger: Object.assign(Object.create(quiet.logger) as Log['logger'], {
      info: () => undefined,
      warn: (_fields: object, message: string) => void lines.push(message),
    }),
  };
  const open = (env: Record<string, string>): Promise<Guards> =>
    openGuards(readSettings(env), opened, log, () => Promise.resolve(null));

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((part) => part.close(1_000)));
    lines.length = 0;
  });

  it('is nothing unless said', async () => {
    expect(await open({})).toEqual({
      limits: null,
      bots: null,
      quota: null,
      usage: null,
      geo: null,
      internal: null,
      cookieless: null,
    });
  });

  it('a file of networks that is none ends the start with its name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'halyard-guards-'));
    writeFileSync(join(folder, 'list'), 'here');
    const bots = { HALYARD_BOTS: 'on', HALYARD_BOT_NETWORKS: join(folder, 'list') };
    await expect(open(bots)).rejects.toThrow(/list, line 1/);
    await expect(open({ HALYARD_BOTS: 'on', HALYARD_BOT_NETWORKS: join(folder, 'none') })).rejects.toThrow(/none/);
    rmSync(folder, { recursive: true });
  });

  it('a limit in Redis needs a Redis', () => {
    expect(() => readSettings({ HALYARD_RATE_LIMIT_STORE: 'redis' })).toThrow('set REDIS_URL too');
  });

  describe('in Redis', () => {
    let redis: TestRedis;
    beforeEach(async (context) => {
      skipWithoutRedis(context);
      redis = await startRedis();
    });
    afterEach(() => redis.remove());

    it('H95, H222: processes share a limit; while Redis is away each counts alone, which is logged once', async () => {
      const env = {
        REDIS_URL: redis.url,
        HALYARD_RATE_LIMIT: 'on',
        HALYARD_RATE_LIMIT_STORE: 'redis',
        HALYARD_RATE_LIMIT_BURST: '10',
      };
      const [one, two] = await Promise.all([open(env), open(env)]);
      const status = async ({ limits }: Guards): Promise<number> => (await call({ body: USER, limits })).status;
      // Until both have a connection they count alone.
      const client = createClient({ url: redis.url });
      await client.connect();
      await waitUntil(async () => {
        await Promise.all([status(one), status(two)]);
        return Number(await client.get(`halyard:limit:token:${TOKEN}`)) >= 2;
      });
      await client.del(`halyard:limit:token:${TOKEN}`);
      const statuses: number[] = [];
      for (let i = 0; i < 6; i++) statuses.push(await status(one), await status(two));
      expect(statuses.filter((code) => code === 200)).toHaveLength(10);
      client.destroy();
      await redis.kill();
      await waitUntil(() => lines.length >= 2);
      for (let i = 0; i < 5; i++) await status(two);
      expect(lines).toEqual(Array(2).fill('Redis cannot be used; each process counts rate limits alone'));
    });

    it('H140: processes share the salt of a day and the count of sign-ins', async () => {
      const seen: string[] = [];
      const project = Object.assign(new StubProject(), {
        project: { token: TOKEN, settings: { cookieless_server_hash_mode: 2 } },
      });
      const headers = { origin: 'https://shop.example', 'user-agent': 'Firefox' };
      const body = { ...USER, distinct_id: '$posthog_cookieless' };
      for (let i = 0; i < 2; i++) {
        const { cookieless } = await open({ HALYARD_COOKIELESS_REDIS_URL: redis.url });
        if (cookieless === null) throw new Error('it is off');
        const status = async () => (await call({ body, headers, cookieless, projects: projectsWith(project) })).status;
        await waitUntil(async () => (await status()) === 200);
        seen.push(project.requests.at(-1)?.distinctId ?? '');
      }
      expect(seen[0]).toMatch(/^cookieless_[\w+/]{22}$/);
      expect(seen[1]).toBe(seen[0]);
      const client = createClient({ url: redis.url });
      await client.connect();
      await client.sAdd(`cklsi:7:${(seen[0] ?? '').slice('cookieless_'.length)}`, 'ada');
      client.destroy();
      const { cookieless } = await open({ HALYARD_COOKIELESS_REDIS_URL: redis.url });
      await waitUntil(
        async () =>
          (await call({ body, headers, cookieless: cookieless ?? undefined, projects: projectsWith(project) } as Call))
            .status === 200,
      );
      expect(project.requests.at(-1)?.distinctId).not.toBe(seen[0]);
    });

    it('H111, H221: usage is counted in Redis, at the latest when the service closes, and not where nothing may be written', async () => {
      const env = { HALYARD_USAGE_REDIS_URL: redis.url };
      expect((await open({ ...env, HALYARD_READ_ONLY: 'true' })).usage).toBeNull();
      const { usage } = await open(env);
      const client = createClient({ url: redis.url });
      await client.connect();
      // Until there is a connection counts wait: closing waits for one command at most.
      await waitUntil(async () => (await client.clientList()).length >= 2);
      for (let i = 0; i < 3; i++) await call({ body: USER, ...(usage === null ? {} : { usage }) });
      await Promise.all(opened.splice(0).map((part) => part.close(1_000)));
      expect(Object.values(await client.hGetAll('posthog:decide_requests:7'))).toEqual(['3']);
      client.destroy();
    });

    it('H105, D101: the lists of projects over quota are read, and nobody is limited while they cannot be', async () => {
      const client = createClient({ url: redis.url });
      await client.connect();
      const later = Date.now() / 1000 + 3_600;
      await client.zAdd('@posthog/quota-limits/feature_flag_requests', [
        { value: TOKEN, score: later },
        { value: 'phc_past', score: 5 },
      ]);
      await client.zAdd('@posthog/quota-limits/recordings', [{ value: TOKEN, score: later }]);
      client.destroy();
      const { quota } = await open({ HALYARD_QUOTA_REDIS_URL: redis.url, HALYARD_REPLAY_QUOTA: 'true' });
      await waitUntil(() => quota?.flags(TOKEN) === true);
      expect([quota?.recordings(TOKEN), quota?.flags('phc_past')]).toEqual([true, false]);
      await redis.kill();
      await waitUntil(() => quota?.flags(TOKEN) === false);
      expect(lines).toEqual(['quotas cannot be read; no project is limited']);
    });
  });
});
