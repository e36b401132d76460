import { createRouter, PostgresStore, ProjectWriter } from '@halyard/data';
import {
  createTestDatabase,
  skipWithoutPgBouncer,
  startPgBouncer,
  type TestDatabase,
  type TestPgBouncer,
} from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CompiledProject } from '../compiled-project.ts';
import { followChanges } from './follow-changes.ts';
import { ProjectRegistry } from './project-registry.ts';
import { definitions, keysOf } from './registry-fixture.cases.ts';

describe('notices by way of PgBouncer', () => {
  let database: TestDatabase;
  let pooler: TestPgBouncer;
  let writer: ProjectWriter;
  const closers: (() => unknown)[] = [];

  beforeEach(async (context) => {
    skipWithoutPgBouncer(context);
    database = await createTestDatabase();
    writer = await ProjectWriter.open(database.url);
    await writer.importDefinitions(definitions('first'), { token: 't' });
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await writer.close();
    await database.drop();
  });

  /** A registry that has tried out whether notices arrive. */
  async function open(mode: 'transaction' | 'session'): Promise<ProjectRegistry> {
    pooler = await startPgBouncer(database.url, { pool_mode: mode, default_pool_size: 4 });
    closers.push(() => pooler.stop());
    const router = createRouter({ write: pooler.url });
    closers.push(router.close);
    const store = new PostgresStore(router);
    const registry = new ProjectRegistry({ definitions: store.definitions, facts: null, now: Date.now });
    closers.push(() => registry.close());
    let sent = 0;
    const notices = followChanges(registry, {
      url: pooler.url,
      async sendNotice(text) {
        const announces = await store.sendNotice(text);
        sent++;
        return announces;
      },
      onError: () => undefined,
    });
    closers.push(() => notices.close());
    await registry.byToken('t');
    await expect.poll(() => sent, { interval: 5, timeout: 5_000 }).toBeGreaterThan(0);
    return registry;
  }

  const keys = (registry: ProjectRegistry) => {
    const held = registry.byToken('t');
    return held instanceof CompiledProject ? keysOf(held) : [];
  };

  it('in transaction mode are swallowed: they are not believed in, and changes are seen by looking', async () => {
    const registry = await open('transaction');
    for (const key of ['second', 'third']) {
      await writer.importDefinitions(definitions(key), { token: 't', removeOthers: true });
      await expect.poll(() => keys(registry), { interval: 20, timeout: 4_000 }).toEqual([key]);
    }
    expect(registry.metrics().listening).toBe(false);
  });

  it('in session mode come through, and are believed in', async () => {
    const registry = await open('session');
    await expect.poll(() => registry.metrics().listening, { interval: 5, timeout: 5_000 }).toBe(true);
    await writer.importDefinitions(definitions('second'), { token: 't', removeOthers: true });
    await expect.poll(() => keys(registry), { interval: 5, timeout: 1_000 }).toEqual(['second']);
  });
});
