import { createRouter, PostgresStore, ProjectWriter, type Router, SharedDefinitions } from '@halyard/data';
import {
  createTestDatabase,
  skipWithoutRedis,
  startRedis,
  type TestDatabase,
  type TestRedis,
  waitUntil,
} from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CompiledProject } from '../compiled-project.ts';
import { ProjectRegistry } from './project-registry.ts';
import { definitions, keysOf } from './registry-fixture.cases.ts';

/** What one service process has: registry, sharing, pools. */
interface Process {
  readonly registry: ProjectRegistry;
  readonly shared: SharedDefinitions;
  readonly router: Router;
  /** The clock; stands still unless moved. */
  now: number;
}

describe('registries that share definitions through Redis', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let writer: ProjectWriter;
  let processes: Process[];

  beforeEach(async (context) => {
    skipWithoutRedis(context);
    processes = [];
    [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
    writer = await ProjectWriter.open(database.url);
    await writer.importDefinitions(definitions('first'), { token: 't' });
  });

  afterEach(async () => {
    for (const { registry, shared, router } of processes) {
      registry.close();
      await shared.close();
      await router.close();
    }
    await writer.close();
    await Promise.all([database.drop(), redis.remove()]);
  });

  async function start(url = database.url): Promise<Process> {
    const router = createRouter({ write: url });
    const shared = new SharedDefinitions({
      url: redis.url,
      source: new PostgresStore(router).definitions,
      commandTimeoutMs: 5_000, // the machine may be busy
      onChange: (teamId, revision) => registry.invalidate(teamId, revision),
    });
    const registry = new ProjectRegistry({
      definitions: shared,
      facts: null,
      now: () => started.now,
      sweepEveryMs: 0,
    });
    const started: Process = { registry, shared, router, now: 1_000_000 };
    processes.push(started);
    await waitUntil(() => shared.isUp);
    return started;
  }

  const keys = ({ registry }: Process) => {
    const held = registry.byToken('t');
    return held instanceof CompiledProject ? keysOf(held) : [];
  };

  const change = (key: string) => writer.importDefinitions(definitions(key), { token: 't', removeOthers: true });

  it('a change that one of them notices reaches the other at once', async () => {
    const [one, two] = [await start(), await start()];
    await one.registry.byToken('t');
    await two.registry.byToken('t');
    await change('second');
    one.now += 10_000; // only one of them looks by itself
    keys(one);
    await expect.poll(() => keys(two), { interval: 2, timeout: 5_000 }).toEqual(['second']);
    expect(keys(one)).toEqual(['second']);
    expect(two.registry.inspect('t').origin).toBe('redis');
  });

  it('a process that starts while PostgreSQL is down serves the last definitions that were shared, as stale', async () => {
    const one = await start();
    await one.registry.byToken('t');
    await one.shared.close(); // once what it shares is written
    const cold = await start('postgresql://halyard@127.0.0.1:1/none');
    await cold.registry.byToken('t');
    expect(keys(cold)).toEqual(['first']);
    expect(cold.registry.inspect('t')).toMatchObject({ state: 'stale', origin: 'redis', lastError: 'unavailable' });
  });

  it('Redis killed: changes are still seen, and sharing goes on when it is back', async () => {
    const [one, two] = [await start(), await start()];
    await one.registry.byToken('t');
    await two.registry.byToken('t');
    await redis.kill();
    await change('second');
    one.now += 10_000;
    keys(one);
    await expect.poll(() => keys(one), { interval: 2 }).toEqual(['second']);
    await redis.start();
    await expect.poll(() => one.shared.isUp && two.shared.isUp, { interval: 5, timeout: 5_000 }).toBe(true);
    await change('third');
    one.now += 10_000;
    keys(one);
    await expect.poll(() => keys(two), { interval: 2, timeout: 5_000 }).toEqual(['third']);
  });
});
