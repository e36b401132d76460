import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { acceptedAnswer, eventPath, laterAnswer, type Received, refusedAnswer, Refusal } from '../index.ts';
import { NOW, received, requestOf, type Sent } from '../memory-people.cases.ts';

const event = { event: '$set', distinct_id: 'n', properties: { $set: { plan: 'pro' } } };
const batch = (...events: unknown[]) => JSON.stringify({ api_key: 'phc_example', batch: events });
const body = batch(event);
const base64 = Buffer.from(body).toString('base64');
const form = { 'content-type': 'application/x-www-form-urlencoded' };

function accepted(bytes: string | Uint8Array, sent: Sent = {}): Received {
  const outcome = received(requestOf(bytes, sent));
  if (outcome instanceof Refusal) throw new Error(`${outcome.status}: ${outcome.message}`);
  return outcome;
}

function statusOf(bytes: string | Uint8Array, sent: Sent = {}): number {
  const request = requestOf(bytes, sent);
  const outcome = received(request);
  return outcome instanceof Refusal ? refusedAnswer(request, outcome).status : 200;
}

const firstEvent = (bytes: string | Uint8Array, sent: Sent = {}) => accepted(bytes, sent).events[0]!;

// What browser SDKs before 2022 made of `body`, and of a text with long characters and many different numbers.
const lz64 =
  'N4IghgDglg+g1gUwJ4gFwggCwMYwQDzAFsIAbBEAGhACMwAXbTNAbVAQDcEA7etEACQBnBH2oATKEPpRu2ejCjj+3KhgBOAewgJ1MhELShhooxlJhV6CFpABfBwF07QA';
const lz64Long =
  'N4IghgDglg+g1gUwJ4gFwggCwMYwQDzAFsIAbBEAGhAQDcEA7AFzRqpABMoBnJqB7ExhQOrAI+AagkC8G4AA99qQD2DAOasADJQCMlACyUAnFoBslAEwBWSgGYTOw0b0AObZrUbNplzr2ajhzfomphZm5kGOhlamejbaOm66OnGOeuamhuYA7CZGIUbZlJnphSmUKdr6CYEuatFaahFammFawZYegVo2/t4+aZogAL5AA===';

describe('packing', () => {
  const packings: [string, string | Uint8Array, Sent][] = [
    ['plain, without a content type', body, {}],
    ['plain with a byte order mark', `\uFEFF ${body}`, {}],
    ['70: gzip as text/plain without a hint', gzipSync(body), { headers: { 'content-type': 'text/plain' } }],
    ['gzip with Content-Encoding', gzipSync(body), { headers: { 'content-encoding': 'gzip' } }],
    ['gzip by compression=gzip-js', gzipSync(body), { query: 'compression=gzip-js' }],
    [
      'plain, though everything says gzip',
      body,
      { query: 'compression=gzip', headers: { 'content-encoding': 'gzip' } },
    ],
    ['deflate', deflateSync(body), { headers: { 'content-encoding': 'deflate' } }],
    ['br', brotliCompressSync(body), { headers: { 'content-encoding': 'br' } }],
    ['base64 without a hint', base64, {}],
    ['base64 in the query', '', { query: `data=${encodeURIComponent(base64)}` }],
    ['71: a form of base64 with blanks', `data=${base64}`, { query: 'compression=base64', headers: form }],
    ['a form of JSON', `data=${encodeURIComponent(body)}`, { headers: form }],
    [
      'a form that is said to be text',
      `data=${encodeURIComponent(base64)}`,
      { headers: { 'content-type': 'text/plain' } },
    ],
    ['lz64', lz64, { query: 'compression=lz64' }],
    [
      'gzip in base64 in a form',
      `compression=gzip-js&data=${encodeURIComponent(gzipSync(body).toString('base64'))}`,
      { headers: form },
    ],
  ];

  it.each(packings)('I21: %s', (_, bytes, sent) => {
    expect(firstEvent(bytes, sent).set).toEqual({ plan: 'pro' });
  });

  it('I21: blanks inside base64 stand for plus signs', () => {
    const text = batch({ ...event, distinct_id: '\u00ff\u00be\u00ff~~~>>>???' });
    const packed = Buffer.from(text).toString('base64');
    expect(packed).toContain('+');
    expect(firstEvent(`data=${packed}`, { headers: form }).distinctId).toContain('~~~>>>');
  });

  it.each([
    ['nothing', '', {}, 400],
    ['no JSON', '{"batch":', {}, 400],
    ['a scalar', '"text"', {}, 400],
    ['a form without data', 'a=b', { headers: form }, 400],
    ['broken gzip', gzipSync(body).subarray(0, 30), {}, 400],
    ['an empty list', '[]', {}, 400],
    ['129 levels', `${'['.repeat(129)}${']'.repeat(129)}`, {}, 400],
    ['73: a bomb', gzipSync(Buffer.alloc(3_000_000)), { unpackedBytes: 1_000_000 }, 413],
  ] as [string, string | Uint8Array, Sent, number][])('I20, I22, I23: refuses %s', (_, bytes, sent, status) => {
    expect(statusOf(bytes, sent)).toBe(status);
  });

  it('I21: unpacks lz64 as long as it fits, and says when it is broken', () => {
    const read = (text: string, more: Sent = {}) => statusOf(text, { query: 'compression=lz64', ...more });
    expect(firstEvent(lz64Long, { query: 'compression=lz64' }).distinctId).toBe('\u00f1\u20ac\u{1f600}');
    expect([read(lz64Long, { unpackedBytes: 100 }), read(lz64Long.slice(0, 80)), read('====')]).toEqual([
      413, 400, 400,
    ]);
  });

  it('I20: takes a plain batch of 6 MiB', () => {
    expect(
      accepted(batch(...Array.from({ length: 60 }, () => ({ ...event, padding: 'x'.repeat(100_000) })))).events.length,
    ).toBe(60);
  });
});

