import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../http/messages.ts';
import { type AccessLogOptions, createAccessLog } from './access-log.ts';
import { type RequestNotes, type RequestRecord, startRecord } from '../../http/request-record.ts';

type Answered = HttpResponse & { readonly record: RequestRecord };

function response(headers: Record<string, string> = {}): Answered {
  const record = startRecord(
    { method: 'POST', url: '/', headers, body: new Uint8Array(), peer: '192.0.2.7' },
    false,
    2000,
  );
  Object.assign(record, { teamId: 7, distinctId: 'user-1', deviceId: 'dev', anonDistinctId: 'anon', apiVersion: 2 });
  Object.assign(record, { flagsEvaluated: 12, flagsErrored: 1 });
  return { status: 200, headers: {}, body: null, record };
}

function logged(
  answer: Answered,
  options: Partial<AccessLogOptions> = {},
  concurrencyWaitMs?: number,
): Record<string, unknown> | undefined {
  const lines: string[] = [];
  const log = createAccessLog({
    write: (line) => lines.push(line),
    clock: () => 1_790_000_000_123,
    enabled: (level) => level === 'info',
    ids: true,
    address: true,
    ...options,
  });
  log(answer, answer.record, { durationMs: 1.23456, bodyReadMs: 0.5, concurrencyWaitMs });
  const [line] = lines;
  if (line === undefined) return undefined;
  expect(line.endsWith('}\n')).toBe(true);
  return JSON.parse(line) as Record<string, unknown>;
}

const ALL_NOTES: Required<RequestNotes> = {
  rateLimited: true,
  rateLimitWarned: true,
  botCategory: 'ai',
  botSource: 'ip',
  quotaLimited: true,
  flagsOverridden: 2,
  geoipDiffers: true,
  dependencyErrors: 3,
};

/** What of the store was loaded: all there is. */
const LOADED: RequestRecord['loaded'] = {
  plan: {
    teamId: 7,
    distinctId: 'user-1',
    person: { keys: ['plan'], createdAt: false },
    groups: [{ index: 0, key: 'acme', keys: [] }],
    staticCohorts: [3],
    stickyKeys: { anonDistinctId: 'anon', write: null },
  },
  facts: { person: null, groups: new Map(), stickyKeys: new Map([['checkout', 'anon']]) },
  ms: 2.5,
};

const DOCS = new URL('../../../../../docs/logging.md', import.meta.url);

