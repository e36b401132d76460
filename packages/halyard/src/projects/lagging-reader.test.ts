import { createRouter, PostgresStore, ProjectWriter, type Router } from '@halyard/data';
import { startReplica, startTcpProxy, type TcpProxy, waitUntil } from '@halyard/data/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CompiledProject } from '../compiled-project.ts';
import { followChanges } from './follow-changes.ts';
import { ProjectRegistry } from './project-registry.ts';
import { definitions, keysOf } from './registry-fixture.cases.ts';

/** So late that no test sees it. */
const farBehindMs = 3_600_000;

describe('definitions while the reader lags by an hour', () => {
  let servers: Awaited<ReturnType<typeof startReplica>>;
  let writer: ProjectWriter;
  let toPrimary: TcpProxy;
  let router: Router;
  let registry: ProjectRegistry;
  let notices: { close(): Promise<void> };
  let now: number;
  let tokens = 0;

  beforeAll(async () => {
    servers = await startReplica();
    writer = await ProjectWriter.open(servers.primary);
  });

  afterAll(async () => {
    await writer.close();
    await servers.stop();
  });

  beforeEach(async () => {
    now = 1_000_000;
    tokens++;
    await servers.delay(0);
    await change('first');
    await servers.caughtUp();
    await servers.delay(farBehindMs);
    toPrimary = await startTcpProxy(servers.primary);
    router = createRouter({ write: toPrimary.url, read: servers.replica });
    const source = new PostgresStore(router);
    registry = new ProjectRegistry({ definitions: source.definitions, facts: null, now: () => now, sweepEveryMs: 0 });
    notices = followChanges(registry, {
      url: toPrimary.url,
      sendNotice: (text) => source.sendNotice(text),
      onError: () => undefined,
    });
    await registry.byToken(token());
    await waitUntil(() => registry.metrics().listening && state() === 'fresh');
  });

  afterEach(async () => {
    registry.close();
    await notices.close();
    await router.close();
    await toPrimary.refuse();
  });

  const token = () => `token-${tokens}`;
  const change = (key: string) =>
    writer.importDefinitions(definitions(key, tokens), { token: token(), removeOthers: true });
  const keys = () => {
    const held = registry.byToken(token());
    return held instanceof CompiledProject ? keysOf(held) : [];
  };
  const state = () => registry.inspect(token()).state;

  it('an announced change is seen within a second', async () => {
    await change('second');
    const committed = performance.now();
    await expect.poll(keys, { interval: 2, timeout: 5_000 }).toEqual(['second']);
    expect(performance.now() - committed).toBeLessThan(1_000);
  });

  it('looks at the reader do not take a change back', async () => {
    await change('second');
    await expect.poll(keys, { interval: 2, timeout: 5_000 }).toEqual(['second']);
    await expect.poll(state, { interval: 5, timeout: 5_000 }).toBe('fresh');
    for (let i = 0; i < 3; i++) {
      now += 40_000;
      keys();
      expect(registry.inspect(token()).state).toBe('checking');
      await expect.poll(state, { interval: 5, timeout: 5_000 }).toBe('fresh');
      expect(keys()).toEqual(['second']);
    }
  });

  it('looks at the reader do not take a change back while the writer is gone', async () => {
    await change('second');
    await expect.poll(keys, { interval: 2, timeout: 5_000 }).toEqual(['second']);
    await expect.poll(state, { interval: 5, timeout: 5_000 }).toBe('fresh');
    await toPrimary.refuse();
    await expect.poll(() => registry.metrics().listening, { interval: 5, timeout: 5_000 }).toBe(false);
    now += 40_000;
    keys();
    await expect.poll(state, { interval: 5, timeout: 5_000 }).toBe('stale');
    expect(keys()).toEqual(['second']);
    expect(registry.inspect(token()).lastError).toBe('unavailable');
    await toPrimary.accept();
    await expect.poll(() => registry.metrics().listening, { interval: 5, timeout: 10_000 }).toBe(true);
    await expect.poll(state, { interval: 5, timeout: 5_000 }).toBe('fresh');
    expect(keys()).toEqual(['second']);
  });

  it('a change that was missed while nobody listened is seen when listening begins again', async () => {
    await toPrimary.refuse();
    await expect.poll(() => registry.metrics().listening, { interval: 5, timeout: 5_000 }).toBe(false);
    await change('missed');
    await toPrimary.accept();
    await expect.poll(keys, { interval: 5, timeout: 10_000 }).toEqual(['missed']);
  });

  it('a project that was just created is found', async () => {
    expect(await registry.byToken('created')).toBeNull();
    await writer.importDefinitions(definitions('new', 1_000 + tokens), { token: 'created' });
    await expect
      .poll(
        async () => {
          now += 500;
          return (await registry.byToken('created'))?.program.flags.length ?? 0;
        },
        { interval: 20, timeout: 5_000 },
      )
      .toBe(1);
  });
});
