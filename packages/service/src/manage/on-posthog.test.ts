import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ages, publicToken } from '../drop-in/posthog-schema.cases.ts';
import { type ManagedService, startManagedService } from './managed-service.cases.ts';
import { accounts, key } from './posthog-tables.cases.ts';

describe('the management API on a database that PostHog made', () => {
  const databases: TestDatabase[] = [];
  let service: ManagedService | undefined;

  afterEach(async () => {
    await service?.stop();
    service = undefined;
    await Promise.all(databases.splice(0).map((one) => one.drop()));
  });

  async function start(
    age: (typeof ages)[number] | undefined,
    env: Record<string, string> = {},
  ): Promise<ManagedService> {
    const database = await createTestDatabase({ empty: true });
    databases.push(database);
    await ask(database.url, ...(age?.main ?? []), ...(age?.persons ?? []), ...accounts);
    return (service = await startManagedService(env, database));
  }

  it.each(ages)('M200, M203, M205: reads and refuses to write: $name', async (age) => {
    const one = await start(age, { HALYARD_POSTHOG_URL: 'https://posthog.example' });
    const before = await one.sql(`select md5(string_agg(f::text, ',' order by id)) from posthog_featureflag f`);
    expect((await one.get('/api/users/@me/', key)).body).toMatchObject({
      email: 'ann@example.com',
      team: { id: 3, name: 'Team', api_token: publicToken },
      organization: { name: 'Org', membership_level: 15 },
    });
    expect((await one.get('/api/projects/@current/', key)).body).toMatchObject({ id: 3, timezone: 'UTC' });
    expect((await one.get('/api/personal_api_keys/@current', key)).body).toMatchObject({
      label: 'ci',
      scoped_teams: [],
    });
    const own = (what: string, json: object) => one.send('POST', `/api/halyard/projects/3/${what}`, { key, json });
    const draft = { key: 'new', filters: { groups: [{ rollout_percentage: 50 }] } };
    expect((await own('explain', { draft, distinct_id: 'ann' })).body).toMatchObject({ flags: [{ key: 'new' }] });
    expect((await own('check', { draft })).body).toMatchObject({ errors: [] });
    expect((await own('impact', { draft })).body).toMatchObject({ sample: { state: 'empty' }, transitions: [] });
    expect((await one.get('/api/halyard/projects/3/traffic', key)).body).toEqual({ counted: false, flags: [] });
    // Tables of history, tags, cohorts' people and plans are not there: they read as empty (M205).
    for (const [path, found] of [
      ['feature_flags/?order=-updated_at', { count: 6 }],
      ['feature_flags/1/', { key: 'for-all', archived: false, tags: [], features: [] }],
      ['feature_flags/6/', { evaluation_contexts: age.contexts ? ['docs'] : [] }],
      ['feature_flags/1/activity/', { results: [] }],
      ['cohorts/', { results: [{ name: 'Members', is_static: true }] }],
      ['persons/', { results: [{ distinct_ids: ['ann'] }] }],
      ['scheduled_changes/', { results: [] }],
      ['early_access_feature/', { results: [] }],
    ] as const) {
      expect(await one.get(`/api/projects/3/${path}`, key)).toMatchObject({ status: 200, body: found });
    }
    const refused = async (method: string, path: string, json: unknown) => {
      const { status, at } = await one.send(method, path, { key, json });
      return [status, at('type'), at('code'), String(at('detail'))] as const;
    };
    for (const [method, path] of [
      ['POST', '/api/projects/3/feature_flags/'],
      ['PATCH', '/api/projects/3/feature_flags/1/'],
      ['POST', '/api/projects/3/feature_flags/1/disable/'],
    ] as const) {
      const [status, type, code, detail] = await refused(method, path, { key: 'new', active: false });
      expect([status, type, code]).toEqual([403, 'authentication_error', 'managed_by_posthog']);
      expect(detail).toContain('https://posthog.example');
      expect(detail).toContain('HALYARD_POSTHOG_WRITES');
    }
    expect((await refused('POST', '/api/organizations/@current/projects/', { name: 'x' })).slice(0, 3)).toEqual([
      403,
      'authentication_error',
      'managed_by_posthog',
    ]);
    expect((await refused('POST', '/api/login/', { email: 'ann@example.com', password: 'x' }))[2]).toBe(
      'managed_by_posthog',
    );
    expect(await one.sql(`select md5(string_agg(f::text, ',' order by id)) from posthog_featureflag f`)).toEqual(
      before,
    );
    expect(await one.sql(`select last_used_at is not null from posthog_personalapikey`)).toEqual([true]);
  });

  it('M201: forwards changes with the caller’s own key, answers as PostHog does, and evaluates with them at once', async () => {
    const heard: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string }[] =
      [];
    let write = async (): Promise<void> => undefined;
    const posthog = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        heard.push({ method: request.method, url: request.url, headers: request.headers, body });
        const answer = async () => {
          await write();
          response.writeHead(418, { 'content-type': 'application/json; x=1', 'set-cookie': 'theirs=1' });
          response.end('{"odd": 1.0}');
        };
        void answer();
      });
    }).listen(0, '127.0.0.1');
    await once(posthog, 'listening');
    try {
      const { port } = posthog.address() as AddressInfo;
      const one = await start(ages[1], {
        HALYARD_POSTHOG_WRITES: 'forward',
        HALYARD_POSTHOG_URL: `http://127.0.0.1:${port}/app/`,
      });
      const value = async () => {
        const json = { token: publicToken, distinct_id: 'ann' };
        return (await one.send('POST', '/flags?v=2', { json })).at('flags', 'for-all', 'enabled');
      };
      expect(await value()).toBe(true);
      write = async () => void (await one.sql(`update posthog_featureflag set active = false where id = 1`));
      const answer = await fetch(`${one.url}/api/projects/3/feature_flags/1?x=1`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', cookie: 'halyard=1' },
        body: '{"active" : false}',
      });
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        418,
        'application/json; x=1',
        '{"odd": 1.0}',
      ]);
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(heard).toMatchObject([
        {
          method: 'PATCH',
          url: '/app/api/projects/3/feature_flags/1/?x=1',
          body: '{"active" : false}',
          headers: { authorization: `Bearer ${key}` },
        },
      ]);
      expect(heard[0]?.headers.cookie).toBeUndefined();
      // An inactive flag is not among the answers, or false.
      expect(await value()).not.toBe(true);
      posthog.closeAllConnections();
      posthog.close();
      const away = await one.send('PATCH', '/api/projects/3/feature_flags/1/', { key, json: {} });
      expect([away.status, away.at('type')]).toEqual([503, 'server_error']);
    } finally {
      posthog.close();
    }
  });
});
