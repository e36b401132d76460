import type { KeyGrant } from 'halyard/host';
import { PostHog } from 'posthog-node';
import { afterEach, expect, it, vi } from 'vitest';
import { createApp } from '../app.ts';
import { listen, type Listening } from '../http/listen.ts';
import { projectsWith, StubProject, TOKEN } from './stub-projects.cases.ts';

const grant: KeyGrant = { kind: 'project', teamId: 7, token: TOKEN, stamp: null };
const flag = { id: 1, key: 'on', active: true, filters: { groups: [{ properties: [], rollout_percentage: 100 }] } };
const document = {
  tag: '0123456789abcdef',
  position: null,
  plain: Buffer.from(JSON.stringify({ flags: [flag], group_type_mapping: {}, cohorts: {} })),
  gzipped: Buffer.from(''),
  isBillable: true,
};

let listening: Listening | undefined;
afterEach(async () => {
  await listening?.close(0);
  vi.restoreAllMocks();
});

it('H107 (R): posthog-node has its definitions again once its project is within its quota', async () => {
  const console_ = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const state = { isOver: false, now: 1_790_000_000_000 };
  const counted: string[] = [];
  const app = createApp({
    projects: projectsWith(new StubProject()),
    keyed: {
      keys: { find: () => grant },
      definitions: { of: () => document },
      configs: { of: () => Promise.resolve(null) },
      tokenOfTeam: () => Promise.resolve(TOKEN),
      fernetKeys: [],
    },
    quota: { flags: () => state.isOver, recordings: () => false },
    usage: { record: (what) => void counted.push(what) },
    health: { draining: false, waiting: false, warmUp: () => Promise.resolve() },
    clock: () => state.now,
    trustProxy: false,
    decideByPath: true,
    neighbours: true,
    onError: () => undefined,
  });
  const heard: number[] = [];
  listening = await listen({
    app,
    accessLog: ({ status }) => void heard.push(status),
    host: '127.0.0.1',
    port: 0,
    timeoutMs: 4500,
    concurrency: 10,
    queue: 10,
    queueMs: 500,
  });
  const posthog = new PostHog(TOKEN, {
    host: listening.url,
    secretKey: 'phs_x',
    fetchRetryCount: 0,
    featureFlagsPollingInterval: 1_000_000,
    // It asks for plain text by this, and the stub has no other.
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, 'accept-encoding': 'identity' } }),
  });
  const poll = async (): Promise<unknown> => {
    await posthog.reloadFeatureFlags();
    return (await posthog.getAllFlags('ann', { onlyEvaluateLocally: true }))['on'];
  };
  try {
    expect([await poll(), await poll()]).toEqual([true, true]);
    expect(heard).toEqual(expect.arrayContaining([200, 304]));
    state.isOver = true;
    expect(await poll()).toBeUndefined();
    expect(console_).toHaveBeenCalled();
    state.isOver = false;
    state.now += 60_000;
    heard.length = 0;
    expect(await poll()).toBe(true);
    state.now += 60_000;
    expect(await poll()).toBe(true);
    expect(heard).toEqual([200, 304]);
    expect(counted.length).toBeGreaterThan(1);
  } finally {
    await posthog.shutdown();
  }
});