describe('tokens', () => {
  const named = (token: string) => ({ ...event, properties: { token } });

  it.each([
    ['beside the batch', batch(named('phc_other')), 'phc_example'],
    ['of the events', JSON.stringify([named('phc_a'), { ...event, api_key: 'phc_a' }]), 'phc_a'],
    ['of one event', JSON.stringify({ ...event, $token: 'phc_b' }), 'phc_b'],
    ['74: with blanks', JSON.stringify({ ...event, token: ' phc_c\n' }), 'phc_c'],
  ])('I24: %s', (_, text, token) => {
    expect(accepted(text).token).toBe(token);
  });

  it.each([
    ['74: two in one list', JSON.stringify([named('phc_a'), named('phc_b')])],
    ['74: a personal key', JSON.stringify(named('phx_a'))],
    ['none', JSON.stringify(event)],
    ['an empty one', JSON.stringify({ token: ' ', batch: [event] })],
    ['65 characters', JSON.stringify(named('a'.repeat(65)))],
    ['not ASCII', JSON.stringify(named('phc_ä'))],
  ])('I24, I51: refuses %s', (_, text) => {
    expect(statusOf(text)).toBe(401);
  });
});

describe('events of v0', () => {
  it.each([
    ['distinct_id', { distinct_id: 'top', $distinct_id: 'other', properties: { distinct_id: 'inside' } }, 'top'],
    ['null counts as absent', { distinct_id: null, properties: { distinct_id: 'inside' } }, 'inside'],
    ['blank counts as absent', { distinct_id: ' ', $distinct_id: 'other' }, 'other'],
    ['a number', { distinct_id: 12 }, '12'],
    ['90: blanks around stay', { distinct_id: ' n ' }, ' n '],
    ['89: cut', { distinct_id: `${'a'.repeat(199)}\u{1f600}b` }, `${'a'.repeat(199)}\u{1f600}`],
    ['a list', { distinct_id: ['a', 1] }, '["a",1]'],
  ])('I25: the id of %s', (_, fields, id) => {
    expect(firstEvent(batch({ event: 'e', ...fields })).distinctId).toBe(id);
  });

  it('I22, I25: a number beyond 2^53 keeps its digits', () => {
    const text = '{"api_key":"phc_example","event":"e","distinct_id":9007199254740993}';
    expect(firstEvent(text).distinctId).toBe('9007199254740993');
  });

  it('I25: $set of the event wins key by key; $unset is a list or an object', () => {
    const read = firstEvent(
      batch({ ...event, $set: { plan: 'top' }, properties: { $set: { plan: 'in', a: 1 }, $unset: { k: 0 } } }),
    );
    expect([read.set, read.unset]).toEqual([{ plan: 'top', a: 1 }, ['k']]);
    expect(firstEvent(batch({ ...event, properties: { $unset: ['k', 1] } })).unset).toEqual(['k']);
  });

  it('I26: 91: skips what is no event, and refuses only what has none', () => {
    const bad = [{ distinct_id: 'n' }, { event: 'e' }, 'text', { event: 'e', distinct_id: 'n', properties: [] }];
    const outcome = accepted(batch(event, ...bad, { ...event, uuid: 'no uuid' }));
    expect([outcome.events.length, outcome.invalid, outcome.events[1]!.uuid]).toEqual([2, 4, null]);
    expect(statusOf(batch(...bad))).toBe(400);
  });

  it('I190: leaves out events beyond the limit, and counts them', () => {
    const outcome = accepted(batch(event, event, event), { events: 2 });
    expect([outcome.events.length, outcome.invalid]).toEqual([2, 1]);
  });

  it('I151: of one uuid in a request the first event counts', () => {
    const uuid = '0190A1B2-0000-7000-8000-000000000001';
    const outcome = accepted(batch({ ...event, uuid }, { ...event, uuid: uuid.toLowerCase() }, event, event));
    expect([outcome.events.length, outcome.repeated]).toEqual([3, 1]);
  });

  it('I10: an event without a name is $identify on /engage, and no event elsewhere', () => {
    const nameless = batch({ distinct_id: 'n', $set: { a: 1 } });
    expect(firstEvent(nameless, { path: 'engage' }).name).toBe('$identify');
    expect(statusOf(nameless)).toBe(400);
  });

  it('I10: paths, with and without the slash at the end', () => {
    const paths = [
      '/batch/',
      '/e',
      '/i/v0/e/',
      '/capture',
      '/track/',
      '/engage',
      '/i/v1/analytics/events',
      '/s/',
      '/flags',
    ];
    expect(paths.map(eventPath)).toEqual(['v0', 'v0', 'v0', 'v0', 'v0', 'engage', 'v1', 'replay', undefined]);
    expect(accepted('no JSON', { path: 'replay' }).events).toEqual([]);
  });
});

