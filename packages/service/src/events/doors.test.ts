import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { batchOf, type Doors, openDoors, projectWith, send, TOKEN } from './doors.cases.ts';

let shared: Doors;
const open: Doors[] = [];

beforeAll(async () => {
  shared = await openDoors();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
afterAll(() => shared.close());

/** Those that all use, as if nothing had happened; or some of one's own, where there are arguments. */
async function doors(...args: Parameters<typeof openDoors>): Promise<Doors> {
  shared.store.batches.length = 0;
  shared.store.tries = 0;
  shared.asked.length = 0;
  if (args.length === 0) return shared;
  const opened = await openDoors(...args);
  open.push(opened);
  return opened;
}

const set = (id: string, more: object = {}): object => ({
  event: '$set',
  distinct_id: id,
  properties: { $set: { a: 1 } },
  ...more,
});

const V1_HEADERS = {
  authorization: `Bearer ${TOKEN}`,
  'content-type': 'application/json',
  'user-agent': 'test',
  'posthog-sdk-info': 'test/1',
  'posthog-attempt': '1',
  'posthog-request-id': '0190a1b2-0000-7000-8000-000000000009',
  'posthog-request-timestamp': '2026-11-30T09:00:00Z',
};
const v1 = { path: '/i/v1/analytics/events', headers: V1_HEADERS };
const uuid = (n: number): string => `0190a1b2-0000-7000-8000-00000000000${n}`;
const v1Batch = (...events: object[]): string =>
  JSON.stringify({
    created_at: '2026-11-30T09:00:00Z',
    batch: events.map((event, i) => ({
      event: '$set',
      uuid: uuid(i),
      distinct_id: `v${i}`,
      timestamp: '2026-11-30T08:59:59Z',
      properties: { $set: { a: 1 } },
      ...event,
    })),
  });

describe('the doors for events', () => {
  it('I10, I11, I50: take v0 on all of its paths, with and without a slash, and by GET', async () => {
    const at = await doors();
    const paths = ['/batch', '/batch/', '/e/', '/i/v0/e/', '/capture', '/track/'];
    for (const [i, path] of paths.entries()) {
      const { status, text, headers } = await send(at, batchOf(set(`p${i}`)), { path });
      expect([status, text, headers.get('content-type')]).toEqual([200, '{"status":1}', 'application/json']);
    }
    const nameless = JSON.stringify({ token: TOKEN, $distinct_id: 'engaged', $set: { a: 1 } });
    expect((await send(at, nameless, { path: '/engage/' })).status).toBe(200);
    const data = Buffer.from(batchOf(set('pixel'))).toString('base64');
    const pixel = await send(at, '', { path: `/e/?data=${encodeURIComponent(data)}`, method: 'GET' });
    expect(pixel.status).toBe(200);
    expect(at.store.ids).toEqual([...paths.map((_, i) => `p${i}`), 'engaged', 'pixel']);
    const others = await Promise.all(['HEAD', 'OPTIONS', 'PUT'].map((method) => send(at, '', { method })));
    expect(others.map(({ status }) => status)).toEqual([200, 200, 405]);
    expect((await send(at, '{"batch":[', { path: '/s/' })).text).toBe('{"status":1}');
    expect((await send(at, '', { method: 'GET' })).status).toBe(400);
  });

  it('H10: answer browsers with the headers of CORS, whatever they answer', async () => {
    const at = await doors();
    const headers = { origin: 'https://shop.test' };
    for (const body of [batchOf(set('n')), 'no json']) {
      const answer = await send(at, body, { headers });
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.test');
    }
    const options = await send(at, '', { method: 'OPTIONS', headers });
    expect(options.headers.get('access-control-allow-methods')).toBe('GET, POST, OPTIONS, HEAD');
  });

  it('scenarios 70, 71, 72: look at the bytes, whatever is said of them', async () => {
    const at = await doors();
    const packed = gzipSync(batchOf(set('packed')));
    expect((await send(at, packed, { path: '/e/', headers: { 'content-type': 'text/plain' } })).status).toBe(200);
    const form = `data=${Buffer.from(batchOf(set('~~form??>>')))
      .toString('base64')
      .replaceAll('+', ' ')}`;
    const asForm = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    expect((await send(at, form, asForm)).status).toBe(200);
    const base64 = Buffer.from(batchOf(set('said'))).toString('base64');
    expect((await send(at, base64, { path: '/e/?compression=base64' })).status).toBe(200);
    const beacon = await send(at, batchOf(set('beacon')), { path: '/e/?beacon=1' });
    expect([beacon.status, beacon.text]).toEqual([204, '']);
    expect(at.store.ids).toEqual(['packed', '~~form??>>', 'said', 'beacon']);
  });

  it('I20: 6 MiB are taken, more than the limit and bombs are not (scenario 73)', async () => {
    const at = await doors();
    const many = Array.from({ length: 6_000 }, (_, i) => set(`m${i}`, { properties: { text: 'x'.repeat(1_000) } }));
    const large = batchOf(...many);
    expect(large.length).toBeGreaterThan(6 * 1024 * 1024);
    expect((await send(at, large)).status).toBe(200);
    expect(at.store.ids).toEqual(many.map((_, i) => `m${i}`));
    expect(Math.max(...at.store.batches.map((batch) => batch.length))).toBe(500);
    const tooLarge = await send(at, new Uint8Array(21 * 1024 * 1024));
    expect([tooLarge.status, tooLarge.text]).toEqual([413, 'The body is too large: send smaller batches.']);
    const bomb = await send(at, gzipSync(new Uint8Array(100 * 1024 * 1024)));
    expect([bomb.status, bomb.text]).toEqual([
      413,
      'The body is larger than 40 MiB once unpacked: send smaller batches.',
    ]);
    expect((await send(at, batchOf(set('after')))).status).toBe(200);
  });

  it('I22: keep numbers as they were written, also of requests that are read in a thread', async () => {
    const at = await doors();
    const exact = '{"n":12345678901234567890,"d":1.50,"e":1e400,"__proto__":{"x":1},"s":"\\u0000\\ud800"}';
    const event = `{"event":"$set","distinct_id":"exact","properties":{"$set":${exact}}}`;
    const filler = JSON.stringify(set('filler', { properties: { text: 'x'.repeat(200_000) } }));
    await send(at, `{"api_key":"${TOKEN}","batch":[${event}]}`);
    await send(at, `{"api_key":"${TOKEN}","batch":[${event},${filler}]}`);
    const [small, large] = at.store.batches.map(([first]) => first?.operation);
    expect(small?.person?.set.get('n')).toMatchObject({ text: '12345678901234567890' });
    expect(large).toEqual(small);
  });

  it('I24: take one token a request, and no personal key (scenario 74)', async () => {
    const at = await doors();
    const two = JSON.stringify([set('a', { token: TOKEN }), set('b', { token: 'phc_b' })]);
    expect((await send(at, two)).status).toBe(401);
    expect((await send(at, JSON.stringify({ api_key: 'phx_secret', batch: [set('a')] }))).status).toBe(401);
    expect((await send(at, JSON.stringify({ api_key: `${TOKEN}\n`, batch: [set('a')] }))).status).toBe(200);
    const unknown = await send(at, JSON.stringify({ api_key: 'phc_nobody', batch: [set('a')] }));
    expect([unknown.status, unknown.text]).toEqual([401, 'No project has this token.']);
    expect(at.store.ids).toEqual(['a']);
  });

  it('I44: answer v1 event by event (scenario 76)', async () => {
    const at = await doors();
    const good = await send(at, v1Batch({}, {}), v1);
    expect(JSON.parse(good.text)).toEqual({ results: { [uuid(0)]: { result: 'ok' }, [uuid(1)]: { result: 'ok' } } });
    const long = await send(at, v1Batch({}, { event: 'x'.repeat(201) }), v1);
    expect(JSON.parse(long.text)).toEqual({
      results: { [uuid(0)]: { result: 'ok' }, [uuid(1)]: { result: 'drop', details: 'event_name_too_long' } },
    });
    const twice = await send(at, v1Batch({ uuid: uuid(1) }, {}), v1);
    expect([twice.status, JSON.parse(twice.text)]).toMatchObject([400, { error: 'invalid_request' }]);
    const { 'posthog-attempt': _, ...without } = V1_HEADERS;
    expect((await send(at, v1Batch({}), { ...v1, headers: without })).status).toBe(400);
    expect((await send(at, v1Batch({}), { ...v1, headers: { ...V1_HEADERS, authorization: '' } })).status).toBe(401);
  });

  it('I44, I144: tell a v1 SDK which events to send again, and a v0 SDK to send all', async () => {
    const at = await doors({}, (store) => store.contested.add('v1'));
    const partial = await send(at, v1Batch({}, {}), v1);
    expect([partial.status, partial.headers.get('retry-after')]).toEqual([200, '5']);
    expect(JSON.parse(partial.text)).toEqual({
      results: { [uuid(0)]: { result: 'ok' }, [uuid(1)]: { result: 'retry', details: 'not_persisted' } },
    });
    const whole = await send(at, batchOf(set('v0'), set('v1')));
    expect([whole.status, whole.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('scenarios 89, 90: cut long ids of v0 and drop those of v1; blanks stay in v0 only', async () => {
    const at = await doors();
    const long = 'é'.repeat(250);
    await send(at, batchOf(set(long), set(' n ')));
    const answer = await send(at, v1Batch({ distinct_id: long }, { distinct_id: ' n ' }), v1);
    expect(JSON.parse(answer.text)).toMatchObject({
      results: { [uuid(0)]: { result: 'drop', details: 'distinct_id_too_large' }, [uuid(1)]: { result: 'ok' } },
    });
    expect(at.store.ids).toEqual([long.slice(0, 200), ' n ', 'n']);
  });

  it('I26: take the good events of a batch, and refuse one that has none (scenario 91)', async () => {
    const at = await doors({});
    const bad = [{ distinct_id: 'x' }, { event: 'no id' }, 5];
    expect((await send(at, batchOf(...(bad as object[]), set('good')))).status).toBe(200);
    expect(at.store.ids).toEqual(['good']);
    expect((await send(at, batchOf(...(bad as object[])))).status).toBe(400);
    expect(await at.metrics()).toContain('halyard_ingest_events_total{outcome="invalid"} 3');
  });

  it('I130: answer events without an effect at once, also while the database is away', async () => {
    const at = await doors();
    at.store.away = true;
    const personless = { event: 'seen', distinct_id: 'n', properties: { $process_person_profile: false } };
    expect((await send(at, batchOf(personless))).status).toBe(200);
    expect(at.store.tries).toBe(0);
    at.store.away = false;
  });

  it('I110, I111, I152: count calls of flags and values that the project has, each once', async () => {
    const at = await doors({});
    const call = (flag: string, response: unknown, more: object = {}): object => ({
      event: '$feature_flag_called',
      distinct_id: 'n',
      properties: { $feature_flag: flag, $feature_flag_response: response, ...more },
    });
    const repeated = { ...call('colour', 'blue'), uuid: uuid(1) };
    const events = [
      call('colour', 'blue'),
      repeated,
      call('colour', true),
      call('off', undefined, { $feature_flag_error: 'x' }),
      call('colour', 'green'),
      call('nobody-knows', true),
    ];
    expect((await send(at, batchOf(...events))).status).toBe(200);
    expect((await send(at, batchOf(repeated))).status).toBe(200);
    const metrics = await at.metrics();
    expect(metrics).toContain('halyard_ingest_flag_calls_unknown_total 2');
    expect(metrics).toContain('halyard_ingest_events_total{outcome="counted"} 4');
    await at.close();
    expect(
      at.store.calls.map(({ flagKey, value, calls, errors, day }) => [flagKey, value, calls, errors, day]),
    ).toEqual([
      ['colour', 'blue', 2, 0, '2026-11-30'],
      ['colour', 'true', 1, 0, '2026-11-30'],
      ['off', '(none)', 1, 1, '2026-11-30'],
    ]);
    expect(at.store.ids).toEqual([]);
  });

  it('I192, I203, I202: never store what is to be ignored, and say once what is wrong, with nothing of a client', async () => {
    const at = await doors({ HALYARD_INGEST_IGNORE_PROPERTIES: 'email,$initial_*' });
    const properties = { email: 'a@example.com', $initial_referrer: 'x', plan: 'pro', ['k'.repeat(401)]: 'marker' };
    const event = { event: '$set', distinct_id: 'n', properties: { $set: properties } };
    await send(at, batchOf(event, event));
    expect([...(at.store.batches[0]?.[0]?.operation.person?.set ?? [])]).toEqual([['plan', 'pro']]);
    const said = at.log.map(({ msg, team_id: teamId, kind, events }) => ({ msg, teamId, kind, events }));
    expect(said).toEqual([{ msg: 'events have something wrong', teamId: 7, kind: 'key_too_long', events: 1 }]);
    expect(await at.metrics()).toContain('halyard_ingest_warnings_total{kind="key_too_long"} 2');
    await at.close();
    expect(at.log.at(-1)).toMatchObject({ kind: 'key_too_long', events: 1 });
    expect(JSON.stringify(at.log)).not.toContain('marker');
  });

  it('scenario 75: a token that is unknown is looked up again', async () => {
    const at = await doors();
    const body = JSON.stringify({ api_key: 'phc_new', batch: [set('new')] });
    expect((await send(at, body)).status).toBe(401);
    at.projects.set('phc_new', projectWith(8));
    expect((await send(at, body)).status).toBe(200);
    expect(at.store.batches[0]?.[0]?.teamId).toBe(8);
    expect(at.asked).toEqual(['phc_new', 'phc_new']);
  });
});
