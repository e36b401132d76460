import { pbkdf2Sync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ManagedService, startManagedService } from '../manage/managed-service.cases.ts';

const UUID = /^[\da-f-]{36}$/;

/** Django's form with few iterations, so that tests need not wait for it. */
function djangoPassword(password: string): string {
  return `pbkdf2_sha256$1000$salt$${pbkdf2Sync(password, 'salt', 1000, 32, 'sha256').toString('base64')}`;
}

interface Browser {
  readonly cookie: string;
  readonly csrf: string;
  readonly send: (method: string, path: string, json?: unknown) => Promise<Answer>;
}

describe('accounts over HTTP', () => {
  let service: ManagedService;
  let shop: string;
  let project: number;
  let foreign: number;
  let ada: number;
  let bob: number;
  let adaKey: string;
  let bobKey: string;

  beforeAll(async () => {
    service = await startManagedService();
    shop = await service.organization('Shop');
    project = await service.project(shop, 'First');
    foreign = await service.project(await service.organization('Other'), 'Foreign');
    ada = await service.user('ada@example.com', { [shop]: 15 });
    bob = await service.user('bob@example.com', { [shop]: 1 });
    adaKey = await service.key(ada);
    bobKey = await service.key(bob);
    await service.sql(
      `update posthog_user set password = '${djangoPassword('correct horse')}' where id in (${ada}, ${bob})`,
    );
  });
  afterAll(() => service.stop());

  const login = (email: string, password: string, headers: Record<string, string> = {}) =>
    service.send('POST', '/api/login', { json: { email, password }, headers });

  async function browser(email = 'ada@example.com'): Promise<Browser> {
    const answer = await login(email, 'correct horse');
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    const csrf = String(answer.at('csrf_token'));
    return {
      cookie,
      csrf,
      send: (method, path, json) => service.send(method, path, { json, headers: { cookie, 'x-csrftoken': csrf } }),
    };
  }

  describe('signing in', () => {
    it('M185, M191: with the address in any case and a password in Django’s form; the cookie is for us alone', async () => {
      const answer = await login('ADA@example.com', 'correct horse');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('set-cookie')).toMatch(
        /^halyard_session=\w{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax$/,
      );
      const { cookie } = await browser();
      const me = await service.send('GET', '/api/users/@me/', { headers: { cookie: `a=b; ${cookie}` } });
      expect(me.body).toMatchObject({ email: 'ada@example.com', scopes: null });
      const [stored] = await service.sql('select string_agg(digest, chr(10)) from halyard_session');
      expect(stored).not.toContain(cookie.split('=')[1]);
    });

    it('M185: a wrong password and an unknown address are answered alike, and the tenth try is the last, whichever process is asked', async () => {
      const beside = await startManagedService({}, service.database);
      try {
        const wrong = await login('bob@example.com', 'wrong');
        const unknown = await login('nobody@example.com', 'wrong');
        expect([wrong.status, wrong.body]).toEqual([unknown.status, unknown.body]);
        expect(wrong.body).toMatchObject({ type: 'validation_error', code: 'invalid_credentials', attr: null });
        const attempt = (at: number, password: string) =>
          (at % 2 === 0 ? service : beside).send('POST', '/api/login', {
            json: { email: 'BOB@example.com', password },
          });
        await Promise.all(Array.from({ length: 9 }, (_, at) => attempt(at, 'wrong')));
        for (const at of [0, 1]) {
          const late = await attempt(at, 'correct horse');
          expect([late.status, late.at('type'), late.at('code')]).toEqual([429, 'throttled_error', 'throttled']);
          expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(800);
        }
        expect((await login('ada@example.com', 'correct horse')).status).toBe(200);
        // Whoever gets in begins anew, and no row says whose try it was.
        const rows = String((await service.sql('select json_agg(c) from halyard_rate_count c'))[0]);
        expect(rows).not.toMatch(/example|127\.0/);
      } finally {
        await beside.stop();
      }
    });

    it('M185: a client has a hundred tries, whatever the addresses, and those that are refused leave no rows', async () => {
      await service.sql('update halyard_rate_count set count = 100');
      const before = await service.sql('select count(*)::int from halyard_rate_count');
      const late = await login('somebody.else@example.com', 'wrong');
      expect([late.status, late.at('code')]).toEqual([429, 'throttled']);
      expect(await service.sql('select count(*)::int from halyard_rate_count')).toEqual(before);
      await service.sql('delete from halyard_rate_count');
      expect((await login('bob@example.com', 'correct horse')).status).toBe(200);
    });

    it('M11, M185: unsafe requests of a session bring its token, and come from our own pages', async () => {
      const { cookie, csrf, send } = await browser();
      const patch = (headers: Record<string, string>) =>
        service.send('PATCH', '/api/users/@me/', { json: { first_name: 'X' }, headers: { cookie, ...headers } });
      for (const token of [undefined, '', csrf.slice(1), (await browser()).csrf]) {
        const { status, at } = await patch(token === undefined ? {} : { 'x-csrftoken': token });
        expect([status, at('code')]).toEqual([403, 'permission_denied']);
        expect(at('detail')).toContain('CSRF');
      }
      expect((await patch({ 'x-csrftoken': csrf, origin: 'https://evil.example' })).status).toBe(403);
      expect((await login('ada@example.com', 'correct horse', { origin: 'https://evil.example' })).status).toBe(403);
      expect((await patch({ 'x-csrftoken': csrf, origin: service.url })).body).toMatchObject({ first_name: 'X' });
      expect((await send('GET', '/api/halyard/session/')).body).toMatchObject({ csrf_token: csrf });
    });

    it('M185: ends with /logout, with its time, and with its user', async () => {
      const first = await browser();
      expect((await first.send('POST', '/logout')).headers.get('set-cookie')).toContain('Max-Age=0');
      expect((await first.send('GET', '/api/users/@me/')).status).toBe(401);
      const second = await browser();
      await service.sql(`update halyard_session set expires_at = now()`);
      expect((await second.send('GET', '/api/users/@me/')).status).toBe(401);
    });

    it('M185: slides while it is used', async () => {
      const { send } = await browser();
      await service.sql(
        `update halyard_session set expires_at = now() + interval '1 hour', last_seen_at = now() - interval '1 hour'`,
      );
      await send('GET', '/api/users/@me/');
      expect(
        await service.sql(`select bool_and(expires_at > now() + interval '13 days') from halyard_session`),
      ).toEqual([true]);
    });

    it('M185: after an hour, keys and passwords ask for the password again', async () => {
      const { send } = await browser();
      await service.sql(`update halyard_session set confirmed_at = now() - interval '61 minutes'`);
      const refused = await send('POST', '/api/personal_api_keys/', { label: 'late', scopes: [] });
      expect([refused.status, refused.at('code')]).toEqual([403, 'confirmation_required']);
      expect((await send('POST', '/api/halyard/session/confirm/', { password: 'wrong' })).status).toBe(400);
      expect((await send('POST', '/api/halyard/session/confirm/', { password: 'correct horse' })).status).toBe(204);
      const made = await send('POST', '/api/personal_api_keys/', { label: 'fresh', scopes: ['user:read'] });
      expect(made.status).toBe(201);
      expect((await send('DELETE', `/api/personal_api_keys/${String(made.at('id'))}/`)).status).toBe(204);
    });

    it('M185, M191: a new password ends the other sessions', async () => {
      const [here, there] = [await browser(), await browser()];
      const change = (json: object) => here.send('PATCH', '/api/users/@me/', json);
      expect((await change({ current_password: 'wrong', password: 'battery staple' })).at('code')).toBe(
        'incorrect_password',
      );
      expect((await change({ current_password: 'correct horse', password: 'short' })).at('code')).toBe(
        'password_too_short',
      );
      expect((await change({ current_password: 'correct horse', password: 'battery staple' })).status).toBe(200);
      expect((await there.send('GET', '/api/users/@me/')).status).toBe(401);
      expect((await here.send('GET', '/api/users/@me/')).status).toBe(200);
      const [stored] = await service.sql(`select password from posthog_user where id = ${ada}`);
      expect(stored).toMatch(/^pbkdf2_sha256\$600000\$\w{22}\$[\w+/]{43}=$/);
      await service.sql(`update posthog_user set password = '${djangoPassword('correct horse')}' where id = ${ada}`);
    });
  });

  describe('personal keys', () => {
    it('M149: the key that asks says what it is, also when it may do nothing', async () => {
      const bare = await service.key(ada, { scopes: [], teams: [project] });
      const { status, body, at } = await service.get('/api/personal_api_keys/@current', bare);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        value: null,
        label: 'test',
        mask_value: `phx_...${bare.slice(-4)}`,
        scopes: [],
        scoped_teams: [project],
        scoped_organizations: [],
        user_id: ada,
      });
      expect(Object.keys(body as object).sort()).toEqual(
        'created_at id label last_rolled_at last_used_at mask_value scoped_organizations scoped_teams scopes user_id value'.split(
          ' ',
        ),
      );
      expect(at('created_at')).toMatch(/\.\d{6}Z$/);
    });

    it('M14, M13: making keys is not open to keys', async () => {
      const answer = await service.send('POST', '/api/personal_api_keys/', {
        key: adaKey,
        json: { label: 'x', scopes: ['*'] },
      });
      expect([answer.status, answer.at('code')]).toEqual([403, 'permission_denied']);
    });

    it('M150: are made, shown once, changed, rolled and revoked', async () => {
      const { send } = await browser();
      const made = await send('POST', '/api/personal_api_keys/', {
        label: 'ci',
        scopes: ['user:read', 'feature_flag:write'],
        scoped_teams: [project],
      });
      expect(made.status).toBe(201);
      const value = String(made.at('value'));
      const place = `/api/personal_api_keys/${String(made.at('id'))}/`;
      expect(value).toMatch(/^phx_[A-Za-z0-9]{32,}$/);
      expect((await service.get('/api/users/@me/', value)).body).toMatchObject({
        scopes: ['user:read', 'feature_flag:write'],
      });
      expect((await send('GET', place)).body).toMatchObject({ value: null, scoped_teams: [project] });
      const list = await send('GET', '/api/personal_api_keys/');
      expect(JSON.stringify(list.body)).not.toContain(value);
      expect(list.body).toBeInstanceOf(Array);
      expect((await send('PATCH', place, { label: 'robot', scoped_teams: null })).body).toMatchObject({
        label: 'robot',
        scoped_teams: [],
        scopes: ['user:read', 'feature_flag:write'],
      });
      const rolled = String((await send('POST', `${place}roll`)).at('value'));
      expect((await service.get('/api/users/@me/', value)).status).toBe(401);
      expect((await service.get('/api/personal_api_keys/@current/', rolled)).at('last_rolled_at')).not.toBeNull();
      expect((await send('DELETE', place)).status).toBe(204);
      expect((await service.get('/api/users/@me/', rolled)).status).toBe(401);
      expect((await send('GET', place)).status).toBe(404);
    });

    it.each([
      [{}, 'label', 'required'],
      [{ label: null, scopes: [] }, 'label', 'null'],
      [{ label: ' ', scopes: [] }, 'label', 'blank'],
      [{ label: 'x'.repeat(41), scopes: [] }, 'label', 'max_length'],
      [{ label: ['x'], scopes: [] }, 'label', 'invalid_input'],
      [{ label: 'x' }, 'scopes', 'required'],
      [{ label: 'x', scopes: 'user:read' }, 'scopes', 'not_a_list'],
      [{ label: 'x', scopes: ['user:read', 'world:write'] }, 'scopes', 'invalid_input'],
      [{ label: 'x', scopes: ['user:read:more'] }, 'scopes', 'invalid_input'],
      [{ label: 'x', scopes: [], scoped_teams: [999_999] }, 'scoped_teams', 'invalid_input'],
      [{ label: 'x', scopes: [], scoped_teams: ['a'] }, 'scoped_teams__0', 'invalid_input'],
      [{ label: 'x', scopes: [], scoped_organizations: ['b'] }, 'scoped_organizations', 'invalid_input'],
    ])('M150, M21: refuses %j', async (json, attr, code) => {
      const { send } = signedIn ?? (signedIn = await browser());
      const answer = await send('POST', '/api/personal_api_keys/', json);
      expect([answer.status, answer.at('type'), answer.at('attr'), answer.at('code')]).toEqual([
        400,
        'validation_error',
        attr,
        code,
      ]);
    });
    let signedIn: Browser | undefined;

    it('M150: an unknown scope is named, and there are ten keys at most, whoever asks at once', async () => {
      const { send } = await browser();
      await service.sql(`delete from posthog_personalapikey where user_id = ${ada} and label <> 'test'`);
      const unknown = await send('POST', '/api/personal_api_keys/', { label: 'x', scopes: ['world:write'] });
      expect(unknown.at('detail')).toBe('Invalid scope: world:write');
      const made = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          send('POST', '/api/personal_api_keys/', { label: `key ${n}`, scopes: [] }),
        ),
      );
      expect(made.filter(({ status }) => status === 400).length).toBeGreaterThan(1);
      expect(await service.sql(`select count(*)::int from posthog_personalapikey where user_id = ${ada}`)).toEqual([
        10,
      ]);
      await service.sql(`delete from posthog_personalapikey where user_id = ${ada} and label like 'key %'`);
    });

    it('M4: keys of others are not there', async () => {
      const { send } = await browser();
      const [id] = await service.sql(`select id from posthog_personalapikey where user_id = ${bob}`);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        expect(
          (await send(method, `/api/personal_api_keys/${String(id)}/`, method === 'GET' ? undefined : {})).status,
        ).toBe(404);
      }
      expect((await service.get('/api/users/@me/', bobKey)).status).toBe(200);
    });
  });

  describe('secret keys of a project', () => {
    const root = () => `/api/projects/${project}/project_secret_api_keys/`;

    it('M151, M12: are made by admins, open definitions and nothing else, and are shown once', async () => {
      const json = { label: 'backend', scopes: ['feature_flag:read'] };
      expect((await service.send('POST', root(), { key: bobKey, json })).status).toBe(403);
      const made = await service.send('POST', root(), { key: adaKey, json });
      expect(made.status).toBe(201);
      const value = String(made.at('value'));
      const place = `${root()}${String(made.at('id'))}/`;
      expect(value).toMatch(/^phs_[A-Za-z0-9]{32,}$/);
      const definitions = () => service.get('/api/feature_flag/local_evaluation/', value);
      expect((await definitions()).status).toBe(200);
      expect((await service.get('/api/users/@me/', value)).status).toBe(401);
      expect((await service.send('POST', root(), { key: adaKey, json })).body).toMatchObject({
        code: 'unique',
        attr: 'label',
      });
      for (const scopes of [[], ['*'], ['feature_flag:write'], null]) {
        expect((await service.send('POST', root(), { key: adaKey, json: { label: 'y', scopes } })).at('attr')).toBe(
          'scopes',
        );
      }
      const list = await service.get(root(), adaKey);
      expect(list.body).toMatchObject({ count: 1, results: [{ label: 'backend', value: null }] });
      expect((await service.send('PATCH', place, { key: adaKey, json: { label: 'api' } })).body).toMatchObject({
        label: 'api',
      });
      const rolled = await service.send('POST', `${place}roll/`, { key: adaKey });
      expect(rolled.at('value')).not.toBe(value);
      expect((await service.get(place.replace(`/${project}/`, `/${foreign}/`), adaKey)).status).toBe(403);
      expect((await service.send('DELETE', place, { key: adaKey })).status).toBe(204);
      expect((await service.get(place, adaKey)).status).toBe(404);
    });
  });

  describe('projects', () => {
    it('M147, M2: are made with one number for project and team, changed and deleted', async () => {
      const post = (key: string, json: unknown) =>
        service.send('POST', `/api/organizations/@current/projects/`, { key, json });
      expect((await post(bobKey, { name: 'No' })).status).toBe(403);
      expect((await post(adaKey, { name: 'Zone', timezone: 'Mars/Olympus' })).body).toMatchObject({
        code: 'invalid_choice',
        attr: 'timezone',
      });
      const made = await post(adaKey, { name: " O'Brien <b>; drop table posthog_team -- ", timezone: 'Europe/Vienna' });
      expect(made.status).toBe(201);
      const id = Number(made.at('id'));
      expect(made.body).toMatchObject({
        name: "O'Brien <b>; drop table posthog_team --",
        timezone: 'Europe/Vienna',
        organization: shop,
      });
      expect(made.at('uuid')).toMatch(UUID);
      expect(await service.sql(`select id = project_id from posthog_team where id = ${id}`)).toEqual([true]);
      const token = String(made.at('api_token'));
      const flags = () =>
        service.send('POST', '/flags?v=2', { json: { token, distinct_id: 'ann' } }).then(({ status }) => status);
      expect(await flags()).toBe(200);
      const place = `/api/organizations/${shop}/projects/${id}/`;
      const change = {
        name: 'Second',
        heatmaps_opt_in: 'true',
        recording_domains: ['https://a.example'],
        surveys_opt_in: null,
      };
      expect((await service.send('PATCH', place, { key: adaKey, json: change })).body).toMatchObject({
        name: 'Second',
        timezone: 'Europe/Vienna',
        heatmaps_opt_in: true,
        recording_domains: ['https://a.example'],
        surveys_opt_in: null,
      });
      expect((await service.get(`/api/organizations/${shop}/projects/${foreign}/`, adaKey)).status).toBe(403);
      expect((await service.send('DELETE', place, { key: adaKey })).status).toBe(204);
      expect((await service.get(place, adaKey)).status).toBe(404);
      expect(await service.sql(`select count(*)::int from posthog_project where id = ${id}`)).toEqual([0]);
    });

    it('M148, M16: an environment’s settings are read by members and changed by admins', async () => {
      const place = `/api/environments/${project}/`;
      expect((await service.send('PATCH', place, { key: bobKey, json: { app_urls: [] } })).status).toBe(403);
      const changed = await service.send('PATCH', place, {
        key: adaKey,
        json: { app_urls: ['https://shop.example'], session_recording_opt_in: 1 },
      });
      expect(changed.body).toMatchObject({ app_urls: ['https://shop.example'], session_recording_opt_in: true });
      expect((await service.get(place, bobKey)).body).toMatchObject({
        app_urls: ['https://shop.example'],
        name: 'First',
      });
      for (const [json, attr, code] of [
        [{ app_urls: 'x' }, 'app_urls', 'not_a_list'],
        [{ heatmaps_opt_in: 'perhaps' }, 'heatmaps_opt_in', 'invalid_input'],
        [{ session_recording_opt_in: null }, 'session_recording_opt_in', 'null'],
        [{ name: '' }, 'name', 'blank'],
        [{ name: '\ud800' }, 'name', 'surrogate_characters_not_allowed'],
      ] as const) {
        const answer = await service.send('PATCH', place, { key: adaKey, json });
        expect([answer.status, answer.at('attr'), answer.at('code')]).toEqual([400, attr, code]);
      }
    });
  });

  describe('members', () => {
    it('M146, M25, M16: are listed for members, and changed by admins up to their own level', async () => {
      const root = `/api/organizations/${shop}/members/`;
      const list = await service.get(root, bobKey);
      expect(list.body).toMatchObject({
        count: 2,
        results: [
          { level: 15, user: { id: ada } },
          { level: 1, user: { id: bob } },
        ],
      });
      expect(list.at('results', 1, 'user')).toEqual({
        id: bob,
        uuid: expect.stringMatching(UUID) as string,
        distinct_id: expect.any(String) as string,
        first_name: 'Ada',
        last_name: '',
        email: 'bob@example.com',
        is_email_verified: false,
        hedgehog_config: null,
        role_at_organization: null,
      });
      const [adas, bobs] = [
        String(list.at('results', 0, 'user', 'uuid')),
        String(list.at('results', 1, 'user', 'uuid')),
      ];
      const patch = (key: string, uuid: string, level: unknown) =>
        service.send('PATCH', `${root}${uuid}/`, { key, json: { level } });
      expect((await patch(bobKey, bobs, 15)).status).toBe(403);
      expect((await patch(adaKey, bobs, 7)).at('code')).toBe('invalid_choice');
      expect((await patch(adaKey, bobs, 8)).body).toMatchObject({ level: 8 });
      expect((await patch(bobKey, bobs, 15)).status).toBe(403);
      expect((await patch(bobKey, adas, 1)).status).toBe(403);
      expect((await patch(adaKey, adas, 1)).body).toMatchObject({ attr: 'level' });
      expect((await patch(adaKey, 'nobody', 1)).status).toBe(404);
      expect((await service.send('DELETE', `${root}${bobs}/`, { key: adaKey })).status).toBe(204);
      expect((await service.get(root, bobKey)).status).toBe(403);
    });
  });
});
