import type { JsonObject, JsonValue } from '@halyard/json';
import { StoreError } from 'halyard/host';
import { describe, expect, it } from 'vitest';
import { type Call, call, json, USER } from './app-call.cases.ts';
import { evaluatingProject, flagRow } from './posthog/evaluating-project.cases.ts';
import { projectsWith, StubProject } from './posthog/stub-projects.cases.ts';

type Flags = Record<string, { enabled: boolean; reason: JsonObject; metadata: JsonObject }>;

const target = (id: number, value: JsonValue = true): JsonValue => ({
  groups: [{ properties: [{ key: String(id), type: 'flag', operator: 'flag_evaluates_to', value }] }],
});
const lostCohort = { groups: [{ properties: [{ key: 'id', type: 'cohort', operator: 'in', value: 404 }] }] };
const off = { groups: [{ rollout_percentage: 0 }] };

/** The flags of the answer to this body, for a project with these flags. */
async function flagsOf(flags: readonly JsonValue[], body: JsonObject = {}, rest: Call = {}): Promise<Flags> {
  const projects = projectsWith(evaluatingProject(flags));
  return json(await call({ projects, body: { ...USER, ...body }, ...rest })).flags as Flags;
}

describe('which flags an answer has', () => {
  const flags = [
    flagRow(1, 'on'),
    flagRow(2, 'off', { filters: off }),
    flagRow(3, 'failing', { filters: lostCohort }),
    flagRow(4, 'inactive', { active: false }),
    flagRow(5, 'deleted', { deleted: true }),
    flagRow(6, 'client', { evaluation_runtime: 'client' }),
    flagRow(7, 'secret', { has_encrypted_payloads: true, is_remote_configuration: true }),
  ];
  const server = { 'user-agent': 'posthog-node/5.70.0' };

  it('H56: every evaluated flag is there, false and failed ones too, and those left out are absent', async () => {
    expect(Object.keys(await flagsOf(flags, {}, { headers: server }))).toEqual(['on', 'off', 'failing']);
    const legacy = await call({
      url: '/flags?v=1',
      projects: projectsWith(evaluatingProject(flags)),
      headers: server,
      body: USER,
    });
    expect(json(legacy).featureFlags).toEqual({ on: true, off: false, failing: false });
  });

  it('H47: named flags come with those they depend on; unknown names are no error; no name, no flag', async () => {
    const rows = [
      flagRow(1, 'base'),
      flagRow(2, 'mid', { filters: target(1) }),
      flagRow(3, 'top', { filters: target(2) }),
    ];
    const project = projectsWith(evaluatingProject([...rows, flagRow(4, 'other')]));
    const asked = async (flag_keys: string[]) => json(await call({ projects: project, body: { ...USER, flag_keys } }));
    expect(Object.keys((await asked(['top', 'nonsense'])).flags as Flags)).toEqual(['base', 'mid', 'top']);
    expect(await asked(['top', 'nonsense'])).toMatchObject({ errorsWhileComputingFlags: false });
    expect(await asked([])).toMatchObject({ flags: {}, errorsWhileComputingFlags: false });
  });

  it('H122: a request that names contexts gets the flags that share one, and those without any', async () => {
    const rows = [
      flagRow(1, 'checkout', { evaluation_contexts: ['checkout', 'app'] }),
      flagRow(2, 'docs', { evaluation_contexts: ['docs'] }),
      flagRow(3, 'anywhere'),
    ];
    const keys = async (body: JsonObject) => Object.keys(await flagsOf(rows, body));
    expect(await keys({})).toEqual(['checkout', 'docs', 'anywhere']);
    expect(await keys({ evaluation_contexts: ['app', 'web'] })).toEqual(['checkout', 'anywhere']);
    expect(await keys({ evaluation_environments: ['docs'] })).toEqual(['docs', 'anywhere']);
  });

  it('H121: who asks is told by the user agent of an SDK or by what only browsers send', async () => {
    const rows = [
      flagRow(1, 'client', { evaluation_runtime: 'client' }),
      flagRow(2, 'server', { evaluation_runtime: 'server' }),
    ];
    const keys = async (headers: Record<string, string>) => Object.keys(await flagsOf(rows, {}, { headers }));
    expect(await keys({ 'user-agent': 'posthog-python/7.91.0' })).toEqual(['server']);
    expect(await keys({ 'user-agent': 'posthog-ios/3.1.0' })).toEqual(['client']);
    expect(await keys({ 'user-agent': 'Mozilla/5.0 Chrome/140.0' })).toEqual(['client']);
    for (const name of ['origin', 'referer', 'sec-fetch-mode', 'sec-fetch-site']) {
      expect(await keys({ 'user-agent': 'okhttp/4', [name]: 'x' })).toEqual(['client']);
    }
    expect(await keys({ 'user-agent': 'okhttp/4' })).toEqual([]);
  });
});

