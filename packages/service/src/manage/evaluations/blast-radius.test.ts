import { createTestDatabase, startTcpProxy, type TcpProxy } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from '../managed-service.cases.ts';

describe('whom a condition would let in, of many', () => {
  let proxy: TcpProxy;
  let service: ManagedService;
  let ask: (properties: readonly object[]) => Promise<unknown>;

  beforeAll(async () => {
    const database = await createTestDatabase();
    proxy = await startTcpProxy(database.url);
    service = await startManagedService({ DATABASE_URL: proxy.url }, database);
    const shop = await service.organization('Shop');
    const project = await service.project(shop, 'First');
    const key = await service.key(await service.user('ada@example.com', { [shop]: 15 }));
    // Every fourth one pays, and all of the last 200 do.
    await service.sql(`with stored as (
        insert into posthog_person (team_id, uuid, properties)
        select ${project}, gen_random_uuid(), jsonb_build_object('plan', case when n % 4 = 0 or n > 800 then 'pro' else 'free' end)
        from generate_series(1, 1000) n returning id)
      insert into posthog_persondistinctid (team_id, person_id, distinct_id) select ${project}, id, 'id-' || id from stored`);
    const path = `/api/projects/${project}/feature_flags/user_blast_radius/`;
    ask = async (properties) => (await service.send('POST', path, { key, json: { condition: { properties } } })).body;
  });
  afterAll(async () => {
    await service.stop();
    await proxy.refuse();
  });

  const pays = { key: 'plan', type: 'person', value: ['pro'], operator: 'exact' };

  it('M100: asks each of them while there is time', async () => {
    expect(await ask([pays])).toEqual({ affected: 400, total: 1000, users_affected: 400, total_users: 1000 });
  });

  it('M100: over its time limit answers from those whom it has asked, and says so', { timeout: 120_000 }, async () => {
    proxy.slow(500);
    const estimated = { affected: 250, total: 1000, users_affected: 250, total_users: 1000, estimated: true };
    expect(await ask([pays])).toEqual(estimated);
    // Of everybody nobody has to be asked.
    expect(await ask([])).toMatchObject({ affected: 1000, total: 1000 });
    proxy.slow(0);
    expect(await ask([pays])).toMatchObject({ affected: 400 });
  });
});
