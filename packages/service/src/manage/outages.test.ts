import { createTestDatabase, holdTransaction, startTcpProxy, type TcpProxy, waitUntil } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ManagedService, startManagedService } from './managed-service.cases.ts';

/* What people who manage flags hear while PostgreSQL is away, and what is left of what they did. */

describe('while the database is away', () => {
  let proxy: TcpProxy;
  let service: ManagedService;
  let project: number;
  let key: string;

  beforeAll(async () => {
    const database = await createTestDatabase();
    proxy = await startTcpProxy(database.url);
    service = await startManagedService({ DATABASE_URL: proxy.url }, database);
    const shop = await service.organization('Shop');
    project = await service.project(shop, 'First');
    key = await service.key(await service.user('ada@example.com', { [shop]: 15 }));
  });
  afterAll(async () => {
    await service.stop();
    await proxy.refuse();
  });

  const send = (method: string, path: string, json?: unknown): Promise<Answer> =>
    service.send(method, `/api/projects/${project}${path}`, { key, json });
  const isOn = async (flag: string): Promise<unknown> =>
    (await service.send('POST', '/flags?v=2', { json: { token: `phc_${project}`, distinct_id: 'ann' } })).at(
      'flags',
      flag,
      'enabled',
    );
  const stored = () =>
    service.sql(`select json_build_array((select count(*) from posthog_featureflag), (select count(*) from posthog_activitylog),
      (select count(*) from posthog_tag), (select count(*) from posthog_cohort), (select count(*) from posthog_scheduledchange))::text`);
  const everybody = { groups: [{ rollout_percentage: 100 }] };

  it('M20, M53: every route is 503 and says that nothing was changed, flags are evaluated, and all goes on afterwards', async () => {
    const made = await send('POST', '/feature_flags/', { key: 'before', filters: everybody });
    expect(await isOn('before')).toBe(true);
    const before = await stored();
    await proxy.refuse();
    const plan = { operation: 'update_status', value: false };
    for (const [method, path, json] of [
      ['POST', '/feature_flags/', { key: 'during', tags: ['t'] }],
      ['PATCH', `/feature_flags/${String(made.at('id'))}/`, { active: false }],
      ['POST', '/feature_flags/bulk_delete/', { ids: [made.at('id')] }],
      ['POST', '/cohorts/', { name: 'During', is_static: true }],
      ['POST', '/scheduled_changes/', { record_id: made.at('id'), model_name: 'FeatureFlag', payload: plan }],
      ['GET', '/feature_flags/', undefined],
    ] as const) {
      const { status, body, headers } = await send(method, path, json);
      expect([path, status, headers.get('retry-after')]).toEqual([path, 503, '1']);
      expect(body).toMatchObject({ type: 'server_error', code: 'error', attr: null });
      expect(JSON.stringify(body)).toContain('Nothing was changed');
    }
    const login = await service.send('POST', '/api/login', { json: { email: 'ada@example.com', password: 'x' } });
    expect(login.status).toBe(503);
    expect(await isOn('before')).toBe(true);
    await proxy.accept();
    await waitUntil(async () => (await send('GET', '/feature_flags/')).status === 200);
    expect(await stored()).toEqual(before);
    expect((await send('POST', '/feature_flags/', { key: 'after', filters: everybody })).status).toBe(201);
    expect(await isOn('after')).toBe(true);
  });

  it('M82, M162: of a write that is killed between its checks and its end nothing is left, and the next one finds no lock', async () => {
    const before = await stored();
    // It has checked and written the row and its tags, and comes to its history no further.
    const release = await holdTransaction(service.database.url, 'lock table posthog_activitylog in exclusive mode');
    const body = { key: 'killed', filters: everybody, tags: ['new'] };
    const answer = send('POST', '/feature_flags/', body);
    const waiting = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await waitUntil(async () => (await service.sql(`select pid ${waiting}`)).length > 0);
    await service.sql(`select pg_terminate_backend(pid) ${waiting}`);
    expect((await answer).status).toBe(503);
    await release();
    expect(await stored()).toEqual(before);
    const again = await send('POST', '/feature_flags/', body);
    expect([again.status, again.at('version'), again.at('tags')]).toEqual([201, 1, ['new']]);
    expect((await send('GET', `/feature_flags/${String(again.at('id'))}/activity/`)).at('total_count')).toBe(1);
  });
});