describe('what typed clients rely on', () => {
  it.each<[JsonValue, number]>([
    [3, 3],
    [null, 0],
    [undefined as unknown as JsonValue, 0],
  ])(
    'H74: with the stored version %j, id and version are whole numbers and the index is one or null',
    async (version, expected) => {
      const row = version === undefined ? {} : { version };
      const flags = await flagsOf([
        flagRow(41, 'on', row),
        flagRow(42, 'none', { ...row, filters: { groups: [] } }),
        flagRow(43, 'failing', { ...row, filters: lostCohort }),
        flagRow(44, 'missing', { ...row, filters: target(404) }),
      ]);
      for (const { metadata } of Object.values(flags)) {
        expect(metadata.version).toBe(expected);
        expect(Number.isInteger(metadata.id) && (metadata.id as number) >= 0).toBe(true);
      }
      const indexes = Object.values(flags).map(({ reason }) => reason.condition_index);
      expect(indexes).toEqual([0, null, null, null]);
    },
  );

  it('H73: quotaLimited is left out where nothing is limited, in every shape', async () => {
    for (const url of ['/flags?v=2', '/flags?v=1', '/decide?v=1', '/decide?v=2', '/flags']) {
      const answer = json(await call({ url, body: USER }));
      expect(answer).not.toHaveProperty('quotaLimited');
      expect(answer).not.toHaveProperty('quota_limited');
    }
  });

  it('H88: trouble with a flag is no error of the request; trouble with the whole project is', async () => {
    const trouble = evaluatingProject([flagRow(1, 'failing', { filters: lostCohort }), flagRow(2, 'fine')], {
      groupTypeMapping: { failed: true, code: 'database_unavailable', description: 'database unavailable' },
    });
    const answer = await call({ projects: projectsWith(trouble), body: { ...USER, groups: { company: 'acme' } } });
    expect(answer.status).toBe(200);
    expect(json(answer)).toMatchObject({
      errorsWhileComputingFlags: true,
      flags: { failing: { failed: true }, fine: { enabled: true } },
    });
    const unreachable = new StoreError('unavailable', 'main reader', 'no connection');
    const gone = { byToken: () => Promise.reject(unreachable) };
    expect((await call({ projects: gone, body: USER })).status).toBe(503);
  });
});

