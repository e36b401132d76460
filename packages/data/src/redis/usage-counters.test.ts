import { createClient } from '@redis/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { skipWithoutRedis, startRedis, type TestRedis } from '../testing/redis-server.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { UsageCounters, type UsageCountersOptions } from './usage-counters.ts';

const HOUR_MS = 3_600_000;
const AT = 1_790_000_000_123;
/** Two minutes each. */
const BUCKET = '14916666';

describe('usage counters in Redis', () => {
  let redis: TestRedis;
  let now: number;
  let up: boolean;
  let told: [string, number][];
  let flushes: (string | null)[];
  const open: UsageCounters[] = [];

  beforeEach(async (context) => {
    skipWithoutRedis(context);
    redis = await startRedis();
    [now, up, told, flushes] = [AT, false, [], []];
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((counters) => counters.close()));
    await redis.remove();
  });

  function start(options: Partial<UsageCountersOptions> = {}): UsageCounters {
    const counters = new UsageCounters({
      url: redis.url,
      now: () => now,
      everyMs: HOUR_MS,
      onState: (state) => (up = state),
      onUnflushed: (cause, requests) => told.push([cause, requests]),
      onFlush: ({ error }) => flushes.push(error),
      ...options,
    });
    open.push(counters);
    return counters;
  }

  async function stored(): Promise<Record<string, Record<string, string>>> {
    const client = createClient({ url: redis.url });
    await client.connect();
    try {
      const keys = (await client.keys('posthog:*')).toSorted();
      const found: Record<string, Record<string, string>> = {};
      for (const key of keys) found[key] = { ...(await client.hGetAll(key)) };
      return found;
    } finally {
      client.destroy();
    }
  }

  it('D96, D97: add requests up in memory, and write them by project, library and time of the request', async () => {
    const counters = start();
    await waitUntil(() => up);
    for (let i = 0; i < 3; i++) counters.record('flags', 7, 'posthog-js');
    counters.record('flags', 7, 'posthog-node');
    now += 120_000;
    counters.record('flags', 7, 'posthog-js');
    counters.record('definitions', 8, 'posthog-node');
    expect([counters.pendingEntries, counters.pendingRequests]).toEqual([4, 6]);
    expect(await stored()).toEqual({});
    await counters.flush();
    const next = String(Number(BUCKET) + 1);
    expect(await stored()).toEqual({
      'posthog:decide_requests:7': { [BUCKET]: '4', [next]: '1' },
      'posthog:decide_requests:sdk:7:posthog-js': { [BUCKET]: '3', [next]: '1' },
      'posthog:decide_requests:sdk:7:posthog-node': { [BUCKET]: '1' },
      'posthog:local_evaluation_requests:8': { [next]: '1' },
      'posthog:local_evaluation_requests:sdk:8:posthog-node': { [next]: '1' },
    });
    expect([counters.pendingRequests, counters.secondsSinceFlush, told]).toEqual([0, 0, []]);
  });

  it('D99: while Redis is away nothing is lost, and what waited counts when it can be written; closing writes the rest', async () => {
    const counters = start();
    await waitUntil(() => up);
    await redis.kill();
    await waitUntil(() => !up);
    counters.record('flags', 7, 'other');
    await counters.flush();
    counters.record('flags', 7, 'other');
    await counters.flush();
    expect(told).toEqual([
      ['redis_error', 1],
      ['redis_error', 2],
    ]);
    expect([counters.pendingRequests, counters.pendingEntries]).toEqual([2, 2]);
    now += 600_000;
    await redis.start();
    await waitUntil(() => up);
    counters.record('flags', 7, 'other');
    await counters.close();
    const later = String(Number(BUCKET) + 5);
    expect((await stored())['posthog:decide_requests:7']).toEqual({ [later]: '3' });
    expect(flushes).toEqual(['unavailable', 'unavailable', null]);
  });

  it('D99: hold no more keys than they may, write by themselves, and tell what is lost at the end', async () => {
    const counters = start({ mostKeys: 2, everyMs: 5 });
    await waitUntil(() => up);
    for (const team of [1, 1, 2, 3]) counters.record('flags', team, 'other');
    expect(told).toEqual([['cap_drop', 1]]);
    await waitUntil(() => counters.pendingRequests === 0);
    // A key of another type takes none: the others are written all the same.
    const client = createClient({ url: redis.url });
    await client.connect();
    await client.set('posthog:decide_requests:4', 'x');
    client.destroy();
    counters.record('flags', 4, 'other');
    counters.record('flags', 5, 'other');
    await counters.close();
    expect(told.at(-1)).toEqual(['shutdown_drop', 1]);
  });
});
