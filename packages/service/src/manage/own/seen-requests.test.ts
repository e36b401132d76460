import { createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from '../managed-service.cases.ts';

describe('what is known of recent requests', () => {
  let service: ManagedService;
  let database: TestDatabase;
  let shop: string;
  let project: number;
  let ada: number;
  let key: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    service = await startManagedService({}, database);
    shop = await service.organization('Shop');
    project = await service.project(shop, 'First');
    ada = await service.user('ada@example.com', { [shop]: 8 });
    key = await service.key(ada);
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  const own = (what: string, json: unknown, as = key, team = project) =>
    service.send('POST', `/api/halyard/projects/${team}/${what}`, { key: as, json });
  const make = async (name: string, filters: object, team = project): Promise<number> => {
    const json = { key: name, filters };
    const made = await service.send('POST', `/api/projects/${team}/feature_flags/`, { key, json });
    return Number(made.at('id'));
  };
  const flags = (distinctId: string, more: object = {}, team = project) =>
    service.send('POST', '/flags?v=2', { json: { token: `phc_${team}`, distinct_id: distinctId, ...more } });
  const plan = (value: unknown) => ({ key: 'plan', type: 'person', operator: 'exact', value });
  const full = { groups: [{ rollout_percentage: 100 }] };
  const forPlan = (value: unknown) => ({ groups: [{ properties: [plan(value)], rollout_percentage: 100 }] });

  it('M182, M195: says who flips among recent requests, with dependents, and keeps one request a subject', async () => {
    const id = await make('flipped', forPlan('pro'));
    const target = { key: String(id), type: 'flag', operator: 'flag_evaluates_to', value: true };
    await make('behind', { groups: [{ properties: [target], rollout_percentage: 100 }] });
    const empty = await own('impact', { flag: id, draft: { filters: full } });
    expect(empty.body).toMatchObject({ sample: { state: 'empty', requests: 0, since: null }, transitions: [] });
    for (const [who, value] of [
      ['ann', 'free'],
      ['bob', 'pro'],
      ['ann', 'free'],
      ['cid', 'free'],
    ] as const) {
      await flags(who, { person_properties: { plan: value, secret: 'x' } });
    }
    const { body } = await own('impact', { flag: id, draft: { filters: full } });
    expect(body).toEqual({
      sample: {
        state: 'young',
        requests: 4,
        subjects: 3,
        since: expect.stringMatching(/^\d{4}-/) as string,
        compared: 3,
      },
      transitions: [{ from: false, to: true, subjects: 2, examples: ['cid', 'ann'] }],
      unchanged: 1,
      failed: 0,
      dependents: [{ key: 'behind', subjects: 2 }],
      persons: { affected: 0, total: 0, estimated: false },
    });
    const off = await own('impact', { flag: id, draft: { active: false, filters: forPlan('pro') } });
    expect(off.at('errors', 0, 'detail') ?? off.at('detail')).toContain('behind');
    const fresh = await own('impact', {
      draft: {
        key: 'fresh',
        filters: { ...full, multivariate: { variants: [{ key: 'a', rollout_percentage: 100 }] } },
      },
    });
    expect(fresh.body).toMatchObject({ transitions: [{ from: false, to: 'a', subjects: 3 }], dependents: [] });
  });

  it('M182: what is stored of people is loaded now, and stored persons are counted', async () => {
    const team = await service.project(shop, 'Stored');
    await service.sql(`with p as (insert into posthog_person (team_id, uuid, properties)
      select ${team}, gen_random_uuid(), json_build_object('plan', v)::jsonb from unnest(array['pro', 'free', 'free']) v returning id, team_id)
      insert into posthog_persondistinctid (team_id, person_id, distinct_id) select team_id, id, 'p' || row_number() over (order by id) from p`);
    const id = await make('stored', forPlan('free'), team);
    await flags('p1', {}, team);
    const draft = { filters: forPlan('pro') };
    const { body } = await own('impact', { flag: id, draft }, key, team);
    expect(body).toMatchObject({
      transitions: [{ from: false, to: true, subjects: 1, examples: ['p1'] }],
      persons: { affected: 3, total: 3, estimated: false },
    });
    await service.sql('alter table posthog_persondistinctid rename to away');
    const lost = await own('impact', { flag: id, draft }, key, team);
    await service.sql('alter table away rename to posthog_persondistinctid');
    expect(lost.body).toMatchObject({ failed: 1, transitions: [], unchanged: 0, persons: null });
  });

  it('M182, M14, M4: ids are for those who may read persons; drafts that cannot be written are refused', async () => {
    const reader = await service.key(ada, { scopes: ['feature_flag:read'] });
    const draft = { filters: full };
    expect((await own('impact', { flag: 'flipped', draft }, reader)).at('transitions', 0)).toEqual({
      from: false,
      to: true,
      subjects: 2,
      examples: [],
    });
    expect((await own('impact', { flag: 'flipped' })).body).toMatchObject({ attr: 'draft' });
    expect((await own('impact', { flag: 'none', draft })).status).toBe(404);
    expect((await own('impact', { draft: { key: 'a b' } })).body).toMatchObject({ attr: 'key' });
    const cohorts = await service.key(ada, { scopes: ['cohort:read'] });
    expect((await own('impact', { flag: 'flipped', draft }, cohorts)).status).toBe(403);
  });

  it('K14: a property that requests send is not called unknown', async () => {
    await flags('ann', { person_properties: { beta: true } });
    const draft = { key: 'beta', filters: { groups: [{ properties: [{ ...plan(['true']), key: 'beta' }] }] } };
    expect((await own('check', { draft })).at('warnings')).toEqual([]);
  });

  it('M183, M193, M194, M87: counts evaluations by flag, value and hour for 90 days, and notes the last call', async () => {
    const id = await make('counted', forPlan('pro'));
    const before = await service.sql('select version from posthog_featureflag where id = ' + id);
    await service.sql(`insert into halyard_flag_traffic
      values (${project}, ${id}, now() - interval '91 days', 'true', 1), (${project}, ${id}, now() - interval '89 days', 'true', 1)`);
    for (const value of ['pro', 'pro', 'free']) await flags('ann', { person_properties: { plan: value } });
    await flags('ann', { disable_flags: true });
    const get = (query: string, as = key) => service.get(`/api/halyard/projects/${project}/traffic?${query}`, as);
    const { body } = await get('flags=counted,flipped&hours=2');
    const hours = (count: number) => [{ hour: expect.stringMatching(/:00:00Z$/) as string, count }];
    const value = (name: string, count: number) =>
      expect.objectContaining({ value: name, count, hours: hours(count) }) as object;
    expect(body).toMatchObject({
      counted: true,
      flags: expect.arrayContaining([{ flag: id, values: [value('false', 1), value('true', 2)] }]) as object,
    });
    // By days, whole ones, today's among them: what sparklines of a list are made of, in one request.
    await service.sql(`insert into halyard_flag_traffic
      values (${project}, ${id}, date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - interval '2 days', 'true', 4),
        (${project}, ${id}, date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - interval '47 hours', 'true', 3),
        (${project}, ${id}, date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - interval '49 hours', 'true', 9)`);
    const byDay = await get('flags=counted&hours=72&by=day');
    const day = (ago: number) => `${new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`;
    expect(byDay.at('flags', 0, 'values', 1, 'hours')).toEqual([
      { hour: day(2), count: 7 },
      { hour: day(0), count: 2 },
    ]);
    await service.sql(`delete from halyard_flag_traffic where flag_id = ${id} and count in (3, 4, 9)`);
    expect((await get('by=week')).body).toMatchObject({ attr: 'by' });
    const days = `select distinct date_part('day', now() - hour)::int as d from halyard_flag_traffic where flag_id = ${id} order by d`;
    expect(await service.sql(days)).toEqual([0, 89]);
    const flag = await service.get(`/api/projects/${project}/feature_flags/${id}/`, key);
    expect(Date.parse(String(flag.at('last_called_at')))).toBeGreaterThan(Date.now() - 60_000);
    expect(await service.sql('select version from posthog_featureflag where id = ' + id)).toEqual(before);
    await service.sql(`update posthog_featureflag set last_called_at = now() - interval '31 days' where id = ${id}`);
    const status = await service.get(`/api/projects/${project}/feature_flags/${id}/status/`, key);
    expect(status.body).toMatchObject({ status: 'stale' });
    expect((await get('hours=0')).body).toMatchObject({ attr: 'hours' });
    expect((await get('hours=x')).status).toBe(400);
    expect((await get('flags=none')).status).toBe(404);
    expect((await get('', 'phx_none')).status).toBe(401);
  });

  it('M194, M195: what was counted is written at the end; settings turn counting and remembering off', async () => {
    const id = await make('last', full);
    await flags('ann');
    await service.stop();
    const rows = `select count::int from halyard_flag_traffic where flag_id = ${id}`;
    service = await startManagedService({ HALYARD_FLAG_TRAFFIC: 'false', HALYARD_RECENT_REQUESTS: 'false' }, database);
    expect(await service.sql(rows)).toEqual([1]);
    await flags('ann');
    expect((await service.get(`/api/halyard/projects/${project}/traffic`, key)).body).toEqual({
      counted: false,
      flags: [],
    });
    const impact = await own('impact', { flag: id, draft: { filters: { groups: [] } } });
    expect(impact.body).toMatchObject({ sample: { state: 'off', subjects: 0 }, transitions: [] });
  });
});
