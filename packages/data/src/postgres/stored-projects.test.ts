import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProjectWriter } from '../import/project-writer.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import { PostgresStore } from './postgres-store.ts';
import { createRouter, type Router } from './router.ts';

describe('the list of projects', () => {
  let database: TestDatabase;
  let router: Router;
  let store: PostgresStore;
  let writer: ProjectWriter;

  beforeAll(async () => {
    database = await createTestDatabase();
    router = createRouter({ write: database.url });
    store = new PostgresStore(router);
    writer = await ProjectWriter.open(database.url);
  });

  afterAll(async () => {
    await writer.close();
    await router.close();
    await database.drop();
  });

  it('D7: names the projects with their public tokens, oldest first', async () => {
    expect(await store.projects()).toEqual([]);
    const empty = { teamId: 0, flags: [], cohorts: [], groupTypeMapping: {} };
    const first = await writer.importDefinitions(empty, { token: 'phc_b', name: 'First' });
    const second = await writer.importDefinitions(empty, { token: 'phc_a', name: 'Second' });
    expect(await store.projects()).toEqual([
      { teamId: first.teamId, token: 'phc_b', name: 'First' },
      { teamId: second.teamId, token: 'phc_a', name: 'Second' },
    ]);
    expect(await store.projects(1)).toHaveLength(1);
  });
});
