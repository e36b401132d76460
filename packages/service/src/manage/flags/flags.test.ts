import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ManagedService, startManagedService } from '../managed-service.cases.ts';

describe('flags over HTTP', () => {
  let service: ManagedService;
  let project: number;
  let foreign: number;
  let key: string;
  let browser: Record<string, string>;
  let root: string;

  beforeAll(async () => {
    service = await startManagedService({ FLAGS_SECRET_KEYS: 'the newer key,the older key' });
    const shop = await service.organization('Shop');
    project = await service.project(shop, 'First');
    foreign = await service.project(await service.organization('Other'), 'Foreign');
    const ada = await service.user('ada@example.com', { [shop]: 8 });
    key = await service.key(ada);
    browser = await service.browser(ada);
    root = `/api/projects/${project}/feature_flags`;
  });
  afterAll(() => service.stop());

  const get = (path: string) => service.get(`${root}${path}`, key);
  const send = (method: string, path: string, json?: unknown) => service.send(method, `${root}${path}`, { key, json });
  const make = async (name: string, more: object = {}): Promise<number> => {
    const { status, body, at } = await send('POST', '/', { key: name, filters: { groups: [{}] }, ...more });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return Number(at('id'));
  };
  /** What an SDK is told of a flag, right now. */
  const decided = async (name: string, of = project): Promise<unknown> => {
    const json = { token: `phc_${of}`, distinct_id: 'ann' };
    const answer = await service.send('POST', '/flags?v=2', { json });
    return answer.at('flags', name, 'enabled');
  };

  it('M40, M45, M50, M34: a flag is made, read, changed, deleted and restored, with and without a slash at the end', async () => {
    const made = await send('POST', '', { key: 'new-cart', name: 'Two columns' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ key: 'new-cart', version: 1, status: 'ACTIVE', filters: { groups: [] } });
    const id = Number(made.at('id'));
    expect((await get(`/${id}`)).body).toEqual(made.body);
    expect((await get('/new-cart/')).body).toEqual(made.body);
    expect((await send('PATCH', `/${id}/`, { name: 'n' })).body).toMatchObject({ version: 2, name: 'n' });
    expect((await send('PUT', `/${id}/`, { name: 'm' })).body).toMatchObject({ code: 'required', attr: 'key' });
    expect((await send('PUT', `/${id}/`, { key: 'new-cart', name: 'm' })).body).toMatchObject({ version: 3 });
    const removed = await send('DELETE', `/${id}/`);
    expect([removed.status, removed.body]).toEqual([405, null]);
    expect((await send('PATCH', `/${id}`, { key: 'new-cart', deleted: true })).body).toMatchObject({ deleted: true });
    expect((await get(`/${id}/`)).body).toMatchObject({ deleted: true, status: 'DELETED' });
    expect((await send('PATCH', `/${id}/`, { deleted: false })).body).toMatchObject({ deleted: false });
  });

  it('M32, M49, M203, H189: encrypted payloads are sealed in the row, in the open for keys, and a mask for everybody else', async () => {
    const mask = '"********* (encrypted)"';
    const secret = { is_remote_configuration: true, has_encrypted_payloads: true };
    const id = await make('sealed', { ...secret, filters: { groups: [{}], payloads: { true: { secret: 'ü' } } } });
    const stored = async () =>
      String((await service.sql(`select filters #>> '{payloads,true}' from posthog_featureflag where id = ${id}`))[0]);
    const before = await stored();
    expect(before).toMatch(/^gAAAAA[\w-]+=*$/);
    expect((await get(`/${id}/`)).at('filters', 'payloads')).toEqual({ true: '{"secret":"ü"}' });
    const inBrowser = await service.send('GET', `${root}/${id}/`, { headers: browser });
    expect(inBrowser.at('filters', 'payloads')).toEqual({ true: mask });
    const config = await service.get(`/api/projects/${project}/feature_flags/sealed/remote_config`, key);
    expect(config.body).toBe('{"secret":"ü"}');

    // What is shown may be sent back: it stands for what is stored.
    const whole = { ...(inBrowser.body as object), name: 'n' };
    const saved = await service.send('PATCH', `${root}/${id}/`, { json: whole, headers: browser });
    expect(saved.body).toMatchObject({ version: 2, name: 'n', filters: { payloads: { true: mask } } });
    expect((await send('PATCH', `/${id}/`, { filters: { payloads: { true: '{"secret":"ü"}' } } })).at('version')).toBe(
      2,
    );
    expect(await stored()).toBe(before);
    const changed = await send('PATCH', `/${id}/`, { filters: { payloads: { true: '2' } } });
    expect(changed.body).toMatchObject({ version: 3, filters: { payloads: { true: '2' } } });
    expect((await service.get(`/api/projects/${project}/feature_flags/sealed/remote_config`, key)).body).toBe('2');

    const plain = await send('PATCH', `/${id}/`, { has_encrypted_payloads: false });
    expect(plain.body).toMatchObject({ code: 'invalid_input', attr: 'has_encrypted_payloads' });
    const stray = await send('POST', '/', {
      key: 'stray',
      ...secret,
      filters: { groups: [{}], payloads: { true: mask } },
    });
    expect(stray.body).toMatchObject({ code: 'invalid_input', attr: 'filters' });
    const told = JSON.stringify([
      (await get(`/${id}/activity/`)).body,
      (await get('/my_flags/')).body,
      (await send('POST', `/${id}/test_evaluation/`, { distinct_id: 'ann' })).body,
    ]);
    expect(told).toContain(JSON.stringify(mask).slice(1, -1));
    for (const text of ['gAAAAA', 'secret\\', 'ü']) expect(told).not.toContain(text);
  });

  it('M97: the ids of all flags that a list would hold', async () => {
    const first = await make('ids-first', { tags: ['listed'] });
    const second = await make('ids-second', { tags: ['listed'] });
    const found = await get(`/matching_ids/?tags=${encodeURIComponent('["listed"]')}&limit=1`);
    expect([found.status, found.at('total')]).toEqual([200, 2]);
    expect(new Set(found.at('ids') as number[])).toEqual(new Set([first, second]));
    expect((await get('/matching_ids/?search=ids-second')).body).toEqual({ ids: [second], total: 1 });
    expect((await get(`/matching_ids/?search=${'x'.repeat(201)}`)).status).toBe(400);
  });

  it('M95, M14: a cohort of those whom a flag is on for is answered at once and filled afterwards, in browsers only', async () => {
    for (const [person, plan] of [
      ['cohort-ann', 'pro'],
      ['cohort-ben', 'free'],
      ['cohort-cleo', 'pro'],
    ]) {
      await service.sql(`with p as (insert into posthog_person (team_id, uuid, properties, created_at, is_identified)
          values (${project}, gen_random_uuid(), '{"plan": "${plan}"}', now(), true) returning id)
        insert into posthog_persondistinctid (team_id, person_id, distinct_id) select ${project}, id, '${person}' from p`);
    }
    const pro = { key: 'plan', type: 'person', operator: 'exact', value: ['pro'] };
    const id = await make('for-pro', { filters: { groups: [{ properties: [pro] }] } });
    const path = `${root}/${id}/create_static_cohort_for_flag/`;
    expect((await service.send('POST', path, { key })).status).toBe(403);
    const made = await service.send('POST', path, { headers: browser });
    expect([made.status, made.at('cohort', 'is_static')]).toEqual([201, true]);
    const cohort = `/api/projects/${project}/cohorts/${String(made.at('cohort', 'id'))}/`;
    await expect.poll(async () => (await service.get(cohort, key)).at('count'), { timeout: 20_000 }).toBe(2);
    const missing = await service.send('POST', `${root}/99999/create_static_cohort_for_flag/`, { headers: browser });
    expect(missing.status).toBe(404);
  });

  it('M53: what is written is evaluated with as soon as it is answered', async () => {
    expect(await decided('seen')).toBeUndefined();
    const id = await make('seen', { filters: { groups: [{ rollout_percentage: 100 }] } });
    expect(await decided('seen')).toBe(true);
    for (let turn = 0; turn < 5; turn += 1) {
      await send('POST', `/${id}/disable/`);
      expect(await decided('seen')).not.toBe(true);
      await send('POST', `/${id}/enable/`);
      expect(await decided('seen')).toBe(true);
    }
    await send('POST', '/bulk_delete/', { ids: [id] });
    expect(await decided('seen')).toBeUndefined();
  });

  it('M30, M62: answers are of the shape that the OpenAPI document says, and their filters of that of a write', async () => {
    const { body } = await service.get('/api/halyard/openapi.json');
    const { components, paths } = body as { components: { schemas: object }; paths: Record<string, unknown> };
    const ajv = new Ajv({ strict: false });
    const document = { components, paths, $id: 'openapi' };
    ajv.addSchema(document);
    const check = (name: string) => ajv.compile({ $ref: `openapi#/components/schemas/${name}` });
    const [isFlag, isWrite] = [check('Flag'), check('FlagWrite')];
    const filters = {
      groups: [
        {
          properties: [{ key: 'plan', type: 'person', operator: 'exact', value: ['pro'] }],
          variant: 'a',
          own: { x: 1 },
        },
        { rollout_percentage: 12.5, description: 'some' },
      ],
      multivariate: { variants: [{ key: 'a', rollout_percentage: 100, name: null }], own: 1 },
      payloads: { a: '1' },
      unknown: [],
    };
    for (const more of [{}, { filters, tags: ['t'], is_remote_configuration: true }]) {
      const made = await send('POST', '/', { key: `shape-${Object.keys(more).length}`, ...more });
      expect([isFlag(made.body), isFlag.errors]).toEqual([true, null]);
      expect([isWrite(made.body), isWrite.errors]).toEqual([true, null]);
    }
    const [bare] = await service.sql(
      `insert into posthog_featureflag (team_id, key, filters) values (${project}, 'bare', '{}') returning id`,
    );
    expect([isFlag((await get(`/${String(bare)}/`)).body), isFlag.errors]).toEqual([true, null]);
    expect(isWrite({ filters: { groups: [{ rollout_percentage: 'all' }] } })).toBe(false);
    expect(isFlag({})).toBe(false);
  });

  it('M20, M21, M71: refusals have one envelope', async () => {
    const { status, body } = await send('POST', '/', {
      key: 'bad',
      filters: { groups: [{ rollout_percentage: 101 }], early_exit: 3 },
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      type: 'validation_error',
      code: 'structural.groups.rollout_percentage.out_of_range',
      detail: expect.stringMatching(/^groups\[0\]\.rollout_percentage: /) as string,
      attr: 'filters',
      errors: [{}, { code: 'structural.early_exit.invalid_type' }],
    });
    expect((await send('POST', '/', [])).status).toBe(400);
    expect((await get('/999999/')).body).toMatchObject({ type: 'invalid_request', code: 'not_found' });
  });

  it('M22: actions on deleted flags, many flags and versions refuse in forms of their own', async () => {
    const id = await make('gone');
    await send('PATCH', `/${id}/`, { deleted: true });
    const form = async (answer: Promise<Answer>) => {
      const { status, body } = await answer;
      return [status, Object.keys(body as object)];
    };
    expect(await form(send('POST', `/${id}/enable/`))).toEqual([400, ['success', 'error']]);
    expect(await form(send('POST', '/bulk_delete/', {}))).toEqual([400, ['error']]);
    expect(await form(send('POST', '/bulk_keys/', { ids: ['x'] }))).toEqual([400, ['error']]);
    expect(await form(send('POST', '/bulk_update_tags/', { ids: [1] }))).toEqual([400, ['error']]);
    expect(await form(get(`/${id}/versions/9/`))).toEqual([404, ['detail']]);
  });

  it('M5: members that a flag does not have are taken and change nothing; forms are bodies, too', async () => {
    const id = await make('clients', { name: 'n' });
    const before = (await get(`/${id}/`)).body;
    const unknown = { description: 'other', payloads: { true: '1' }, rollout_percentage: 5 };
    expect((await send('PATCH', `/${id}/`, unknown)).body).toEqual(before);
    const form = new URLSearchParams({ key: 'of-a-form', name: ' trimmed ', active: 'false' });
    const parts = new FormData();
    for (const [name, value] of form) parts.set(name, name === 'key' ? 'of-parts' : value);
    const urlencoded = { key, raw: String(form), headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    for (const sent of [urlencoded, { key, raw: parts }]) {
      const made = await service.send('POST', `${root}/`, sent);
      expect([made.status, made.body]).toMatchObject([201, { name: 'trimmed', active: false }]);
    }
    const other = await service.send('POST', `${root}/`, { key, raw: 'x', headers: { 'content-type': 'text/plain' } });
    expect([other.status, other.at('code')]).toEqual([415, 'unsupported_media_type']);
  });

  it('M3: names of routes win over keys, and keys over nothing', async () => {
    const id = await make('my_flags');
    expect((await get('/my_flags/')).body).toBeInstanceOf(Array);
    expect((await get(`/${id}/`)).body).toMatchObject({ key: 'my_flags' });
    const digits = await make('12345');
    expect((await get('/12345/')).status).toBe(404);
    expect((await get(`/${digits}/`)).body).toMatchObject({ key: '12345' });
  });

  it('M23: a page has 100 unless said, and 1 000 at most', async () => {
    const shop = String((await service.sql(`select organization_id::text from posthog_team where id = ${project}`))[0]);
    const many = await service.project(shop, 'Many');
    await service.sql(
      `insert into posthog_featureflag (team_id, key) select ${many}, 'f' || i from generate_series(1, 1001) i`,
    );
    const page = async (query: string) => {
      const { at } = await service.get(`/api/projects/${many}/feature_flags/${query}`, key);
      return [at('count'), (at('results') as readonly unknown[]).length, at('next') === null];
    };
    expect(await page('')).toEqual([1001, 100, false]);
    expect(await page('?limit=-3')).toEqual([1001, 100, false]);
    expect(await page('?limit=5000')).toEqual([1001, 1000, false]);
    expect(await page('?limit=5000&offset=1000')).toEqual([1001, 1, true]);
  });

  it('M30: a flag has these members and no other', async () => {
    const { body } = await get(`/${await make('members')}/`);
    const members = `active analytics_dashboards archived bucketing_identifier can_edit created_at created_by deleted
      ensure_experience_continuity evaluation_contexts evaluation_runtime experiment_set experiment_set_metadata features filters
      has_encrypted_payloads has_enriched_analytics id is_eligible_for_experiment is_remote_configuration is_used_in_replay_settings
      key last_called_at last_modified_by name status surveys tags updated_at usage_dashboard user_access_level version`;
    expect(Object.keys(body as object).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(members.split(/\s+/));
  });

  it('M23, M35: lists come in pages with whole addresses', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await make(name, { tags: ['paged'] });
    const first = await get('/?search=page-&limit=2');
    expect(first.body).toMatchObject({ count: 3, previous: null, results: [{ key: 'page-c' }, { key: 'page-b' }] });
    const next = String(first.at('next'));
    expect(next.startsWith(`${service.url}${root}/?`)).toBe(true);
    const second = await service.get(next.slice(service.url.length), key);
    expect(second.body).toMatchObject({ count: 3, next: null, results: [{ key: 'page-a' }] });
    expect((await get('/matching_ids/?tags=["paged"]')).body).toMatchObject({ total: 3 });
  });

  it('M102, M22, M53: a flag is copied to another project of the organization', async () => {
    await make('travels');
    const [shop] = await service.sql(`select organization_id::text from posthog_team where id = ${project}`);
    const second = await service.project(String(shop), 'Second');
    const path = `/api/organizations/${String(shop)}/feature_flags/copy_flags/`;
    const json = { feature_flag_key: 'travels', from_project: project, target_project_ids: [second, foreign] };
    const { status, body } = await service.send('POST', path, { key, json });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: [{ key: 'travels', team_id: second }], failed: [{ project_id: foreign }] });
    // M53: the target had been evaluated before, and is with what is copied as soon as that is answered.
    for (const isOn of [false, true, false, true]) {
      expect((await decided('travels', second)) === true).toBe(!isOn);
      await send('POST', `/travels/${isOn ? 'enable' : 'disable'}/`);
      await service.send('POST', path, { key, json: { ...json, target_project_ids: [second] } });
      expect((await decided('travels', second)) === true).toBe(isOn);
    }
    const wrong = await service.send('POST', path, { key, json: {} });
    expect([wrong.status, Object.keys(wrong.body as object)]).toEqual([400, ['error']]);
  });

  it('M81: a conflict is 409', async () => {
    const id = await make('raced');
    const original = (await get(`/${id}/`)).body;
    await send('PATCH', `/${id}/`, { name: 'one' });
    const late = await send('PATCH', `/${id}/`, { name: 'two', version: 1, original_flag: original });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ type: 'server_error', code: 'conflict' });
  });

  it('M87, M88: status and dependents', async () => {
    const base = await make('base');
    const filter = { key: String(base), type: 'flag', operator: 'flag_evaluates_to', value: true };
    const top = await make('top', { filters: { groups: [{ properties: [filter] }] } });
    expect((await get(`/${base}/dependent_flags/`)).body).toEqual([{ id: top, key: 'top', name: 'top' }]);
    expect((await get(`/${top}/status/`)).body).toEqual({
      status: 'active',
      reason: expect.any(String) as string,
      reason_states_rollout: false,
      rollout: {
        effectively_full_rollout: false,
        has_targeting_conditions: true,
        max_rollout_percentage: 100,
        is_multivariate: false,
      },
    });
  });

  it('M160, M165: history and earlier versions', async () => {
    const id = await make('past', { name: 'one' });
    await send('PATCH', `/${id}/`, { name: 'two', change_note: 'why' });
    const { body } = await get(`/${id}/activity/?limit=1`);
    expect(body).toMatchObject({
      results: [
        {
          activity: 'updated',
          user: { email: 'ada@example.com' },
          detail: { context: { via: 'key: test', note: 'why' } },
        },
      ],
      next: `${service.url}${root}/${id}/activity/?limit=1&page=2`,
      previous: null,
      total_count: 2,
    });
    expect((await get('/activity/?page=0')).body).toMatchObject({ attr: 'page' });
    expect((await get('/activity/?page=999')).body).toMatchObject({ results: [] });
    expect((await get(`/${id}/versions/1/`)).body).toMatchObject({ name: 'one', is_historical: true });
  });

  it('M14: each route needs its scope', async () => {
    const id = await make('scoped');
    const [owner] = await service.sql(`select id from posthog_user where email = 'ada@example.com'`);
    const reader = await service.key(Number(owner), { scopes: ['feature_flag:read'] });
    const allowed = async (method: string, path: string, json?: unknown) =>
      (await service.send(method, `${root}${path}`, { key: reader, json })).status;
    for (const path of ['/', `/${id}/`, `/${id}/status/`, `/${id}/dependent_flags/`, `/${id}/versions/1/`]) {
      expect(await allowed('GET', path)).toBe(200);
    }
    expect(await allowed('POST', '/bulk_keys/', { ids: [id] })).toBe(200);
    expect(await allowed('GET', `/${id}/activity/`)).toBe(403);
    expect(await allowed('POST', '/', { key: 'x' })).toBe(403);
    for (const action of ['enable', 'disable', 'archive', 'unarchive']) {
      expect(await allowed('POST', `/${id}/${action}/`)).toBe(403);
    }
    for (const path of ['/bulk_delete/', '/bulk_update_tags/'])
      expect(await allowed('POST', path, { ids: [id] })).toBe(403);
    expect(await allowed('PATCH', `/${id}/`, { name: 'x' })).toBe(403);
  });

  it('M3, M4: ids of other projects and texts that name nothing are not found', async () => {
    const [id] = await service.sql(
      `insert into posthog_featureflag (team_id, key) values (${foreign}, 'theirs') returning id`,
    );
    for (const named of [String(id), 'theirs', '0', '-1', '99999999999999999999', '%00', 'a%27b']) {
      for (const method of ['GET', 'PATCH']) {
        const { status } = await send(method, `/${named}/`, method === 'PATCH' ? { name: 'x' } : undefined);
        expect({ named, method, status }).toEqual({ named, method, status: 404 });
      }
    }
    expect(await service.sql(`select name from posthog_featureflag where id = ${String(id)}`)).toEqual(['']);
  });
});
