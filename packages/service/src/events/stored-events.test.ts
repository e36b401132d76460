import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import type { JsonObject } from '@halyard/json';
import { fromLocalEvaluation, ProjectWriter } from 'halyard/host';
import { pino } from 'pino';
import { PostHog } from 'posthog-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../compose.ts';
import type { Log } from '../operate/log/logger.ts';
import { OutageLines } from '../operate/log/outage-lines.ts';
import { readSettings } from '../operate/settings/read-settings.ts';

const TOKEN = 'phc_stored';
const MARKER = 'm4rk3r';

const condition = (property: JsonObject): JsonObject => ({
  groups: [{ properties: [property], rollout_percentage: 100 }],
});
const definitions: JsonObject = {
  flags: [
    {
      id: 1,
      key: 'for-pro',
      active: true,
      filters: condition({ key: 'plan', type: 'person', operator: 'exact', value: ['pro'] }),
    },
    {
      id: 2,
      key: 'for-gold',
      active: true,
      filters: {
        aggregation_group_type_index: 0,
        ...condition({ key: 'tier', type: 'group', group_type_index: 0, operator: 'exact', value: ['gold'] }),
      },
    },
    {
      id: 3,
      key: 'kept',
      active: true,
      ensure_experience_continuity: true,
      filters: {
        groups: [{ rollout_percentage: 100 }],
        multivariate: {
          variants: [
            { key: 'a', rollout_percentage: 50 },
            { key: 'b', rollout_percentage: 50 },
          ],
        },
      },
    },
  ],
  group_type_mapping: { '0': 'company' },
  cohorts: [],
};