describe('what a request says', () => {
  it('H132: the key of a group is its property $group_key, whatever the caller sends under that name', async () => {
    const filter = { key: '$group_key', type: 'group', group_type_index: 0, operator: 'exact', value: 'ws-9' };
    const project = evaluatingProject([flagRow(1, 'f', { filters: { groups: [{ properties: [filter] }] } })], {
      groupTypeMapping: { '0': 'workspace' },
    });
    const enabled = async (body: JsonObject) => {
      const { flags } = json(await call({ projects: projectsWith(project), body: { ...USER, ...body } }));
      return (flags as Flags)['f']?.enabled;
    };
    const forged = { group_properties: { workspace: { $group_key: 'ws-9' } } };
    expect(await enabled({ groups: { workspace: 'ws-9' } })).toBe(true);
    expect(await enabled({ groups: { workspace: 'ws-8' }, ...forged })).toBe(false);
  });

  it.each(['$posthog_cookieless', 'null', 'undefined', '0', 'anonymous', '__proto__'])(
    'H46, H141: the distinct id %s is an id like any other',
    async (distinct_id) => {
      const filter = { key: 'distinct_id', type: 'person', operator: 'exact', value: distinct_id };
      const rows = [flagRow(1, 'f', { filters: { groups: [{ properties: [filter] }] } })];
      expect(await flagsOf(rows, { distinct_id })).toMatchObject({ f: { enabled: true } });
    },
  );

  it('H42: what SDKs send beside the fields is no error, and $lib is a property like any other', async () => {
    const filter = { key: '$lib_version', type: 'person', operator: 'semver_gt', value: '1.0.0' };
    const project = evaluatingProject([flagRow(1, 'f', { filters: { groups: [{ properties: [filter] }] } })]);
    const answer = await call({
      projects: projectsWith(project),
      body: {
        ...USER,
        sent_at: 'soon',
        $lib: ['web'],
        disable_geoip: 'not a boolean',
        person_properties: { $lib: 'web', $lib_version: '1.449.0' },
      },
    });
    expect(json(answer)).toMatchObject({ flags: { f: { enabled: true } } });
    expect(project.requests[0]?.personProperties).toEqual({ $lib: 'web', $lib_version: '1.449.0' });
  });

  /** What each SDK writes, for one and the same question. */
  const common = { person_properties: { plan: 'pro' }, group_properties: { workspace: { tier: 'gold' } } };
  const groups = { workspace: 'ws-9' };
  it.each<[string, JsonObject]>([
    [
      'js',
      {
        token: 'phc_stub',
        distinct_id: 'shopper-17',
        groups,
        $anon_distinct_id: 'anon-1',
        ...common,
        timezone: 'Europe/Oslo',
        $device_id: 'device-1',
        disable_flags: false,
        evaluation_contexts: ['checkout'],
        flag_keys: ['new-cart'],
        sent_at: '2026-01-01T12:00:00.000Z',
      },
    ],
    [
      'node',
      {
        token: 'phc_stub',
        distinct_id: 'shopper-17',
        groups,
        ...common,
        geoip_disable: true,
        flag_keys_to_evaluate: ['new-cart'],
        $device_id: 'device-1',
        evaluation_contexts: ['checkout'],
      },
    ],
    [
      'python',
      {
        api_key: 'phc_stub',
        sent_at: '2026-01-01T12:00:00+00:00',
        distinct_id: 'shopper-17',
        groups,
        ...common,
        geoip_disable: true,
        device_id: 'device-1',
        flag_keys_to_evaluate: ['new-cart'],
        evaluation_contexts: ['checkout'],
      },
    ],
    [
      'go',
      {
        api_key: 'phc_stub',
        distinct_id: 'shopper-17',
        groups,
        ...common,
        geoip_disable: true,
        device_id: 'device-1',
        flag_keys_to_evaluate: ['new-cart'],
        evaluation_environments: ['checkout'],
      },
    ],
  ])('H241: the body of posthog-%s asks what it means', async (_sdk, body) => {
    const project = new StubProject();
    expect((await call({ projects: projectsWith(project), body })).status).toBe(200);
    expect(project.requests[0]).toMatchObject({
      distinctId: 'shopper-17',
      groups,
      personProperties: { plan: 'pro' },
      groupProperties: { workspace: { tier: 'gold' } },
      deviceId: 'device-1',
      flagKeys: ['new-cart'],
      evaluationContexts: ['checkout'],
    });
  });

  it('H241: posthog-python sends a null device id when it has none', async () => {
    const project = new StubProject();
    await call({ projects: projectsWith(project), body: { api_key: 'phc_stub', distinct_id: 'x', device_id: null } });
    expect(project.requests[0]?.deviceId).toBeUndefined();
  });
});

describe('what a request may do', () => {
  it('H221: in read-only mode nothing is stored, and the answer is the same', async () => {
    const project = new StubProject();
    const projects = projectsWith(project);
    const body = { ...USER, $anon_distinct_id: 'anon-1' };
    const written = json(await call({ projects, body }));
    expect(json(await call({ projects, body, readOnly: true }))).toEqual(written);
    expect(project.requests.map(({ skipWrites }) => skipWrites)).toEqual([false, true]);
  });

  it.each(['t=1789999999.123', 'now', 't=', 't=never', 't=99999999999'])(
    'H52: X-Request-Start: %s changes no answer',
    async (start) => {
      const answer = await call({ body: USER, headers: { 'x-request-start': start } });
      expect(answer.status).toBe(200);
      expect(answer.body).toBe((await call({ body: USER })).body);
      expect(answer.record.queueTimeMs).toBe(start === 't=1789999999.123' ? 1_000 : undefined);
    },
  );
});

describe('paths that are not routed', () => {
  it.each(['/flags/stream', '/flags/stream/'])('H200: %s has no meaning', async (url) => {
    expect(await call({ method: 'GET', url })).toMatchObject({ status: 404, body: null });
  });

  it.each(['/flags/evaluation_reasons', '/api/projects/1/feature_flags/evaluation_reasons'])(
    'H201: %s has no meaning',
    async (url) => {
      expect(await call({ method: 'GET', url })).toMatchObject({ status: 404, body: null });
    },
  );

  it.each(['/api/feature_flag', '/api/feature_flag/my_flags', '/api/feature_flag/1/'])(
    'H202: %s belongs to the main application',
    async (url) => {
      expect(await call({ method: 'GET', url })).toMatchObject({ status: 404, body: null });
    },
  );
});
