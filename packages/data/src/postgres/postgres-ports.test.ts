import { afterAll, beforeAll } from 'vitest';
import { ProjectWriter } from '../import/project-writer.ts';
import { describePorts } from '../ports.cases.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import { PostgresStore } from './postgres-store.ts';
import { createRouter, type Router } from './router.ts';

let database: TestDatabase;
let router: Router;
let writer: ProjectWriter;
let projects = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  router = createRouter({ write: database.url });
  writer = await ProjectWriter.open(database.url);
});

afterAll(async () => {
  await writer.close();
  await router.close();
  await database.drop();
});

describePorts('postgres', async (definitions, facts) => {
  projects += 1;
  const token = `token-${projects}`;
  const { teamId } = await writer.importDefinitions({ ...definitions, teamId: 0 }, { token });
  await writer.writeFacts(teamId, facts);
  const onError = (error: unknown) => {
    throw error;
  };
  const { definitions: stored, facts: loaded } = new PostgresStore({ ...router, onError });
  return {
    facts: loaded,
    definitions: stored,
    teamId,
    token,
  };
});
