import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { fromLocalEvaluation, KeyWriter } from 'halyard/host';
import { ask, createTestDatabase, type TestDatabase, waitUntil } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from './compose.ts';
import { demoToken } from './demo/demo.ts';
import { seedDemo } from './demo/seed-demo.ts';
import { createLog } from './operate/log/logger.ts';
import { readSettings } from './operate/settings/read-settings.ts';

const PATHS = ['/flags/definitions', '/api/feature_flag/local_evaluation'] as const;

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** No more connections at a time than a client would have. */
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** As sent: `fetch` asks for gzip by itself, unpacks it, and knows no empty header. */
function send(url: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    asking.on('error', reject);
    asking.end();
  });
}

describe('definitions for local evaluation, on a real database', () => {
  let database: TestDatabase;
  let writer: KeyWriter;
  let service: Service;
  let demoId: number;
  let demoSecret: string;
  let other: Awaited<ReturnType<KeyWriter['createProject']>>;

  beforeAll(async () => {
    database = await createTestDatabase();
    await seedDemo(database.url);
    writer = await KeyWriter.open(database.url);
    demoId = (await writer.projects(demoToken))[0]?.teamId ?? 0;
    demoSecret = await writer.rotateSecret(demoId);
    other = await writer.createProject('Other');
    const settings = readSettings({ DATABASE_URL: database.url, PORT: '0', HALYARD_UNKNOWN_PER_SECOND: '100' });
    service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
  });

  afterAll(async () => {
    agent.destroy();
    await service.close();
    await writer.close();
    await database.drop();
  });

  const get = (path: string, key: string | null, headers: Record<string, string> = {}) =>
    send(`${service.url}${path}`, { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers });
  const statusOf = async (path: string, key: string | null, headers?: Record<string, string>) =>
    (await get(path, key, headers)).status;
  /** The status once it is the one that is waited for, or at last. */
  const settled = async (wanted: number, path: string, key: string | null, headers?: Record<string, string>) => {
    await waitUntil(async () => (await statusOf(path, key, headers)) === wanted);
    return statusOf(path, key, headers);
  };
  const personal = (scopes: readonly ('*' | 'feature_flag:read' | 'feature_flag:write')[], everywhere = false) =>
    writer.createPersonalKey(demoId, 'ada@example.com', { label: 'test', scopes }, everywhere);

  it('H165, H172: both paths, with and without a slash, give the same document, cohorts always among it', async () => {
    const paths = PATHS.flatMap((path) => [path, `${path}/`, `${path}?send_cohorts`, `${path}/?send_cohorts=false`]);
    const answers = await Promise.all(paths.map((path) => get(path, demoSecret)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
    const bodies = new Set(answers.map(({ body }) => body.toString()));
    expect(bodies.size).toBe(1);
    const document = JSON.parse([...bodies][0] ?? '') as Record<string, object>;
    expect(document).toMatchObject({ group_type_mapping: { '0': 'organization' }, property_matching_version: 1 });
    expect(document['flags']).toHaveLength(17);
    expect(Object.keys(document['cohorts'] ?? {})).toEqual(['1']);
    expect(fromLocalEvaluation(document as never).flags).toHaveLength(17);
  });

  it('H15: HEAD needs no key, and other methods are refused', async () => {
    for (const path of [...PATHS, '/api/projects/1/feature_flags/x/remote_config']) {
      const head = await send(service.url + path, {}, 'HEAD');
      expect([head.status, head.headers['content-type']]).toEqual([200, 'application/json']);
      const post = await send(service.url + path, {}, 'POST');
      expect([post.status, post.headers.allow]).toEqual([405, 'GET, OPTIONS, HEAD']);
    }
  });

  it('H170: the tag is that of the bytes; sent back in any form it gives 304 without a body, and otherwise nothing', async () => {
    const { headers, body } = await get(PATHS[0], demoSecret);
    const tag = createHash('sha256').update(body).digest('hex').slice(0, 16);
    const caching = { etag: `W/"${tag}"`, 'cache-control': 'private, must-revalidate' };
    expect(headers).toMatchObject(caching);
    for (const form of [`W/"${tag}"`, `"${tag}"`, tag, ` ${tag} `]) {
      const again = await get(PATHS[0], demoSecret, { 'if-none-match': form });
      expect([again.status, again.body.length]).toEqual([304, 0]);
      expect(again.headers).toMatchObject(caching);
    }
    const others = ['', '*', '""', 'W/""', `W/${tag}`, `${tag}0`, `"${tag}", "x"`, '\u00ff', 'x'.repeat(4000), '"; --'];
    for (const form of others) {
      expect([form, await statusOf(PATHS[0], demoSecret, { 'if-none-match': form })]).toEqual([form, 200]);
    }
  });

  it('is packed for those that take gzip', async () => {
    const plain = await get(PATHS[0], demoSecret);
    const packed = await get(PATHS[0], demoSecret, { 'accept-encoding': 'br, gzip;q=0.8' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', etag: plain.headers['etag'] });
    expect(packed.headers.vary).toContain('Accept-Encoding');
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
    for (const refusing of ['identity', 'gzip;q=0', 'br, gzip; q=0.0, x']) {
      const { headers } = await get(PATHS[0], demoSecret, { 'accept-encoding': refusing });
      expect(headers['content-encoding']).toBeUndefined();
    }
  });

  it('H166, H169: no key and an unknown one are 401, whatever else is wrong', async () => {
    const { etag } = (await get(PATHS[0], demoSecret)).headers;
    const wrong = ['phs_nobody', 'phx_nobody', demoToken, ` ${demoSecret}`, 'phs_', 'x'.repeat(10_000)];
    for (const path of PATHS) {
      for (const query of ['', `?token=${demoToken}`, '?token=phc_nobody', '?token=']) {
        for (const key of [null, '', 'x', ...wrong]) {
          const answer = await get(path + query, key, { 'if-none-match': String(etag) });
          expect([query, key, answer.status]).toEqual([query, key, 401]);
        }
      }
    }
    for (const credential of [`bearer ${demoSecret}`, `Bearer  ${demoSecret}`, `Basic ${demoSecret}`, demoSecret]) {
      expect(await statusOf(PATHS[0], null, { authorization: credential })).toBe(401);
    }
    const { body } = await get(PATHS[0], 'phs_nobody');
    expect(JSON.parse(String(body))).toMatchObject({ type: 'authentication_error', code: 'authentication_failed' });
    expect(String(body)).not.toContain('phs_nobody');
  });

  it('a key in the wrong place opens nothing', async () => {
    expect(await statusOf(`${PATHS[0]}?token=${demoSecret}`, null)).toBe(401);
    expect(await statusOf(`${PATHS[0]}?key=${demoSecret}&secret_token=${demoSecret}`, null)).toBe(401);
    expect(await statusOf(PATHS[0], null, { 'x-posthog-project-api-key': demoSecret })).toBe(401);
    expect(await statusOf(`${PATHS[0]}?token=${demoSecret}`, demoSecret)).toBe(401);
  });

  it('H166, D61: the rotated-out secret token opens its project until it is dropped, and no other', async () => {
    const next = await writer.rotateSecret(other.teamId);
    for (const secret of [other.secret, next]) {
      const { status, body } = await get(PATHS[0], secret);
      expect([status, JSON.parse(String(body))]).toMatchObject([200, { flags: [] }]);
      expect(await statusOf(`${PATHS[0]}?token=${other.token}`, secret)).toBe(200);
      expect(await statusOf(`${PATHS[0]}?token=${demoToken}`, secret)).toBe(401);
      expect(await statusOf(`${PATHS[0]}?token=phc_nobody`, secret)).toBe(401);
    }
    await writer.dropBackup(other.teamId);
    expect(await settled(401, PATHS[0], other.secret)).toBe(401);
    expect(await statusOf(PATHS[0], next)).toBe(200);
  });

  it('H166, D17, D61: a project secret key opens its project with no scopes, or with one of these', async () => {
    const cases = [null, ['*'], ['feature_flag:read'], ['insight:read', 'feature_flag:write'], [], ['insight:read']];
    const statuses: number[] = [];
    for (const [i, scopes] of cases.entries()) {
      const made = await writer.createProjectKey(demoId, { label: `k${i}`, scopes: [] });
      const list = scopes === null ? 'null' : `'{${scopes.join(',')}}'`;
      const [stored] = await ask(
        database.url,
        `update posthog_projectsecretapikey set scopes = ${list} where id = '${made.id}' returning secure_value`,
      );
      expect(stored).toBe(`sha256$${createHash('sha256').update(made.secret).digest('hex')}`);
      statuses.push(await statusOf(PATHS[0], made.secret));
    }
    expect(statuses).toEqual([200, 200, 200, 200, 401, 401]);
  });

  it('H86, H166, D62: a personal key needs a token, its scopes, an active owner, a membership, and no restriction to others', async () => {
    const { id, secret } = await personal(['feature_flag:read']);
    const named = `${PATHS[0]}?token=${demoToken}`;
    expect(await statusOf(PATHS[0], secret)).toBe(400);
    expect(String((await get(PATHS[0], secret)).body)).toContain('\\"token\\"');
    expect(await statusOf(named, secret)).toBe(200);
    expect(await statusOf(`${PATHS[0]}?token=${other.token}`, secret)).toBe(401);
    expect(await statusOf(`${PATHS[0]}?token=phc_nobody`, secret)).toBe(401);
    const organization = `(select organization_id::text from posthog_team where id = ${demoId})`;
    const change = (set: string) => ask(database.url, `update posthog_personalapikey set ${set} where id = '${id}'`);
    const steps: readonly (readonly [string, number])[] = [
      [`scopes = '{}'`, 403],
      [`scopes = null`, 403],
      [`scopes = '{insight:read}'`, 403],
      [`scopes = '{*}'`, 200],
      [`scopes = '{feature_flag:write}', scoped_teams = '{${other.teamId}}'`, 401],
      [`scoped_teams = '{}'`, 200],
      [`scoped_organizations = array['0190b3a0-0000-7000-8000-000000000001']`, 401],
      [`scoped_organizations = array[${organization}]`, 200],
    ];
    for (const [set, status] of steps) {
      await change(set);
      expect(await settled(status, named, secret)).toBe(status);
    }
    await change(`scopes = '{insight:read}'`);
    expect(await settled(403, named, secret)).toBe(403);
    for (const token of [demoToken, other.token, 'phc_nobody']) {
      const { status, body } = await get(`${PATHS[1]}?token=${token}`, secret);
      expect([status, JSON.parse(String(body))]).toEqual([
        403,
        {
          type: 'authentication_error',
          code: 'permission_denied',
          detail: expect.stringContaining('feature_flag:read') as string,
          attr: null,
        },
      ]);
    }
    await change(`scopes = '{*}'`);
    await ask(database.url, `update posthog_user set is_active = false`);
    expect(await settled(401, named, secret)).toBe(401);
    await ask(database.url, `update posthog_user set is_active = true`);
    expect(await settled(200, named, secret)).toBe(200);
    await ask(database.url, 'delete from posthog_organizationmembership');
    expect(await settled(401, named, secret)).toBe(401);
  });

  it('H167 (R): posthog-rs names its project in a header, with a personal key, too', async () => {
    const { secret } = await personal(['*']);
    expect(await statusOf(PATHS[0], secret, { 'x-posthog-project-api-key': demoToken })).toBe(200);
    expect(await statusOf(PATHS[0], secret, { 'x-posthog-project-api-key': other.token })).toBe(401);
    expect(await statusOf(`${PATHS[0]}?token=${demoToken}`, secret, { 'x-posthog-project-api-key': 'phc_x' })).toBe(
      200,
    );
  });

  it('H168, D63: the use of a key is noted, not more often than once an hour', async () => {
    const made = await personal(['*']);
    const project = await writer.createProjectKey(demoId, { label: 'noted', scopes: ['*'] });
    const stamp = async (id: string) => (await writer.keys()).find((key) => key.id === id)?.lastUsedAt ?? null;
    expect([await stamp(made.id), await stamp(project.id)]).toEqual([null, null]);
    expect(await statusOf(`${PATHS[0]}?token=${demoToken}`, made.secret)).toBe(200);
    expect(await statusOf(PATHS[0], project.secret)).toBe(200);
    await waitUntil(async () => (await stamp(made.id)) !== null && (await stamp(project.id)) !== null);
    expect([await stamp(made.id), await stamp(project.id)]).not.toContain(null);
    const before = `now() - interval '59 minutes'`;
    await ask(
      database.url,
      `update posthog_personalapikey set last_used_at = ${before}, scopes = '{*}' where id = '${made.id}'`,
    );
    const noted = await stamp(made.id);
    for (let i = 0; i < 3; i++) await get(`${PATHS[0]}?token=${demoToken}`, made.secret);
    expect(await stamp(made.id)).toBe(noted);
  });

  it('a revoked key is refused at once, and one that is made is taken at once', async () => {
    const { id, secret } = await writer.createProjectKey(demoId, { label: 'short-lived', scopes: ['*'] });
    expect(await statusOf(PATHS[0], secret)).toBe(200);
    expect(await writer.revoke(id)).toBe(true);
    expect(await settled(401, PATHS[0], secret)).toBe(401);
    const digest = createHash('sha256').update('phs_made_later').digest('hex');
    expect(await statusOf(PATHS[0], 'phs_made_later')).toBe(401);
    await ask(
      database.url,
      `insert into posthog_projectsecretapikey (id, team_id, label, secure_value) values ('later', ${demoId}, 'later', 'sha256$${digest}')`,
    );
    expect(await settled(200, PATHS[0], 'phs_made_later')).toBe(200);
  });

  it('H170: a change of a flag gives another tag and the changed flag', async () => {
    const before = await get(PATHS[0], demoSecret);
    await ask(database.url, `update posthog_featureflag set active = false where key = 'dark-mode'`);
    const tag = { 'if-none-match': String(before.headers['etag']) };
    expect(await settled(200, PATHS[0], demoSecret, tag)).toBe(200);
    const { flags } = JSON.parse(String((await get(PATHS[0], demoSecret)).body)) as { flags: { key: string }[] };
    expect(flags.find(({ key }) => key === 'dark-mode')).toMatchObject({ active: false });
    expect(flags).toHaveLength(17);
  });

  it('H95a: a flood of keys of nobody is not looked up one by one, and harms nobody else', async () => {
    const begun = performance.now();
    const flood = await Promise.all(Array.from({ length: 1_500 }, (_, i) => get(PATHS[0], `phs_flood_${i}`)));
    const seconds = (performance.now() - begun) / 1000;
    const lookedUp = flood.filter(({ status }) => status === 401).length;
    expect(new Set(flood.map(({ status }) => status))).toEqual(new Set([401, 429]));
    expect(lookedUp).toBeLessThanOrEqual(500 + 100 * Math.ceil(seconds));
    expect(flood.find(({ status }) => status === 429)?.headers['retry-after']).toBe('1');
    expect(await statusOf(PATHS[0], demoSecret)).toBe(200);
  });
});
