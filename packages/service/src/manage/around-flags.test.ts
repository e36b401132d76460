import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from './managed-service.cases.ts';

const uuid = '0190b3a0-0000-7000-8000-00000000000a';

describe('what is around flags, over HTTP', () => {
  let service: ManagedService;
  let key: string;
  let root: string;
  let ada: number;

  beforeAll(async () => {
    // So long that a busy machine counts everybody.
    service = await startManagedService({}, undefined, { sampleAfterMs: 60_000 });
    const shop = await service.organization('Shop');
    const project = await service.project(shop, 'First');
    ada = await service.user('ada@example.com', { [shop]: 8 });
    key = await service.key(ada);
    root = `/api/projects/${project}`;
    await service.sql(`with p as (insert into posthog_person (team_id, uuid, properties)
      values (${project}, '${uuid}', '{"email": "ann@example.com", "plan": "pro", "secret": "x"}') returning id, team_id)
      insert into posthog_persondistinctid (team_id, person_id, distinct_id) select team_id, id, 'ann' from p`);
    await service.sql(`insert into posthog_grouptypemapping (team_id, project_id, group_type, group_type_index)
      values (${project}, ${project}, 'company', 0)`);
    await service.sql(`insert into posthog_group (team_id, group_type_index, group_key, group_properties)
      values (${project}, 0, 'acme', '{"name": "Acme Inc"}'), (${project}, 0, 'bolt', '{}')`);
  });
  afterAll(() => service.stop());

  const get = (path: string) => service.get(`${root}${path}`, key);
  const send = (method: string, path: string, json?: unknown) => service.send(method, `${root}${path}`, { key, json });
  const upload = (method: string, path: string, csv: string, fields: Record<string, string> = {}) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('csv', new Blob([csv], { type: 'text/csv' }), 'people.csv');
    return service.send(method, `${root}${path}`, { key, raw: form });
  };
  const pro = { key: 'plan', type: 'person', operator: 'exact', value: ['pro'] };

  it('M105, M109, M22: cohorts are made, listed, changed and deleted by a change', async () => {
    const filters = { properties: { type: 'OR', values: [pro] } };
    const made = await send('POST', '/cohorts/', { name: 'Pro', filters });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'Pro', filters, groups: [], count: null });
    const id = Number(made.at('id'));
    expect((await get(`/cohorts/${id}/`)).body).toEqual(made.body);
    const basic = await get('/cohorts/?basic=true');
    expect(basic.body).toMatchObject({ count: 1, results: [{ id, name: 'Pro' }] });
    for (const left of ['filters', 'groups', 'query']) expect(basic.at('results', 0)).not.toHaveProperty(left);
    expect((await send('PATCH', `/cohorts/${id}/`, { name: 'Paying' })).body).toMatchObject({ name: 'Paying' });
    expect((await get(`/cohorts/${id}/activity/`)).body).toMatchObject({ total_count: 2 });
    expect((await get(`/cohorts/${id}/used_in/`)).body).toMatchObject({ feature_flags: { total: 0 } });
    const removed = await send('DELETE', `/cohorts/${id}/`);
    expect([removed.status, removed.body]).toEqual([405, null]);
    expect((await send('PATCH', `/cohorts/${id}/`, { deleted: true })).body).toMatchObject({ deleted: true });
    expect((await get('/cohorts/x/')).status).toBe(404);
  });

  it('M110, M111, M112, M113, M53: a list of people is uploaded, and flags ask it at once', async () => {
    const made = await upload('POST', '/cohorts/', 'ann\nnobody\n', { name: 'Uploaded', is_static: 'true' });
    expect([made.status, made.at('count'), made.at('unknown_people')]).toEqual([201, 1, 1]);
    const id = Number(made.at('id'));
    expect((await upload('PATCH', `/cohorts/${id}/`, 'email\nann@example.com')).body).toMatchObject({ count: 1 });
    expect((await upload('PATCH', `/cohorts/${id}/`, '')).body).toMatchObject({ attr: 'csv' });
    expect((await get(`/cohorts/${id}/persons/`)).body).toMatchObject({ results: [{ uuid }], next: null });
    const filters = { groups: [{ properties: [{ type: 'cohort', key: 'id', operator: 'in', value: id }] }] };
    expect((await send('POST', '/feature_flags/', { key: 'members', filters })).status).toBe(201);
    const asked = await send('POST', '/feature_flags/members/test_evaluation/', { distinct_id: 'ann' });
    expect(asked.body).toMatchObject({ result: true, reason: 'condition_match' });
    const gone = await send('PATCH', `/cohorts/${id}/remove_person_from_static_cohort/`, { person_id: uuid });
    expect(gone.body).toEqual({ success: true });
    const later = await send('POST', '/feature_flags/members/test_evaluation/', { distinct_id: 'ann' });
    expect(later.body).toMatchObject({ result: false, reason: 'no_condition_match' });
    const back = await send('PATCH', `/cohorts/${id}/add_persons_to_static_cohort/`, { person_ids: [uuid] });
    expect(back.body).toEqual({ success: true });
  });

  it('M120, M121, M122: groups and persons can be read', async () => {
    expect((await get('/groups_types/')).body).toEqual([
      { group_type: 'company', group_type_index: 0, name_singular: null, name_plural: null },
    ]);
    expect((await get('/groups/?group_type_index=0&search=inc')).body).toMatchObject({
      results: [{ group_key: 'acme' }],
    });
    const page = await get('/groups/?group_type_index=0&limit=1');
    expect(page.body).toMatchObject({
      results: [{ group_key: 'bolt' }],
      next: expect.stringContaining('offset=1') as string,
    });
    expect((await get('/groups/')).body).toMatchObject({ attr: 'group_type_index' });
    const person = { uuid, name: 'ann@example.com', distinct_ids: ['ann'] };
    expect((await get('/persons/?distinct_id=ann')).body).toMatchObject({ results: [person] });
    expect((await get('/persons/?search=ANN@')).body).toMatchObject({ results: [person], next: null });
    expect((await get('/persons/?distinct_id=an')).body).toMatchObject({ results: [] });
    expect((await get(`/persons/${uuid}/`)).body).toMatchObject(person);
    expect((await get('/persons/x/')).status).toBe(404);
  });

  it('M135, M138: changes are planned, changed and taken back', async () => {
    const flag = await send('POST', '/feature_flags/', { key: 'planned' });
    const body = {
      record_id: flag.at('id'),
      model_name: 'FeatureFlag',
      payload: { operation: 'update_status', value: false },
      scheduled_at: '2999-01-01T00:00:00Z',
    };
    const made = await send('POST', '/scheduled_changes/', body);
    expect(made.status).toBe(201);
    const id = String(made.at('id'));
    expect((await get(`/scheduled_changes/?record_id=${String(flag.at('id'))}`)).body).toMatchObject({ count: 1 });
    expect((await get('/scheduled_changes/?model_name=Other')).body).toMatchObject({ count: 0 });
    const later = await send('PATCH', `/scheduled_changes/${id}/`, { scheduled_at: '2999-02-01T00:00:00Z' });
    expect(later.body).toMatchObject({ scheduled_at: '2999-02-01T00:00:00.000000Z' });
    const removed = await send('DELETE', `/scheduled_changes/${id}/`);
    expect([removed.status, removed.body]).toEqual([204, null]);
    expect((await get(`/scheduled_changes/${id}/`)).status).toBe(404);
  });

  it('M90: a flag is tested for somebody, condition by condition', async () => {
    const filters = {
      groups: [
        { properties: [{ ...pro, value: ['free'] }], rollout_percentage: 100 },
        { properties: [pro], rollout_percentage: 100 },
      ],
      payloads: { true: '{"columns":2}' },
    };
    const flag = await send('POST', '/feature_flags/', { key: 'tested', filters, evaluation_runtime: 'client' });
    const id = String(flag.at('id'));
    const test = (json: object, path = id) => send('POST', `/feature_flags/${path}/test_evaluation/`, json);
    expect((await test({ distinct_id: 'ann' })).body).toEqual({
      flag_key: 'tested',
      result: true,
      reason: 'condition_match',
      reason_description: 'Matched condition set 2',
      condition_index: 1,
      payload: '{"columns":2}',
      person_properties: { plan: 'pro' },
      evaluation_distinct_id: 'ann',
      conditions: [
        expect.objectContaining({ index: 0, matched: false, properties_matched: false }) as object,
        {
          index: 1,
          matched: true,
          properties_matched: true,
          explanation: expect.any(String) as string,
          rollout_percentage: 100,
          rollout_excluded: false,
          variant: null,
          properties: [
            {
              key: 'plan',
              operator: 'exact',
              value: ['pro'],
              type: 'person',
              actual_value: 'pro',
              matched: true,
              explanation: expect.any(String) as string,
            },
          ],
        },
      ],
    });
    expect((await test({ person_id: uuid })).body).toMatchObject({ result: true, evaluation_distinct_id: null });
    expect((await test({ distinct_id: 'nobody' })).body).toMatchObject({ result: false, person_properties: {} });
    expect((await test({ person_id: '0190b3a0-0000-7000-8000-0000000000ff' })).status).toBe(404);
    for (const json of [
      {},
      { distinct_id: 'a', person_id: uuid },
      { distinct_id: {} },
      { distinct_id: 'a', groups: [] },
    ]) {
      expect((await test(json)).status).toBe(400);
    }
    await send('POST', `/feature_flags/${id}/disable/`);
    expect((await test({ distinct_id: 'ann' })).body).toMatchObject({
      result: false,
      reason: 'disabled',
      conditions: [],
    });
  });

  it('M90, M165: a flag is tested as it was, where that needs nothing of what was stored of people', async () => {
    /** A moment that nothing else has. */
    const moment = async () => {
      await setTimeout(2);
      const now = new Date().toISOString();
      await setTimeout(2);
      return now;
    };
    const filters = (share: number, ...properties: object[]) => ({
      groups: [{ properties, rollout_percentage: share }],
    });
    const before = await moment();
    const base = await send('POST', '/feature_flags/', { key: 'then', filters: filters(0) });
    const flag = String(base.at('id'));
    const off = await moment();
    await send('PATCH', `/feature_flags/${flag}/`, { filters: filters(100), key: 'now' });
    const asking = { key: flag, type: 'flag', operator: 'flag_evaluates_to', value: true };
    const above = await send('POST', '/feature_flags/', { key: 'above', filters: filters(100, asking) });
    const on = await moment();
    await send('PATCH', `/feature_flags/${flag}/`, { filters: filters(100, pro) });
    const test = (id: unknown, timestamp: unknown, more: object = { distinct_id: 'ann' }) =>
      send('POST', `/feature_flags/${String(id)}/test_evaluation/`, { timestamp, ...more });
    for (let asked = 0; asked < 2; asked += 1) {
      expect((await test(flag, off)).body).toMatchObject({
        flag_key: 'then',
        result: false,
        reason: 'out_of_rollout_bound',
      });
      expect((await test(flag, on)).body).toMatchObject({ flag_key: 'now', result: true, person_properties: {} });
    }
    // What it asks about is as it was, too.
    expect((await test(above.at('id'), on)).body).toMatchObject({ flag_key: 'above', result: true });
    const refused = async (...args: Parameters<typeof test>) => {
      const { status, at } = await test(...args);
      return [status, at('code'), at('attr')];
    };
    expect(await refused(flag, await moment())).toEqual([400, 'unsupported', 'timestamp']);
    expect(await refused(above.at('id'), await moment())).toEqual([400, 'unsupported', 'timestamp']);
    expect(await refused(flag, on, { person_id: uuid })).toEqual([400, 'unsupported', 'timestamp']);
    expect(await refused(flag, before)).toEqual([400, 'invalid_input', 'timestamp']);
    expect(await refused(flag, '2999-01-01')).toEqual([400, 'invalid_input', 'timestamp']);
    expect(await refused(flag, 'yesterday')).toEqual([400, 'invalid_input', 'timestamp']);
    // What somebody kept from before they were known is stored of people, too.
    const kept = await send('POST', '/feature_flags/', {
      key: 'kept',
      filters: filters(50),
      ensure_experience_continuity: true,
    });
    expect(await refused(kept.at('id'), await moment())).toEqual([400, 'unsupported', 'timestamp']);
    // Whoever writes rows without history leaves a gap, which is not guessed over.
    await service.sql(
      `update posthog_featureflag set updated_at = now() + interval '1 hour', version = version + 1 where id = ${flag}`,
    );
    expect((await test(flag, on)).status).toBe(422);
  });

  it('M91, M92: flags for the caller, and why flags are as they are for somebody', async () => {
    await send('POST', '/feature_flags/', { key: 'all', filters: { groups: [{}] }, evaluation_runtime: 'server' });
    await send('POST', '/feature_flags/', { key: 'off', filters: { groups: [{}] }, active: false });
    const mine = await get('/feature_flags/my_flags/?flag_keys=["all","off"]');
    expect(mine.body).toMatchObject([
      { feature_flag: { key: 'off', active: false }, value: false },
      { feature_flag: { key: 'all', filters: { groups: [{}] } }, value: true },
    ]);
    const repeated = await get('/feature_flags/my_flags/?flag_keys=all&flag_keys=off&groups={"company":"acme"}');
    expect(repeated.body).toHaveLength(2);
    expect((await get('/feature_flags/my_flags/?groups=x')).body).toMatchObject({ attr: 'groups' });
    const reasons = await get('/feature_flags/evaluation_reasons/?distinct_id=ann&flag_keys=["all","off"]');
    expect(reasons.body).toEqual({
      all: {
        value: true,
        evaluation: { reason: 'condition_match', condition_index: 0, description: 'Matched condition set 1' },
      },
      off: { value: false, evaluation: { reason: 'disabled', condition_index: null, description: null } },
    });
    expect((await get('/feature_flags/evaluation_reasons/')).body).toMatchObject({
      code: 'required',
      attr: 'distinct_id',
    });
  });

  it('M92: says so when what is stored of somebody cannot be read', async () => {
    const filters = { groups: [{ properties: [pro] }] };
    await send('POST', '/feature_flags/', { key: 'stored', filters });
    const ask = () => get('/feature_flags/evaluation_reasons/?distinct_id=ann&flag_keys=["stored"]');
    expect((await ask()).body).toMatchObject({ stored: { value: true } });
    await service.sql('alter table posthog_persondistinctid rename to away');
    try {
      const { status, body } = await ask();
      expect([status, Object.keys(body as object)]).toEqual([503, ['error']]);
    } finally {
      await service.sql('alter table away rename to posthog_persondistinctid');
    }
    expect((await ask()).status).toBe(200);
  });

  it('M100: whom a condition would let in', async () => {
    const ask = (json: object) => send('POST', '/feature_flags/user_blast_radius/', json);
    const people = (...properties: object[]) => ask({ condition: { properties, rollout_percentage: 1 } });
    expect((await people(pro)).body).toEqual({ affected: 1, total: 1, users_affected: 1, total_users: 1 });
    expect((await people({ ...pro, value: ['free'] })).body).toMatchObject({ affected: 0, total: 1 });
    expect((await people()).body).toMatchObject({ affected: 1, total: 1 });
    const inc = { key: 'name', type: 'group', group_type_index: 0, operator: 'icontains', value: 'inc' };
    const groups = await ask({ condition: { properties: [inc] }, group_type_index: 0 });
    expect(groups.body).toMatchObject({ affected: 1, total: 2 });
    expect((await ask({})).body).toMatchObject({ code: 'required', attr: 'condition' });
    expect((await people({ ...pro, operator: 'regex', value: '(' })).status).toBe(400);
    expect((await ask({ condition: {}, group_type_index: 'x' })).status).toBe(400);
  });

  it('M100, M182: over its time, whom it would let in is estimated from people from all over the project', async () => {
    const crowd = await service.organization('Crowd');
    const crowded = await service.project(crowd, 'Crowd');
    const people = 3_000;
    // Those who came first are the ones who pay: asking these alone would tell that everybody does.
    await service.sql(`with p as (insert into posthog_person (team_id, uuid, properties)
        select ${crowded}, gen_random_uuid(), jsonb_build_object('plan', case when n <= 1000 then 'pro' else 'free' end)
          from generate_series(1, ${people}) n returning id, team_id)
      insert into posthog_persondistinctid (team_id, person_id, distinct_id) select team_id, id, 'p' || id from p`);
    await service.sql(`insert into posthog_grouptypemapping (team_id, project_id, group_type, group_type_index)
      values (${crowded}, ${crowded}, 'company', 0)`);
    await service.sql(`insert into posthog_group (team_id, group_type_index, group_key, group_properties)
      select ${crowded}, 0, 'g' || n, jsonb_build_object('plan', case when n <= 1000 then 'pro' else 'free' end)
        from generate_series(1, ${people}) n`);
    const owner = await service.key(await service.user('crowd@example.com', { [crowd]: 8 }));
    const hasty = await startManagedService({}, service.database, { sampleAfterMs: 0 });
    try {
      const grouped = { ...pro, type: 'group', group_type_index: 0 };
      for (const [filter, index] of [
        [pro, null],
        [grouped, 0],
      ] as const) {
        const json = { condition: { properties: [filter] }, group_type_index: index };
        const ask = async (of: ManagedService) =>
          (await of.send('POST', `/api/projects/${crowded}/feature_flags/user_blast_radius/`, { key: owner, json }))
            .body;
        const patient = await ask(service);
        expect(patient).toEqual({ affected: 1_000, total: people, users_affected: 1_000, total_users: people });
        const estimate = (await ask(hasty)) as { affected: number };
        expect(estimate).toMatchObject({ total: people, estimated: true, users_affected: estimate.affected });
        // A third, of 2 000 that were asked.
        expect(Math.abs(estimate.affected - 1_000)).toBeLessThan(0.1 * people);
      }
      // M182: so it is with those whose value a draft changes.
      const draft = { key: 'drafted', filters: { groups: [{ properties: [pro] }] } };
      const impact = await hasty.send('POST', `/api/halyard/projects/${crowded}/impact/`, {
        key: owner,
        json: { draft },
      });
      const persons = impact.at('persons') as { affected: number };
      expect(persons).toMatchObject({ total: people, estimated: true });
      expect(Math.abs(persons.affected - 1_000)).toBeLessThan(0.1 * people);
    } finally {
      await hasty.stop();
    }
  });

  it('M100: whom nothing could be read of is not counted as left out', async () => {
    const cohort = await send('POST', '/cohorts/', { name: 'Asked', is_static: true });
    const member = { key: 'id', type: 'cohort', operator: 'in', value: cohort.at('id') };
    const ask = () => send('POST', '/feature_flags/user_blast_radius/', { condition: { properties: [member] } });
    await service.sql('alter table posthog_cohortpeople rename to away');
    try {
      expect((await ask()).status).toBe(503);
    } finally {
      await service.sql('alter table away rename to posthog_cohortpeople');
    }
    expect((await ask()).body).toMatchObject({ affected: 0, total: 1 });
  });

  it('M101: values that a filter on a flag may ask for', async () => {
    const variants = [{ key: 'control', rollout_percentage: 100 }];
    await send('POST', '/feature_flags/', { key: 'split', filters: { groups: [{}], multivariate: { variants } } });
    expect((await get('/flag_value/values/?key=split')).body).toEqual({
      results: [{ name: true }, { name: false }, { name: 'control' }],
      refreshing: false,
    });
    expect((await get('/flag_value/values/?key=')).status).toBe(404);
  });

  it('M14: each route needs its scope', async () => {
    const reader = await service.key(ada, { scopes: ['feature_flag:read'] });
    const allowed = async (method: string, path: string) =>
      (await service.send(method, `${root}${path}`, { key: reader, json: method === 'GET' ? undefined : {} })).status;
    for (const path of ['/cohorts/', '/persons/', '/groups/', '/groups_types/', '/cohorts/1/activity/']) {
      expect(await allowed('GET', path)).toBe(403);
    }
    for (const path of ['/cohorts/', '/scheduled_changes/']) expect(await allowed('POST', path)).toBe(403);
    for (const path of ['/scheduled_changes/', '/feature_flags/my_flags/'])
      expect(await allowed('GET', path)).toBe(200);
  });
});
