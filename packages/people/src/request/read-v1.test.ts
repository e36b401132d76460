import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { acceptedAnswer, laterAnswer, type Received, refusedAnswer, Refusal } from '../index.ts';
import { received, requestOf } from '../memory-people.cases.ts';

const headers: Record<string, string> = {
  authorization: 'Bearer phc_example',
  'content-type': 'application/json; charset=utf-8',
  'user-agent': 'posthog-rs/0.30.0',
  'posthog-sdk-info': 'posthog-rs',
  'posthog-attempt': '1',
  'posthog-request-id': '0190a1b2-0000-7000-8000-0000000000ff',
  'posthog-request-timestamp': '2026-11-30T09:00:00Z',
};
const uuid = (n: number) => `0190a1b2-0000-7000-8000-${String(n).padStart(12, '0')}`;
const event = (n: number, fields: object = {}) => ({
  event: 'e',
  uuid: uuid(n),
  distinct_id: 'n',
  timestamp: '2026-11-30T08:59:59Z',
  properties: { $set: { a: 1 } },
  ...fields,
});
const bodyOf = (...batch: unknown[]) => ({ created_at: '2026-11-30T09:00:00Z', batch });
const sent = (body: unknown, head = headers) => requestOf(JSON.stringify(body), { path: 'v1', headers: head });

function accepted(...batch: unknown[]): Received {
  const outcome = received(sent(bodyOf(...batch)));
  if (outcome instanceof Refusal) throw new Error(outcome.message);
  return outcome;
}

function refused(body: unknown, head?: Record<string, string>): number {
  const request = sent(body, head);
  const outcome = received(request);
  return outcome instanceof Refusal ? refusedAnswer(request, outcome).status : 200;
}

describe('events of v1', () => {
  it('I40, I41: 76: reads them, packed or not; ids are trimmed', () => {
    const read = accepted(event(1, { distinct_id: ' n ', uuid: ` ${uuid(1).toUpperCase()} ` }));
    expect(read.token).toBe('phc_example');
    expect(read.events[0]).toMatchObject({ name: 'e', distinctId: 'n', uuid: uuid(1), set: { a: 1 } });
    const packed = requestOf(gzipSync(JSON.stringify(bodyOf(event(1)))), {
      path: 'v1',
      headers: { ...headers, 'content-encoding': 'gzip' },
    });
    expect(received(packed)).toMatchObject({ entries: [{ uuid: uuid(1), result: 'ok' }] });
  });

  it('I40: 76: needs every header', () => {
    const statuses = Object.keys(headers).map((name) => refused(bodyOf(event(1)), { ...headers, [name]: '' }));
    expect(statuses).toEqual([401, 415, 400, 400, 400, 400, 400]);
    expect(refused(bodyOf(event(1)), { ...headers, 'posthog-attempt': '0' })).toBe(400);
    expect(refused(bodyOf(event(1)), { ...headers, authorization: 'Bearer phx_key' })).toBe(401);
    for (const encoding of ['lz4', 'zstd'])
      expect(refused(bodyOf(event(1)), { ...headers, 'content-encoding': encoding })).toBe(415);
  });

  it.each([
    ['an empty batch', bodyOf()],
    ['a bad created_at', { created_at: 'today', batch: [event(1)] }],
    ['an event without a uuid', bodyOf(event(1), { event: 'e' })],
    ['a malformed uuid', bodyOf(event(1, { uuid: '1' }))],
    ['76: one uuid twice', bodyOf(event(1), event(1))],
    ['no object', [event(1)]],
  ])('I42: refuses %s', (_, body) => {
    expect(refused(body)).toBe(400);
  });

  it.each([
    ['missing_event_name', { event: ' ' }],
    ['event_name_too_long', { event: 'é'.repeat(101) }],
    ['missing_distinct_id', { distinct_id: null }],
    ['distinct_id_too_large', { distinct_id: 'a'.repeat(250) }],
    ['invalid_event_timestamp', { timestamp: '2026-11-30' }],
    ['malformed_event_properties', { properties: [] }],
    ['invalid_options', { options: { cookieless_mode: 'maybe' } }],
  ])('I43: 76, 89: drops one event as %s, and no other', (details, fields) => {
    const { events, entries } = accepted(event(1), event(2, fields));
    expect(events.length).toBe(1);
    expect(entries).toEqual([
      { uuid: uuid(1), result: 'ok' },
      { uuid: uuid(2), result: 'drop', details },
    ]);
  });

  it('I41: options stand for properties, whatever their spelling', () => {
    const options = { process_person_profile: '0', cookieless_mode: 1, disable_skew_correction: 'true' };
    const { properties, time } = accepted(event(1, { options, timestamp: '2026-11-30T08:00:00Z' })).events[0]!;
    expect(properties).toMatchObject({ $process_person_profile: false, $cookieless_mode: true });
    expect(time).toBe(Date.UTC(2026, 10, 30, 8));
  });

  it('I44: answers for each event in order; what is to come again has Retry-After', () => {
    const { entries } = accepted(event(2), event(1, { distinct_id: 'undefined' }));
    const answer = acceptedAnswer(sent({}), entries);
    expect(answer.body).toBe(
      `{"results":{"${uuid(2)}":{"result":"ok"},"${uuid(1)}":{"result":"warning","details":"person_processing_disabled"}}}`,
    );
    expect(answer.headers['Retry-After']).toBeUndefined();
    const retry = acceptedAnswer(sent({}), [{ uuid: uuid(1), result: 'retry', details: 'not_persisted' }]);
    expect([retry.status, retry.headers['Retry-After']]).toEqual([200, '5']);
    expect(JSON.parse(laterAnswer(sent({}), 30).body)).toMatchObject({ error: 'service_unavailable' });
  });
});
