import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from '../managed-service.cases.ts';

describe('drafts are judged and explained', () => {
  let service: ManagedService;
  let project: number;
  let foreign: number;
  let key: string;
  let reader: string;
  let foreignFlag: number;

  beforeAll(async () => {
    service = await startManagedService();
    const shop = await service.organization('Shop');
    project = await service.project(shop, 'First');
    foreign = await service.project(await service.organization('Other'), 'Foreign');
    const ada = await service.user('ada@example.com', { [shop]: 8 });
    key = await service.key(ada);
    reader = await service.key(ada, { scopes: ['cohort:read'] });
    await service.sql(`with p as (insert into posthog_person (team_id, uuid, properties)
      values (${project}, gen_random_uuid(), '{"plan": "pro"}') returning id, team_id)
      insert into posthog_persondistinctid (team_id, person_id, distinct_id) select team_id, id, 'ann' from p`);
    const [id] = await service.sql(
      `insert into posthog_featureflag (team_id, key, filters) values (${foreign}, 'theirs', '{"groups": []}') returning id`,
    );
    foreignFlag = Number(id);
  });
  afterAll(() => service.stop());

  const ask = (what: string, json: unknown, as = key) =>
    service.send('POST', `/api/halyard/projects/${project}/${what}`, { key: as, json });
  const make = async (name: string, filters: object, more: object = {}): Promise<number> => {
    const json = { key: name, filters, ...more };
    return Number((await service.send('POST', `/api/projects/${project}/feature_flags/`, { key, json })).at('id'));
  };
  const plan = (value: unknown, name = 'plan') => ({ key: name, type: 'person', operator: 'exact', value });
  const full = { groups: [{ rollout_percentage: 100 }] };

  it('M180: a draft is refused as a write would be, and nothing is written', async () => {
    const id = await make('checked', full);
    const before = await service.sql('select json_agg(f order by id)::text from posthog_featureflag f');
    const draft = {
      key: 'a b',
      filters: { groups: [{ properties: [plan('pro'), { key: 1 }], rollout_percentage: 200 }] },
    };
    for (const [flag, path, method] of [
      [undefined, '/', 'POST'],
      [id, `/${id}/`, 'PATCH'],
    ] as const) {
      const written = await service.send(method, `/api/projects/${project}/feature_flags${path}`, { key, json: draft });
      const checked = await ask('check/', { flag, draft });
      expect([written.status, checked.status]).toEqual([400, 200]);
      expect(checked.at('errors')).toEqual(written.at('errors'));
      expect((await ask('check', { flag, draft: { filters: draft.filters, key: 'fine' } })).at('errors')).not.toEqual(
        [],
      );
    }
    expect(await ask('check', { draft: { key: 'checked' } })).toMatchObject({
      body: { errors: [{ code: 'unique', attr: 'key' }] },
    });
    expect((await ask('check', { flag: 'checked', draft: { active: false } })).body).toEqual({
      errors: [],
      warnings: [],
    });
    expect((await ask('check', { flag: id, draft: { deleted: true } })).body).toEqual({ errors: [], warnings: [] });
    expect(await service.sql('select json_agg(f order by id)::text from posthog_featureflag f')).toEqual(before);
  });

  it('M180, M47: what only the database knows counts, too', async () => {
    const id = await make('needed', full);
    const target = { key: String(id), type: 'flag', operator: 'flag_evaluates_to', value: true };
    await make('asking', { groups: [{ properties: [target], rollout_percentage: 100 }] });
    const refused = await ask('check', { flag: id, draft: { active: false } });
    expect(refused.at('errors', 0, 'detail')).toContain('asking');
    const cycle = { groups: [{ properties: [{ ...target, key: String(id + 1) }] }] };
    expect((await ask('check', { flag: id, draft: { filters: cycle } })).at('errors', 0)).toMatchObject({
      attr: 'filters',
    });
  });

  it('M180, K14: what an author hardly meant is told, and holds nothing up', async () => {
    const filters = { groups: [{ properties: [plan('pro', 'plam')], rollout_percentage: 0 }] };
    const { body } = await ask('check', { draft: { key: 'new', filters } });
    expect(body).toMatchObject({
      errors: [],
      warnings: [{ code: 'property_unknown', message: expect.stringContaining('did you mean plan?') as string }],
    });
    expect((await ask('check', { draft: { key: 'new', filters: full } })).at('warnings', 0, 'code')).toBe(
      'everybody_from_the_start',
    );
  });

  it('M181: a flag is explained with where each value came from, by the code that evaluates', async () => {
    const filters = {
      groups: [
        { properties: [plan('free')], rollout_percentage: 100 },
        { properties: [plan('pro'), plan('de', 'country'), plan('x', 'team')], rollout_percentage: 100 },
        { properties: [plan('pro')], rollout_percentage: 40 },
      ],
    };
    const id = await make('explained', filters);
    const question = { distinct_id: 'ann', person_properties: { country: 'de' } };
    const answer = await ask('explain', { flag: id, ...question });
    expect(answer.body).toMatchObject({
      flags: [
        {
          key: 'explained',
          distinct_id: 'ann',
          excluded: null,
          conditions: [
            {
              index: 0,
              outcome: 'filters_missed',
              filters: [{ key: 'plan', expected: 'free', seen: 'pro', source: 'stored', outcome: 'miss' }],
            },
            {
              index: 1,
              filters: [
                { source: 'stored', outcome: 'match' },
                { source: 'request', seen: 'de', outcome: 'match' },
                { source: 'missing', outcome: 'miss' },
              ],
            },
            { index: 2, rollout: { subject: 'ann', percentage: 40 } },
          ],
        },
      ],
    });
    const flags = await service.send('POST', '/flags?v=2', { json: { token: `phc_${project}`, ...question } });
    expect(answer.at('flags', 0, 'result', 'value')).toBe(flags.at('flags', 'explained', 'enabled'));
    expect(answer.at('flags', 0, 'result', 'reason', 'condition_index')).toBe(
      flags.at('flags', 'explained', 'reason', 'condition_index'),
    );
    await service.sql('alter table posthog_persondistinctid rename to away');
    const lost = await ask('explain', { flag: id, ...question });
    await service.sql('alter table away rename to posthog_persondistinctid');
    const reason = { code: 'database_error' };
    expect(lost.body).toMatchObject({ flags: [{ result: { failed: true, reason }, conditions: [] }] });
    const all = await ask('explain', { distinct_id: 'ann' });
    expect((all.at('flags') as { key: string }[]).map((flag) => flag.key)).toContain('explained');
  });

  it('M181: a draft is explained as it would be evaluated, also one of a new flag, and is not kept', async () => {
    const id = await make('drafted', full);
    const draft = { filters: { groups: [{ properties: [plan('free')], rollout_percentage: 100 }] } };
    const value = ['flags', 0, 'result', 'value'] as const;
    expect((await ask('explain', { flag: id, draft, distinct_id: 'ann' })).at(...value)).toBe(false);
    expect((await ask('explain', { flag: id, distinct_id: 'ann' })).at(...value)).toBe(true);
    const fresh = { key: 'fresh', filters: { groups: [{ properties: [plan('pro')], rollout_percentage: 100 }] } };
    expect((await ask('explain', { draft: fresh, distinct_id: 'ann' })).at(...value)).toBe(true);
    const off = await ask('explain', { flag: id, draft: { active: false }, distinct_id: 'ann' });
    expect(off.body).toMatchObject({ flags: [{ result: null, excluded: 'inactive' }] });
    const gone = await ask('explain', { flag: id, draft: { deleted: true }, distinct_id: 'ann' });
    expect(gone.body).toMatchObject({ flags: [{ excluded: 'unknown' }] });
  });

  it('M180, M181, M4, M13, M14: what cannot be asked is refused, with the place', async () => {
    const cases: readonly [string, unknown, number, object][] = [
      ['check', {}, 400, { attr: 'draft', code: 'required' }],
      ['check', { draft: [] }, 400, { attr: 'draft', code: 'not_a_dict' }],
      ['check', { draft: {}, flag: {} }, 400, { attr: 'flag' }],
      ['check', { draft: {}, flag: foreignFlag }, 404, { code: 'not_found' }],
      ['check', { draft: {}, flag: 'theirs' }, 404, { code: 'not_found' }],
      ['check', { draft: {}, flag: 2 ** 31 }, 404, { code: 'not_found' }],
      ['check', { draft: {}, flag: '\0' }, 404, { code: 'not_found' }],
      ['explain', {}, 400, { attr: 'distinct_id', code: 'required' }],
      ['explain', { distinct_id: {} }, 400, { detail: expect.stringContaining('distinct_id') as string }],
      ['explain', { distinct_id: 'a', person_properties: [] }, 400, {}],
      ['explain', { distinct_id: 'a', runtime: 'moon' }, 400, { attr: 'runtime' }],
      ['explain', { distinct_id: 'a', flag: foreignFlag }, 404, {}],
      ['explain', { distinct_id: 'a', draft: { key: '' } }, 400, { attr: 'key', code: 'blank' }],
    ];
    for (const [what, json, status, body] of cases) {
      const answer = await ask(what, json);
      expect({ json, status: answer.status, body: answer.body }).toMatchObject({ json, status, body });
    }
    const elsewhere = { key, json: { draft: {} } };
    expect((await service.send('POST', `/api/halyard/projects/${foreign}/check`, elsewhere)).status).toBe(403);
    expect((await service.send('POST', '/api/halyard/projects/999999/check', elsewhere)).status).toBe(404);
    expect((await ask('check', { draft: {} }, reader)).body).toMatchObject({
      detail: "API key missing required scope 'feature_flag:read'",
    });
    expect((await ask('explain', { distinct_id: 'a' }, 'phx_none')).status).toBe(401);
    const document = await service.get('/api/halyard/openapi.json');
    expect(document.at('paths', '/api/halyard/projects/{project_id}/explain/', 'post')).toBeTypeOf('object');
  });
});