describe('events on a real database', () => {
  let database: TestDatabase;
  const services: Service[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    const writer = await ProjectWriter.open(database.url);
    await writer.importDefinitions(fromLocalEvaluation(definitions), { token: TOKEN });
    await writer.close();
    const sink = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) });
    const logger = pino({ level: 'info' }, sink);
    const line = (text: string): void => void lines.push(text);
    const log: Log = { logger, outages: new OutageLines(logger), line, flush: () => undefined };
    const settings = readSettings({ DATABASE_URL: database.url, PORT: '0', HALYARD_METRICS: 'true' });
    for (let i = 0; i < 2; i += 1) services.push(await startService(settings, { log, onProgress: () => undefined }));
  });

  afterAll(async () => {
    await Promise.all(services.map((service) => service.close()));
    await database?.drop();
  });

  const url = (which = 0): string => services[which]?.url ?? '';

  async function post(path: string, body: string | Uint8Array, headers: Record<string, string> = {}, which = 0) {
    const response = await fetch(`${url(which)}${path}`, { method: 'POST', headers, body: body as string });
    return { status: response.status, text: await response.text() };
  }

  const send = (events: readonly object[], which = 0) =>
    post('/batch/', JSON.stringify({ api_key: TOKEN, batch: events }), {}, which);

  /** What any SDK gets that says nothing but an id. */
  async function flagsOf(distinctId: string, more: object = {}, which = 0): Promise<Record<string, unknown>> {
    const { text } = await post(
      '/flags?v=1',
      JSON.stringify({ token: TOKEN, distinct_id: distinctId, ...more }),
      {},
      which,
    );
    const { featureFlags, errorsWhileComputingFlags } = JSON.parse(text) as {
      featureFlags: Record<string, unknown>;
      errorsWhileComputingFlags: boolean;
    };
    expect(errorsWhileComputingFlags).toBe(false);
    return featureFlags;
  }

  const persons = (...ids: string[]) =>
    ask(
      database.url,
      `select string_agg(d.distinct_id, ',' order by d.distinct_id collate "C") || ' ' || p.properties::text || ' ' || p.is_identified
         from posthog_person p join posthog_persondistinctid d on d.person_id = p.id and not d.is_deleted
        where p.id in (select person_id from posthog_persondistinctid where distinct_id in (${ids.map((id) => `'${id}'`).join()}))
        group by p.id, p.properties, p.is_identified order by 1`,
    );

  it('I201: says at the start what happens to events', () => {
    expect(lines.filter((line) => line.includes('events: persons and groups are stored'))).toHaveLength(2);
  });

  it('I132, I85, I72, I103: posthog-node identifies, sets, unsets, groups and joins, and the next /flags knows', async () => {
    const client = new PostHog(TOKEN, { host: url(), flushAt: 100, fetchRetryCount: 0 });
    const failures: unknown[] = [];
    client.on('error', (error: unknown) => failures.push(error));
    client.capture({
      distinctId: 'n1',
      event: 'bought',
      properties: { $set: { plan: 'pro' }, $set_once: { source: 'ad' } },
    });
    client.groupIdentify({ groupType: 'company', groupKey: 'acme', properties: { tier: 'gold' } });
    await client.flush();
    expect(await flagsOf('n1', { groups: { company: 'acme' } }, 1)).toMatchObject({
      'for-pro': true,
      'for-gold': true,
    });
    client.identify({ distinctId: 'n1', properties: { plan: 'free' } });
    client.alias({ distinctId: 'n1', alias: 'n1-old' });
    client.capture({
      distinctId: 'n1',
      event: 'seen',
      properties: { $set_once: { source: 'other' }, $unset: ['nothing'] },
    });
    await client.flush();
    expect(await flagsOf('n1-old', {}, 1)).toMatchObject({ 'for-pro': false });
    expect(await persons('n1')).toEqual(['n1,n1-old {"plan": "free", "source": "ad"} true']);
    client.capture({ distinctId: 'n1', event: '$set', properties: { $set: { plan: 'pro' }, $unset: ['source'] } });
    await client.shutdown();
    expect(await persons('n1-old')).toEqual(['n1,n1-old {"plan": "pro"} true']);
    expect(failures).toEqual([]);
  });

  it('I91: of 40 sign-ins none changes its variant, whichever of /flags and $identify arrives first', async () => {
    const signIn = async (i: number): Promise<string[]> => {
      const [visitor, user] = [`visitor-${i}`, `user-${i}`];
      const before = (await flagsOf(visitor))['kept'];
      const properties = { $anon_distinct_id: visitor, $set: { n: i } };
      const identify = () => send([{ event: '$identify', distinct_id: user, properties }], i % 2);
      const decide = () => flagsOf(user, { $anon_distinct_id: visitor }, (i >> 1) % 2);
      if (i % 4 === 0) {
        await decide();
        await identify();
      } else if (i % 4 === 1) {
        await identify();
        await decide();
      } else await Promise.all([decide(), identify()]);
      const after = [await flagsOf(user), await flagsOf(user, {}, 1)].map(({ kept }) => kept);
      return after.every((value) => value === before) ? [] : [`${user}: ${String(before)}, then ${after.join()}`];
    };
    const flips = (await Promise.all(Array.from({ length: 40 }, (_, i) => signIn(i)))).flat();
    expect(flips).toEqual([]);
  });

  it('I142, I150: two processes change one person at once, and nothing is lost or done twice', async () => {
    const event = (i: number) => ({
      event: i % 5 === 0 ? '$identify' : 'seen',
      distinct_id: i % 5 === 0 ? 'shared' : `shared-${i % 3}`,
      uuid: `0190a1b2-0000-7000-8000-${String(i).padStart(12, '0')}`,
      properties: { $set: { [`k${i}`]: i }, ...(i % 5 === 0 && { $anon_distinct_id: `shared-${i % 3}` }) },
    });
    const events = Array.from({ length: 60 }, (_, i) => event(i));
    // Each is sent to both.
    const statuses = await Promise.all(events.flatMap((one, i) => [send([one], i % 2), send([one], (i + 1) % 2)]));
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([200]));
    const [person, ...others] = await persons('shared');
    expect(others).toEqual([]);
    expect(person).toMatch(/^shared,shared-0,shared-1,shared-2 .* true$/);
    for (let i = 0; i < 60; i += 1) expect(person).toContain(`"k${i}": ${i}`);
    const [rows] = await ask(
      database.url,
      `select count(*)::int from halyard_ingested_event where uuid::text like '0190a1b2-0000-7000-8000-%'`,
    );
    expect(rows).toBe(60);
  });

  it('I150: an event that comes again after a newer one changes nothing (scenario 51)', async () => {
    const one = { event: '$set', distinct_id: 'again', uuid: '0190a1b2-0001-7000-8000-000000000001' };
    await send([{ ...one, properties: { $set: { a: 2 } } }]);
    await send([{ ...one, uuid: '0190a1b2-0001-7000-8000-000000000002', properties: { $set: { a: 3 } } }], 1);
    await send([{ ...one, properties: { $set: { a: 2 } } }], 1);
    expect(await persons('again')).toEqual(['again {"a": 3} false']);
  });

  it('I22: numbers of any length, NUL and __proto__ arrive as they may be stored', async () => {
    const properties = '{"$set":{"n":12345678901234567890,"s":"a\\u0000\\ud800","__proto__":{"x":1},"e":1e400}}';
    const body = `{"token":"${TOKEN}","event":"$set","distinct_id":"exact","properties":${properties}}`;
    expect((await post('/e/', gzipSync(body), { 'content-type': 'text/plain' })).status).toBe(200);
    const [row] = await ask(
      database.url,
      `select properties::text from posthog_person p join posthog_persondistinctid d
      on d.person_id = p.id where distinct_id = 'exact'`,
    );
    expect(row).toContain('"n": 12345678901234567890');
    expect(row).toContain('"s": "a\ufffd\ufffd"');
    expect(row).toContain('"__proto__": {"x": 1}');
  });

  it('scenario 75: a project that was made a second ago is known', async () => {
    const body = JSON.stringify({ api_key: 'phc_young', batch: [{ event: '$set', distinct_id: 'y', $set: { a: 1 } }] });
    expect((await post('/batch', body)).status).toBe(401);
    const writer = await ProjectWriter.open(database.url);
    await writer.importDefinitions(fromLocalEvaluation({ flags: [] }), { token: 'phc_young' });
    await writer.close();
    await expect.poll(async () => (await post('/batch', body)).status, { timeout: 10_000 }).toBe(200);
  });

  it('I191: what an event brings beside persons is in no row and in no line of the log (scenario 88)', async () => {
    const headers = { 'user-agent': `${MARKER} agent`, 'x-forwarded-for': MARKER };
    const properties = { text: MARKER, $session_id: MARKER, $ip: MARKER, $set: { kept: 'yes' } };
    const events = [
      { event: `${MARKER} bought`, distinct_id: 'private', properties },
      {
        event: '$feature_flag_called',
        distinct_id: MARKER,
        properties: { $feature_flag: 'for-pro', $feature_flag_response: MARKER },
      },
      {
        event: '$feature_flag_called',
        distinct_id: 'p',
        properties: { $feature_flag: 'kept', $feature_flag_response: 'a' },
      },
      { event: 5, distinct_id: MARKER },
    ];
    await post('/batch/', JSON.stringify({ api_key: TOKEN, batch: events }), headers);
    await post('/batch/', `{"batch": ["${MARKER}`, headers);
    await post('/batch/', JSON.stringify({ api_key: MARKER, batch: events }), headers);
    expect(await persons('private')).toEqual(['private {"kept": "yes"} false']);
    await Promise.all(services.splice(0).map((service) => service.close()));
    const tables = await ask(
      database.url,
      `select format('select %L where exists (select from %I t where t::text like ''%%${MARKER}%%'')', relname, relname)
         from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    );
    expect(tables.length).toBeGreaterThan(10);
    expect(await ask(database.url, tables.join(' union all '))).toEqual([]);
    expect(lines.filter((line) => line.includes(MARKER))).toEqual([]);
    // I110, I113: written at the end.
    expect(await ask(database.url, 'select flag_key, value, calls::int from halyard_flag_calls')).toEqual([
      'kept',
      'a',
      1,
    ]);
  });
});
