import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from './managed-service.cases.ts';

describe('the frame of the management API', () => {
  let service: ManagedService;
  let shop: string;
  let other: string;
  let projects: { first: number; second: number; foreign: number };
  let ada: number;
  let key: string;

  beforeAll(async () => {
    service = await startManagedService();
    shop = await service.organization('Shop');
    other = await service.organization('Other');
    projects = {
      first: await service.project(shop, 'First'),
      second: await service.project(shop, 'Second'),
      foreign: await service.project(other, 'Foreign'),
    };
    ada = await service.user('ada@example.com', { [shop]: 8 });
    key = await service.key(ada);
  });
  afterAll(() => service.stop());

  const me = (sent: string | undefined) => service.get('/api/users/@me/', sent);

  it('M145, M24: says who asks, where it works, and with which scopes', async () => {
    for (let asked = 0; asked < 2; asked += 1) {
      const { status, body, at } = await me(key);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        id: ada,
        email: 'ada@example.com',
        first_name: 'Ada',
        organization: { id: shop, name: 'Shop', membership_level: 8 },
        organizations: [{ id: shop, name: 'Shop' }],
        team: { id: projects.first, organization: shop, api_token: `phc_${projects.first}`, timezone: 'UTC' },
        scopes: ['*'],
      });
      expect(at('date_joined')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(JSON.stringify(body)).not.toContain('secret');
    }
  });

  it.each(['/api/users/@me', '/api/users/@me/', '/api/users/@me/?limit=x'])('M1: %s needs no slash', async (path) => {
    expect((await service.get(path, key)).status).toBe(200);
  });

  it('M10, M13: a key in the header or the body, and in the query only where that is set', async () => {
    expect((await service.send('POST', '/api/users/@me/', { json: { personal_api_key: key } })).status).toBe(405);
    const inQuery = await service.get(`/api/users/@me/?personal_api_key=${key}`);
    expect(inQuery.status).toBe(401);
    expect(inQuery.headers.get('www-authenticate')).toContain('Bearer');
    expect(inQuery.body).toEqual({
      type: 'authentication_error',
      code: 'not_authenticated',
      detail: 'Authentication credentials were not provided.',
      attr: null,
    });
  });

  it.each([['phx_nobody'], ['phs_secret'], ['x'.repeat(5000)], ['🚩']])(
    'M12, M13: %s is nobody’s key',
    async (wrong) => {
      const sent = { headers: { authorization: `Bearer ${encodeURIComponent(wrong).slice(0, 6000)}` } };
      const { status, body } = await service.send('GET', '/api/users/@me/', sent);
      expect(status).toBe(401);
      expect(body).toEqual({
        type: 'authentication_error',
        code: 'authentication_failed',
        detail: 'Personal API key found in request Authorization header is invalid.',
        attr: null,
      });
    },
  );

  it('M13: a key whose owner is not active any more, or that is revoked, opens nothing', async () => {
    const gone = await service.user('gone@example.com', { [shop]: 1 });
    const theirs = await service.key(gone);
    expect((await me(theirs)).status).toBe(200);
    await service.sql(`update posthog_user set is_active = false where id = ${gone}`);
    expect((await me(theirs)).status).toBe(401);
    await service.sql(`update posthog_user set is_active = true where id = ${gone}`);
    await service.sql(`delete from posthog_personalapikey where user_id = ${gone}`);
    expect((await me(theirs)).status).toBe(401);
  });

  it('M14: a key without scopes has none', async () => {
    const bare = await service.key(ada, { scopes: [] });
    expect((await me(bare)).body).toMatchObject({
      type: 'authentication_error',
      code: 'permission_denied',
      detail: "API key missing required scope 'user:read'",
    });
    expect((await me(await service.key(ada, { scopes: ['user:write'] }))).status).toBe(200);
  });

  it('M15: a key for one project still says whose it is, and works in that project', async () => {
    const restricted = await service.key(ada, { teams: [projects.second] });
    const { status, at } = await me(restricted);
    expect(status).toBe(200);
    expect(at('team')).toMatchObject({ id: projects.second });
  });

  it('M10: notes that a key was used', async () => {
    const fresh = await service.key(ada);
    await me(fresh);
    const [used] = await service.sql(
      `select last_used_at is not null from posthog_personalapikey where mask_value = 'phx_...${fresh.slice(-4)}'`,
    );
    expect(used).toBe(true);
  });

  it('M10: the use of a key is noted at most hourly, and of several credentials the first alone is tried', async () => {
    const used = await service.key(ada);
    const mask = `mask_value = 'phx_...${used.slice(-4)}'`;
    const noted = async (before: string) => {
      await service.sql(`update posthog_personalapikey set last_used_at = now() - interval '${before}' where ${mask}`);
      await me(used);
      const [age] = await service.sql(
        `select last_used_at > now() - interval '1 minute' from posthog_personalapikey where ${mask}`,
      );
      return age;
    };
    expect([await noted('59 minutes'), await noted('61 minutes')]).toEqual([false, true]);
    const path = `/api/projects/${projects.first}/feature_flags/`;
    const json = { key: 'two-credentials', personal_api_key: used };
    const headers = { authorization: 'Bearer phx_wrong' };
    expect((await service.send('POST', path, { json, headers })).status).toBe(401);
    expect((await service.send('POST', path, { json })).status).toBe(201);
  });

  it('M2: of old data that numbers projects and teams apart, a path names the project, and equal numbers win', async () => {
    const [id] = await service.sql(`with p as (insert into posthog_project (id, organization_id, name)
        overriding system value values (70001, '${shop}', 'Old') returning id)
      insert into posthog_team (id, project_id, organization_id, name, api_token)
      select 70002, p.id, '${shop}', 'Old', 'phc_old' from p returning id`);
    const named = async (number: number) => {
      const { status, at } = await service.get(`/api/projects/${number}/`, key);
      return [status, at('api_token')];
    };
    expect(await named(70_001)).toEqual([200, 'phc_old']);
    await service.sql(`insert into posthog_team (id, project_id, organization_id, name, api_token)
      values (70001, 70001, '${shop}', 'Equal', 'phc_equal')`);
    expect(await named(70_001)).toEqual([200, 'phc_equal']);
    await service.sql(`delete from posthog_team where id in (${String(id)}, 70001)`);
    await service.sql('delete from posthog_project where id = 70001');
  });

  it('M20: another method and an unknown path have the envelope, too', async () => {
    const wrong = await service.send('DELETE', '/api/users/@me/', { key });
    expect([wrong.status, wrong.body]).toEqual([
      405,
      { type: 'invalid_request', code: 'method_not_allowed', detail: 'Method "DELETE" not allowed.', attr: null },
    ]);
    expect(wrong.headers.get('allow')).toBe('GET, PATCH');
    const missing = await service.get('/api/nothing/of/the/kind', key);
    expect([missing.status, missing.at('code'), missing.at('type')]).toEqual([404, 'not_found', 'invalid_request']);
  });

  it('M146, M23: lists organizations and projects in pages whose links are absolute and keep other parameters', async () => {
    const { body } = await service.get('/api/organizations/', key);
    expect(body).toMatchObject({ count: 1, next: null, previous: null, results: [{ id: shop, name: 'Shop' }] });
    const first = await service.get('/api/projects/?limit=1&search=x', key);
    expect(first.body).toMatchObject({ count: 2, previous: null, results: [{ id: projects.first }] });
    const next = String(first.at('next'));
    expect(next).toBe(`${service.url}/api/projects/?limit=1&search=x&offset=1`);
    const second = await service.get(next.slice(service.url.length), key);
    expect(second.body).toMatchObject({
      next: null,
      previous: `${service.url}/api/projects/?limit=1&search=x`,
      results: [{ id: projects.second }],
    });
    for (const odd of ['limit=0', 'limit=-1', 'limit=many&offset=-3', 'offset=1e9', 'limit=99999999999999999999']) {
      expect((await service.get(`/api/organizations/@current/projects/?${odd}`, key)).at('count')).toBe(2);
    }
    expect((await service.get(`/api/organizations/${shop}`, key)).body).toMatchObject({
      membership_level: 8,
      projects: [{ id: projects.first }, { id: projects.second }],
    });
  });

  it('M23: takes the public address from a trusted proxy, or from the setting before all', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'flags.example' };
    const next = async (one: ManagedService) =>
      (await one.send('GET', '/api/projects/?limit=1', { key, headers })).at('next');
    expect(await next(service)).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const behind = await startManagedService({ HALYARD_TRUST_PROXY: 'true' }, service.database);
    const named = await startManagedService({ HALYARD_PUBLIC_URL: 'https://shop.example/x/' }, service.database);
    try {
      expect(await next(behind)).toBe('https://flags.example/api/projects/?limit=1&offset=1');
      expect(await next(named)).toBe('https://shop.example/x/api/projects/?limit=1&offset=1');
    } finally {
      await Promise.all([behind.stop(), named.stop()]);
    }
  });

  it.each(['projects', 'environments'])(
    'M1, M2: /api/%s/… names a project by its id, or the current one',
    async (root) => {
      const told = async (id: number | string, sent = key) => {
        const { status, at } = await service.get(`/api/${root}/${id}/`, sent);
        return [status, at('id') ?? at('detail')];
      };
      expect(await told(projects.second)).toEqual([200, projects.second]);
      expect(await told('@current')).toEqual([200, projects.first]);
      expect(await told('@current', await service.key(ada, { teams: [projects.second] }))).toEqual([
        200,
        projects.second,
      ]);
      for (const unknown of [0, 999_999, '99999999999999', 'first', '-1', '1.5', '%00', '@other']) {
        expect(await told(unknown)).toEqual([404, 'Project not found.']);
      }
      expect(await told(projects.foreign)).toEqual([403, "You don't have access to the project."]);
    },
  );

  it('M13, M15: restrictions come before scopes, and scopes before membership', async () => {
    const detail = async (path: string, sent: string) => {
      const { status, at } = await service.get(path, sent);
      return [status, at('detail')];
    };
    const one = await service.key(ada, { teams: [projects.second], scopes: ['user:read'] });
    expect(await detail(`/api/projects/${projects.first}/`, one)).toEqual([
      403,
      `API key does not have access to the requested project: ID ${projects.first}.`,
    ]);
    expect(await detail(`/api/projects/${projects.second}/`, one)).toEqual([
      403,
      "API key missing required scope 'project:read'",
    ]);
    expect((await detail('/api/projects/', one))[1]).toContain('restricted to projects');
    expect((await detail(`/api/organizations/${shop}/`, one))[1]).toContain('restricted to projects');
    const elsewhere = await service.key(ada, { organizations: [other] });
    expect(await detail(`/api/projects/${projects.first}/`, elsewhere)).toEqual([
      403,
      `API key does not have access to the requested organization: ID ${shop}.`,
    ]);
    expect((await detail(`/api/organizations/${shop}/`, elsewhere))[0]).toBe(403);
    const narrow = await service.key(ada, { scopes: ['feature_flag:read'] });
    expect(await detail(`/api/projects/${projects.foreign}/`, narrow)).toEqual([
      403,
      "API key missing required scope 'project:read'",
    ]);
    expect(await detail(`/api/organizations/${other}/`, key)).toEqual([
      403,
      'Your organization access level is insufficient.',
    ]);
    expect(await detail('/api/organizations/no-uuid/', key)).toEqual([404, 'Organization not found.']);
  });

  it('serves the OpenAPI document of its schemas', async () => {
    const { status, at } = await service.get('/api/halyard/openapi.json');
    expect(status).toBe(200);
    expect(at('openapi')).toBe('3.1.0');
    expect(at('paths', '/api/users/@me/', 'get', 'responses', '200', 'content', 'application/json', 'schema')).toEqual({
      $ref: '#/components/schemas/Me',
    });
    expect(at('paths', '/api/users/@me/', 'get', 'security')).toEqual([{ key: ['user:read'] }, { session: [] }]);
  });

  it('answers pages of its own site only', async () => {
    const origin = { origin: 'https://elsewhere.example' };
    const asked = await service.send('GET', '/api/users/@me/', { key, headers: origin });
    expect(asked.headers.get('access-control-allow-origin')).toBeNull();
    const flight = await service.send('OPTIONS', '/api/users/@me/', { headers: origin });
    expect(flight.headers.get('access-control-allow-origin')).toBeNull();
    expect(
      (await service.send('OPTIONS', '/flags', { headers: origin })).headers.get('access-control-allow-origin'),
    ).toBe('https://elsewhere.example');
  });

  it('M17, M10: keys have limits per project, which all processes count together, and stand in the query where that is set; browsers have neither', async () => {
    const env = { HALYARD_MANAGEMENT_RATE_LIMIT: '3/hour, 2/minute', HALYARD_KEYS_IN_QUERY: 'true' };
    const limited = await startManagedService(env, service.database);
    const beside = await startManagedService(env, service.database);
    const ask = (one: ManagedService, id = projects.first) => one.get(`/api/projects/${id}/?personal_api_key=${key}`);
    const endMinute = () =>
      service.sql(`update halyard_rate_count set ends_at = now() where ends_at < now() + interval '61 s'`);
    try {
      expect([(await ask(limited)).status, (await ask(beside)).status]).toEqual([200, 200]);
      const over = await ask(limited);
      expect([over.status, over.at('type'), over.at('code')]).toEqual([429, 'throttled_error', 'throttled']);
      expect(Number(over.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      await endMinute();
      // What the minute refused took nothing from the hour.
      expect((await ask(beside)).status).toBe(200);
      await endMinute();
      const spent = await ask(limited);
      expect(spent.status).toBe(429);
      expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(3_000);
      expect((await ask(beside, projects.second)).status).toBe(200);
      const headers = await limited.browser(ada);
      expect((await limited.send('GET', `/api/projects/${projects.first}/`, { headers })).status).toBe(200);
      // What is over is cleared away by whoever counts next.
      await service.sql(`update halyard_rate_count set ends_at = now()`);
      await ask(limited, projects.second);
      expect(await service.sql(`select count(*)::int from halyard_rate_count where ends_at <= now()`)).toEqual([0]);
    } finally {
      await Promise.all([limited.stop(), beside.stop()]);
    }
  });

  it('M17: where nothing may be written a process counts by itself', async () => {
    const env = { HALYARD_MANAGEMENT_RATE_LIMIT: '2/hour', HALYARD_READ_ONLY: 'true' };
    const limited = await startManagedService(env, service.database);
    try {
      await service.sql('delete from halyard_rate_count');
      const statuses: number[] = [];
      for (let n = 0; n < 3; n += 1) {
        statuses.push((await limited.get(`/api/projects/${projects.first}/`, key)).status);
      }
      expect(statuses).toEqual([200, 200, 429]);
      expect(await service.sql('select count(*)::int from halyard_rate_count')).toEqual([0]);
    } finally {
      await limited.stop();
    }
  });

  it('is off by a setting, and leaves the routes of SDKs alone', async () => {
    const off = await startManagedService({ HALYARD_MANAGEMENT: 'false' }, service.database);
    try {
      expect(await off.get('/api/users/@me/', key)).toMatchObject({ status: 404, body: null });
      const local = await off.get('/api/feature_flag/local_evaluation');
      const here = await service.get('/api/feature_flag/local_evaluation');
      expect([here.status, here.body]).toEqual([local.status, local.body]);
    } finally {
      await off.stop();
    }
  });
});