describe('canonical log line', () => {
  it('H231: has the fields that are known, and no others', () => {
    const headers = {
      'user-agent': 'posthog-node/5.70.0',
      'x-request-id': '7f2b6a52-2f0e-4c52-9d0b-0f6a3d1f0c11',
      'x-request-start': 't=1.250',
    };
    expect(logged(response(headers))).toEqual({
      level: 30,
      time: 1_790_000_000_123,
      msg: 'canonical_log_line',
      request_id: '7f2b6a52-2f0e-4c52-9d0b-0f6a3d1f0c11',
      http_status: 200,
      duration_ms: 1.235,
      body_read_ms: 0.5,
      queue_time_ms: 750,
      team_id: 7,
      distinct_id: 'user-1',
      device_id: 'dev',
      anon_distinct_id: 'anon',
      ip: '192.0.2.7',
      user_agent: 'posthog-node/5.70.0',
      lib: 'posthog-node',
      lib_version: '5.70.0',
      api_version: 2,
      flags_evaluated: 12,
      flags_errored: 1,
    });
  });

  it('H231: a failed request says why', () => {
    const failed = response();
    failed.record.errorCode = 'field_type';
    expect(logged({ ...failed, status: 400 })).toMatchObject({ http_status: 400, error_code: 'field_type' });
  });

  it('H231: a user agent is cut at 512 characters, and cannot break the line', () => {
    const line = logged(response({ 'user-agent': `"\n\\${'x'.repeat(600)}` }));
    expect(line?.user_agent).toBe(`"\n\\${'x'.repeat(509)}`);
  });

  it.each([
    [0, 0],
    [0.0004, 0],
    [0.0005, 0.001],
    [0.01, 0.01],
    [1.1, 1.1],
    [7, 7],
    [999.9996, 1000],
    [4500.123_456, 4500.123],
    [1e9 + 0.25, 1e9 + 0.25],
    [1e300, 1e300],
    [-3, -3],
    [-0.0625, -0.062],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
  ])('H231: of %d milliseconds %d are written, to a microsecond', (queueTimeMs, written) => {
    const answer = response();
    Object.assign(answer.record, { queueTimeMs });
    expect(logged(answer)?.queue_time_ms).toBe(written);
  });

  it('H232: ids and address can be left out', () => {
    const line = logged(response(), { ids: false, address: false });
    for (const name of ['distinct_id', 'device_id', 'anon_distinct_id', 'ip']) expect(line).not.toHaveProperty(name);
    expect(line).toHaveProperty('team_id');
  });

  it('H231: where the project came from, whether stored facts were asked for, and the time before', () => {
    const held = response();
    Object.assign(held.record, { teamHeld: true, factsAsked: false });
    const sources = { team_cache_source: 'memory', flags_cache_source: 'memory', db_property_fetches: 0 };
    expect(logged(held, {}, 2)).toMatchObject({ ...sources, pre_handler_duration_ms: 2.5 });
    Object.assign(held.record, { teamHeld: false, factsAsked: true });
    expect(logged(held)).toMatchObject({ team_cache_source: 'store', db_property_fetches: 1 });
  });

  it('H231: what of the store was asked for, and what came of the keys of experience continuity', () => {
    const told = response();
    Object.assign(told.record, {
      teamHeld: true,
      factsAsked: true,
      loaded: LOADED,
      continuityFlags: 2,
      deviceFlags: 1,
    });
    expect(logged(told)).toMatchObject({
      person_queries: 1,
      group_queries: 1,
      static_cohort_queries: 1,
      person_query_time_ms: 2.5,
      flags_experience_continuity: 2,
      flags_device_id_bucketing: 1,
      hash_key_override_status: 'found',
    });
    const status = (loaded: RequestRecord['loaded'], continuityFlags = 1): unknown => {
      Object.assign(told.record, { loaded, continuityFlags });
      return logged(told)?.hash_key_override_status;
    };
    const keys = (stickyKeys: NonNullable<RequestRecord['loaded']>['facts']['stickyKeys']) =>
      ({ ...LOADED, facts: { person: null, groups: new Map(), stickyKeys } }) as RequestRecord['loaded'];
    expect(status(keys(new Map()))).toBe('empty');
    expect(status(keys({ failed: true, code: 'timeout', description: '' }))).toBe('error');
    expect([status(keys(null)), status(undefined), status(undefined, 0)]).toEqual(['skipped', 'skipped', undefined]);
  });

  it.each([
    ['posthog-android/3.0.0', 'posthog-android'],
    ['posthog-custom/1.0', undefined],
    ['Mozilla/5.0 Firefox/140.0', 'web'],
    ['curl/8', undefined],
  ])('H231: the library of %s is %s', (userAgent, lib) => {
    expect(logged(response({ 'user-agent': userAgent }))?.lib).toBe(lib);
  });

  it('H231: a crawler, a limit and a quota are told where they matter', () => {
    const told = response();
    Object.assign(told.record.notes, ALL_NOTES);
    expect(logged(told)).toMatchObject({
      rate_limited: true,
      rate_limit_warned: true,
      is_bot: true,
      bot_category: 'ai',
      bot_source: 'ip',
      quota_limited: true,
      flags_overridden: 2,
      geoip_properties_differ_from_lookup: true,
      dependency_graph_errors: 3,
    });
  });

  it('probes are logged at debug level only', () => {
    const probe = response();
    probe.record.routine = true;
    expect(logged(probe)).toBeUndefined();
    expect(logged(probe, { enabled: () => true })).toMatchObject({ level: 20 });
  });

  it('nothing is put together when the level is off', () => {
    expect(logged(response(), { enabled: () => false })).toBeUndefined();
  });

  it('docs/logging.md lists every field', () => {
    const full = response({ 'user-agent': 'posthog-node/5.70.0', 'x-request-start': 't=1' });
    Object.assign(full.record, { errorCode: 'field_type', flagsDisabled: true });
    Object.assign(full.record.notes, ALL_NOTES);
    Object.assign(full.record, {
      teamHeld: true,
      factsAsked: true,
      loaded: LOADED,
      continuityFlags: 1,
      deviceFlags: 1,
    });
    const line = logged(full, { worker: 1 }, 1) ?? {};
    const documented = readFileSync(DOCS, 'utf8').match(/^\| `\w+`/gm) ?? [];
    expect(documented.map((cell) => cell.slice(3, -1)).toSorted()).toEqual(Object.keys(line).toSorted());
  });
});
