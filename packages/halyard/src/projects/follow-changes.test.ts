import { createRouter, PostgresStore, ProjectWriter, type Router } from '@halyard/data';
import { createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CompiledProject } from '../compiled-project.ts';
import { followChanges } from './follow-changes.ts';
import { ProjectRegistry } from './project-registry.ts';
import { definitions, keysOf } from './registry-fixture.cases.ts';

describe('definitions in a real database', () => {
  let database: TestDatabase;
  let writer: ProjectWriter;
  let router: Router;
  let registry: ProjectRegistry;
  let notices: { close(): Promise<void> };
  let errors: unknown[];

  beforeEach(async () => {
    database = await createTestDatabase();
    writer = await ProjectWriter.open(database.url);
    await writer.importDefinitions(definitions('first'), { token: 't' });
    errors = [];
  });

  afterEach(async () => {
    registry.close();
    await notices.close();
    await router.close();
    await writer.close();
    await database.drop();
  });

  /** Opens the registry and waits until it knows whether notices arrive. */
  async function open(announced: boolean): Promise<void> {
    const onError = (error: unknown) => errors.push(error);
    router = createRouter({ write: database.url });
    const source = new PostgresStore({ ...router, onError });
    registry = new ProjectRegistry({
      definitions: source.definitions,
      facts: null,
      now: Date.now,
      onStoreFailure: onError,
    });
    let sent = 0;
    notices = followChanges(registry, {
      url: database.url,
      sendNotice: async (text) => {
        const announces = await source.sendNotice(text);
        sent++;
        return announces;
      },
      onError,
    });
    await registry.byToken('t');
    await expect.poll(() => sent, { interval: 2 }).toBe(1);
    await expect.poll(() => registry.metrics().listening, { interval: 2 }).toBe(announced);
    await expect.poll(() => registry.inspect('t').state, { interval: 2 }).toBe('fresh');
  }

  const keys = () => {
    const held = registry.byToken('t');
    return held instanceof CompiledProject ? keysOf(held) : [];
  };

  /** Milliseconds from the commit of a change until a request sees it. */
  async function changeTakes(key: string): Promise<number> {
    await writer.importDefinitions(definitions(key), { token: 't', removeOthers: true });
    const committed = performance.now();
    await expect.poll(() => keys().includes(key), { interval: 1, timeout: 10_000 }).toBe(true);
    return performance.now() - committed;
  }

  it('a change is seen within a second of its commit', async () => {
    await open(true);
    const times: number[] = [];
    for (let i = 0; i < 20; i++) times.push(await changeTakes(`change-${i}`));
    expect(Math.max(...times)).toBeLessThan(1_000);
    expect(errors).toEqual([]);
  });

  it('a change is seen within three seconds where the schema announces none', async () => {
    await dropTriggers(database.url);
    await open(false);
    expect(await changeTakes('polled')).toBeLessThan(3_000);
  });

  it('a new project is found within two seconds of having been unknown', async () => {
    await open(true);
    expect(await registry.byToken('new')).toBeNull();
    await writer.importDefinitions(definitions('late', 2), { token: 'new' });
    const created = performance.now();
    await expect
      .poll(async () => (await registry.byToken('new')) !== null, { interval: 5, timeout: 10_000 })
      .toBe(true);
    expect(performance.now() - created).toBeLessThan(2_000);
  });
});

/** As in a PostHog database, where nothing of ours is installed. */
async function dropTriggers(url: string): Promise<void> {
  const router = createRouter({ write: url });
  for (const table of ['posthog_featureflag', 'posthog_cohort', 'posthog_team']) {
    await router.mainWriter.query({ text: `drop trigger halyard_definitions on ${table}`, values: [] });
  }
  await router.close();
}
