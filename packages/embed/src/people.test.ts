import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BatchHost, openBatchHost } from './batch-host.cases.ts';
import { halyard } from './index.ts';

describe('people over text', () => {
  let database: TestDatabase;
  let host: BatchHost;

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await openBatchHost(database.url);
    await ask(
      database.url,
      'insert into posthog_person (id, team_id) values (1, 7), (2, 7), (3, 7), (4, 7), (5, 8)',
      `insert into posthog_persondistinctid (team_id, distinct_id, person_id) values
        (7, 'ada', 1), (7, 'bob', 2), (7, 'bob-again', 2), (7, 'dan "4"', 4), (8, 'eve', 5)`,
    );
  });

  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  const people = async (teamId: number, most: number) =>
    JSON.parse(await host.run('recentPeople', { teamId, most })) as unknown;

  it('are those stored last, the last one first, each by the first of its ids', async () => {
    expect(await people(7, 10)).toEqual(['dan "4"', 'bob', 'ada']);
    expect(await people(8, 10)).toEqual(['eve']);
    expect(await people(9, 10)).toEqual([]);
  });

  it('are as many as are wanted, those without an id among them, who cannot be asked about', async () => {
    expect(await people(7, 2)).toEqual(['dan "4"']);
    expect(await people(7, 0)).toEqual([]);
  });

  it('are of one team that the call has to name', () => {
    expect(halyard.recentPeople('{"most":1}')).toMatch(/^!.*teamId.* must be a number/);
    expect(halyard.recentPeople('{"teamId":7}')).toMatch(/^!.*most.* must be a number/);
    expect(halyard.recentPeople('{"teamId":"7","most":1}')).toMatch(/^!.*teamId.* must be a number/);
  });
});