describe('times', () => {
  const at = (timestamp: unknown, more: object = {}) =>
    new Date(firstEvent(batch({ event: 'e', distinct_id: 'n', timestamp, ...more })).time).toISOString();
  const now = new Date(NOW).toISOString();

  it.each([
    ['2026-11-30T08:00:00Z', '2026-11-30T08:00:00.000Z'],
    ['2026-11-30T11:00:00.5+03', '2026-11-30T08:00:00.500Z'],
    ['2026-11-30T03:30:00-0430', '2026-11-30T08:00:00.000Z'],
    ['2026-11-30 08:00:00', '2026-11-30T08:00:00.000Z'],
    ['2026-11-29', '2026-11-29T00:00:00.000Z'],
    [1_764_460_800, '2025-11-30T00:00:00.000Z'],
    [1_764_460_800_000, '2025-11-30T00:00:00.000Z'],
    ['2026-02-30', now],
    ['yesterday', now],
    [undefined, now],
    ['2026-12-30T00:00:00Z', now],
    ['-0005-01-01', '1970-01-01T00:00:00.000Z'],
    [1e300, now],
    ['0005-01-01', '0005-01-01T00:00:00.000Z'],
  ])('I120, I121: %s', (timestamp, expected) => {
    expect(at(timestamp)).toBe(expected);
  });

  it('I120, I12: is corrected by what the clock of the client is off', () => {
    const sent = { event: 'e', distinct_id: 'n', timestamp: '2020-01-01T00:00:00Z' };
    const off = (more: object, query = '', fields = {}) =>
      new Date(
        firstEvent(JSON.stringify({ api_key: 'phc_example', batch: [{ ...sent, ...fields }], ...more }), { query })
          .time,
      ).toISOString();
    expect(off({ sent_at: '2020-01-01T01:00:00Z' })).toBe('2026-11-30T08:00:00.000Z');
    expect(off({}, `_=${Date.UTC(2031, 0)}`, { timestamp: '2030-12-31T23:00:00Z' })).toBe('2026-11-30T08:00:00.000Z');
    expect(off({}, '_=1577840400000')).toBe('2020-01-01T00:00:00.000Z'); // the year 2020
    const ignored = { properties: { $ignore_sent_at: true } };
    expect(off({ sent_at: '2020-01-01T01:00:00Z' }, '', ignored)).toBe('2020-01-01T00:00:00.000Z');
    expect(at('2020-01-01', { offset: 60_000 })).toBe('2026-11-30T08:59:00.000Z');
  });
});

describe('answers of v0', () => {
  it('I50, I51, I53: 72: 200 with a body, 204 only to beacons; text for the rest', () => {
    expect(acceptedAnswer(requestOf(body), [])).toMatchObject({ status: 200, body: '{"status":1}' });
    expect(acceptedAnswer(requestOf(body, { query: 'beacon=1' }), [])).toEqual({ status: 204, headers: {}, body: '' });
    const later = laterAnswer(requestOf(body), 30);
    expect([later.status, later.headers['Retry-After']]).toEqual([503, '30']);
    expect(later.headers['Content-Type']).toContain('text/plain');
  });
});
