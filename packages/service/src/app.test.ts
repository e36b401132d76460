import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { call, json, NOW, REQUEST_ID, USER } from './app-call.cases.ts';
import type { HttpResponse } from './http/messages.ts';
import type { Project } from './posthog/ports.ts';
import { outcomes, projectsWith, StubProject, TOKEN } from './posthog/stub-projects.cases.ts';

const HTTP_RULES = new URL('../../../docs/spec/http.md', import.meta.url);

describe('POST /flags', () => {
  it('H57: answers version 2', async () => {
    const response = await call({ body: USER });
    expect(response.status).toBe(200);
    expect(response.headers).toEqual({ 'content-type': 'application/json' });
    expect(json(response)).toMatchObject({
      errorsWhileComputingFlags: false,
      flags: { 'new-cart': { enabled: true }, 'price-test': { variant: 'low' }, 'team-banner': { enabled: false } },
      requestId: REQUEST_ID,
      evaluatedAt: NOW,
    });
    expect(json(response)).not.toHaveProperty('quotaLimited');
    expect(json(response)).not.toHaveProperty('supportedCompression');
  });

  it('hands every field to the evaluation', async () => {
    const project = new StubProject();
    await call({
      projects: projectsWith(project),
      url: '/flags?v=2&only_evaluate_survey_feature_flags=1',
      headers: { 'user-agent': 'posthog-node/5.70.0' },
      body: {
        ...USER,
        $device_id: 'd',
        $anon_distinct_id: 'a',
        groups: { workspace: 'ws-9' },
        person_properties: { plan: 'pro' },
        group_properties: { workspace: { tier: 'gold' } },
        flag_keys: ['new-cart'],
        evaluation_contexts: ['checkout'],
      },
    });
    expect(project.requests).toEqual([
      {
        distinctId: 'shopper-17',
        now: NOW,
        skipWrites: false,
        deviceId: 'd',
        anonDistinctId: 'a',
        groups: { workspace: 'ws-9' },
        personProperties: { plan: 'pro' },
        groupProperties: { workspace: { tier: 'gold' } },
        flagKeys: ['new-cart'],
        runtime: 'server',
        evaluationContexts: ['checkout'],
        onlySurveyFlags: true,
      },
    ]);
  });

  it('H120: evaluation_runtime comes before the user agent', async () => {
    const project = new StubProject();
    const headers = { 'user-agent': 'posthog-node/5.70.0' };
    await call({ projects: projectsWith(project), headers, body: { ...USER, evaluation_runtime: 'client' } });
    expect(project.requests[0]?.runtime).toBe('client');
  });

  it('H20: version 1 and no version', async () => {
    expect(json(await call({ url: '/flags?v=1', body: USER }))).toMatchObject({
      featureFlags: { 'price-test': 'low' },
    });
    const plain = json(await call({ url: '/flags', body: USER }));
    expect(plain).toMatchObject({
      flags: { 'price-test': { variant: 'low' } },
      supportedCompression: ['gzip', 'gzip-js'],
    });
  });

  it('H158: attached configuration', async () => {
    expect(json(await call({ url: '/flags?v=2&config=true', body: USER }))).toMatchObject({
      hasFeatureFlags: true,
      supportedCompression: ['gzip', 'gzip-js'],
      config: { enable_collect_everything: true },
      isAuthenticated: false,
      toolbarParams: {},
      sessionRecording: false,
      surveys: false,
      heatmaps: false,
      capturePerformance: false,
      autocaptureExceptions: false,
    });
  });

  it('H59: a failed flag is no error of the request', async () => {
    const failing = new StubProject(() => ({ results: [outcomes.failed], errors: true }));
    const response = await call({ projects: projectsWith(failing), body: USER });
    expect(response.status).toBe(200);
    expect(json(response)).toMatchObject({
      errorsWhileComputingFlags: true,
      flags: { 'needs-cohort': { failed: true } },
    });
    expect(response.record).toMatchObject({ flagsEvaluated: 1, flagsErrored: 1 });
  });

  it('waits for projects and facts that have to be loaded', async () => {
    const project = new StubProject(() => Promise.resolve({ results: [outcomes.on], errors: false }));
    const projects = { byToken: () => Promise.resolve(project) };
    expect(json(await call({ projects, body: USER }))).toMatchObject({ flags: { 'new-cart': { enabled: true } } });
  });

  it('H35: takes a form of posthog-js', async () => {
    const data = encodeURIComponent(Buffer.from(JSON.stringify(USER)).toString('base64'));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await call({ url: '/flags/?v=2&compression=base64', headers, body: `data=${data}` });
    expect(response.status).toBe(200);
  });

  it('H32: takes a gzip body of posthog-python', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await call({ headers, body: gzipSync(JSON.stringify(USER)) })).status).toBe(200);
  });

  it('H48: disable_flags needs a project but no distinct id, and evaluates nothing', async () => {
    const project = new StubProject();
    const projects = projectsWith(project);
    const response = await call({ projects, url: '/flags?v=2&config=1', body: { token: TOKEN, disable_flags: true } });
    expect(json(response)).toMatchObject({ errorsWhileComputingFlags: false, flags: {}, hasFeatureFlags: true });
    expect(project.requests).toEqual([]);
    expect((await call({ body: { token: 'phc_other', disable_flags: true } })).status).toBe(401);
  });

  it('H45: the empty distinct id is an id', async () => {
    const project = new StubProject();
    expect((await call({ projects: projectsWith(project), body: { token: TOKEN, distinct_id: '' } })).status).toBe(200);
    expect(project.requests[0]?.distinctId).toBe('');
  });
});

describe('detail for debug logs', () => {
  it.each([false, true])('H232: tells names and results, never values or tokens (promise: %s)', async (later) => {
    const details: unknown[] = [];
    const evaluation = { results: [outcomes.variant, outcomes.failed], errors: true };
    const project = new StubProject(() => (later ? Promise.resolve(evaluation) : evaluation));
    const body = { ...USER, person_properties: { email: 'ada@example.com' }, groups: { workspace: 'ws-9' } };
    const onDetail = (message: string, fields: object): void => void details.push({ message, ...fields });
    const response = await call({ projects: projectsWith(project), body, onDetail });
    expect(json(response)).toHaveProperty('flags.price-test.variant', 'low');
    expect(details).toMatchObject([
      {
        message: 'evaluation',
        request_id: REQUEST_ID,
        team_id: 7,
        runtime: 'unknown',
        group_types: ['workspace'],
        person_properties: ['email'],
        stored_facts_loaded: later,
        flags: { 'price-test': 'low: condition_match 1', 'needs-cohort': 'false: database_unavailable' },
      },
    ]);
    expect(JSON.stringify(details)).not.toMatch(/ada@example\.com|ws-9|phc_stub/);
  });
});

describe('GET, HEAD, OPTIONS and others', () => {
  it('H12, H63: GET answers without evaluation, in the shape of H55', async () => {
    const project = new StubProject();
    const response = await call({ method: 'GET', url: '/flags?v=2', projects: projectsWith(project) });
    expect(json(response)).toEqual({
      errorsWhileComputingFlags: false,
      flags: {},
      requestId: REQUEST_ID,
      evaluatedAt: NOW,
      supportedCompression: ['gzip', 'gzip-js'],
      config: { enable_collect_everything: true },
      toolbarParams: {},
      isAuthenticated: false,
      sessionRecording: false,
    });
    expect(project.requests).toEqual([]);
  });

  it('H23: GET without v has the legacy shape', async () => {
    expect(json(await call({ method: 'GET', url: '/flags/' }))).toMatchObject({ featureFlags: {} });
    expect(json(await call({ method: 'GET', url: '/decide/' }))).toMatchObject({ featureFlags: [] });
  });

  it('H13: HEAD', async () => {
    const response = await call({ method: 'HEAD' });
    expect(response).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' }, body: null });
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'BREW'])('H14: %s is not allowed', async (method) => {
    const response = await call({ method });
    expect(response).toMatchObject({ status: 405, headers: { allow: 'GET, POST, OPTIONS, HEAD' }, body: null });
  });

  it('H10, H11: a pre-flight is answered for any path', async () => {
    const headers = { origin: 'https://shop.example', 'access-control-request-headers': 'content-type,x-mine' };
    for (const url of ['/flags/', '/decide', '/nowhere']) {
      const response = await call({ method: 'OPTIONS', url, headers });
      expect(response).toMatchObject({
        status: 200,
        body: null,
        headers: {
          'access-control-allow-origin': 'https://shop.example',
          'access-control-allow-headers': 'content-type,x-mine',
          'access-control-allow-credentials': 'true',
          'access-control-allow-methods': 'GET, POST, OPTIONS, HEAD',
          'access-control-expose-headers': 'X-PostHog-Rate-Limit-Warning',
        },
      });
    }
  });

  it('H10: answers and errors carry the CORS headers too', async () => {
    const headers = { origin: 'null' };
    for (const body of [USER, {}, 'broken']) {
      expect((await call({ headers, body })).headers['access-control-allow-origin']).toBe('null');
    }
    const broken: Project = new StubProject(() => Promise.reject(new Error('x')));
    const failed = await call({ headers, body: USER, projects: projectsWith(broken) });
    expect(failed.headers['access-control-allow-origin']).toBe('null');
  });

  it('H10: metrics carry none, whether they can be had or not', async () => {
    const asked = { method: 'GET', url: '/metrics', headers: { origin: 'https://shop.example' } };
    const names = async (metrics: () => Promise<string>) => Object.keys((await call({ ...asked, metrics })).headers);
    expect(await names(() => Promise.resolve('up 1'))).toEqual(['content-type']);
    expect(await names(() => Promise.reject(new Error('x')))).toEqual(['content-type']);
  });
});

describe('decide', () => {
  it.each([
    ['/decide/', ['new-cart', 'price-test']],
    ['/decide?v=1', ['new-cart', 'price-test']],
    ['/decide/?v=2', { 'new-cart': true, 'price-test': 'low' }],
    ['/decide?v=3', { 'new-cart': true, 'price-test': 'low', 'team-banner': false }],
  ])('H3 (R), H55: %s by its path', async (url, featureFlags) => {
    const answer = json(await call({ url, body: USER }));
    expect(answer.featureFlags).toEqual(featureFlags);
    expect(answer).toHaveProperty('supportedCompression');
  });

  it('H55: /decide?v=4 has the shape of version 2', async () => {
    expect(json(await call({ url: '/decide?v=4', body: USER }))).toHaveProperty('flags.price-test.variant', 'low');
  });

  it('H65: version 3 and above has typed records, unless they are switched off; GET has the same envelope', async () => {
    for (const version of [3, 4, 99]) {
      const answer = json(await call({ url: `/flags?v=${version}`, body: USER }));
      expect(answer).toHaveProperty('flags.price-test.value', 'low');
      expect(answer).not.toHaveProperty('flags.price-test.variant');
      expect(json(await call({ method: 'GET', url: `/flags?v=${version}` }))).toMatchObject({ flags: {} });
    }
    const off = json(await call({ url: '/flags?v=4', body: USER, typedRecords: false }));
    expect(off).toHaveProperty('flags.price-test.variant', 'low');
  });

  it('H3: the header makes a decide request of any path', async () => {
    const headers = { 'x-original-endpoint': 'decide' };
    expect(json(await call({ url: '/flags?v=1', headers, body: USER })).featureFlags).toEqual([
      'new-cart',
      'price-test',
    ]);
  });

  it('H3: the path alone can be switched off', async () => {
    const answer = json(await call({ url: '/decide?v=2', body: USER, decideByPath: false }));
    expect(answer).toHaveProperty('flags');
  });
});

describe('other routes', () => {
  it.each(['/', '/_readiness', '/_liveness', '/_startup'])('H1: GET %s', async (url) => {
    const response = await call({ method: 'GET', url });
    expect(response.status).toBe(200);
    expect(response.record.routine).toBe(true);
  });

  it.each([
    ['draining', 'shutting down'],
    ['waiting', 'waiting for the database'],
  ])('H215, H216, H217: while %s only readiness says no', async (state, reason) => {
    const get = (url: string): Promise<HttpResponse> => call({ method: 'GET', url, [state]: true });
    expect(await get('/_readiness')).toMatchObject({ status: 503, body: reason });
    expect((await get('/_liveness')).status).toBe(200);
    expect((await get('/_startup')).status).toBe(200);
  });

  it.each(['/nowhere', '/flags/x', '/FLAGS', '/flags/definitions', '/__proto__', '/constructor', '*', ''])(
    'H2: %j is unknown',
    async (url) => {
      expect(await call({ url, body: USER })).toMatchObject({ status: 404, body: null });
    },
  );

  it.each([
    '/batch/',
    '/e/',
    '/i/v0/e/',
    '/capture/',
    '/s/',
    '/i/v1/analytics/events',
    '/i/v0/ai/batch/',
    '/i/v1/logs',
    '/i/v1/traces',
  ])('H243: events to %s are accepted and dropped', async (url) => {
    expect(json(await call({ url, body: '{"batch":[' }))).toEqual({ status: 1 });
  });

  it('H244: lists of other features are empty', async () => {
    expect(json(await call({ method: 'GET', url: '/api/surveys/?token=x' }))).toEqual({ surveys: [] });
    for (const [url, name] of [
      ['/api/early_access_features/', 'earlyAccessFeatures'],
      ['/api/web_experiments/', 'experiments'],
      ['/api/product_tours/?token=x', 'product_tours'],
    ] as const) {
      expect(json(await call({ method: 'GET', url }))).toEqual({ [name]: [] });
    }
  });

  it('H205, H207: the configuration document of a project', async () => {
    const response = await call({ method: 'GET', url: `/array/${TOKEN}/config` });
    const example = /\*\*H207\..*?```json\n(.*?)```/s.exec(readFileSync(HTTP_RULES, 'utf8'))?.[1] ?? 'no example';
    expect(json(response)).toEqual({ ...(JSON.parse(example) as object), token: TOKEN });
  });

  it('H206: the document may be kept for five minutes, and HEAD asks for it without its body', async () => {
    const headers = { 'cache-control': 'public, max-age=300', vary: 'Origin, Referer' };
    const url = `/array/${TOKEN}/config`;
    expect((await call({ method: 'GET', url })).headers).toMatchObject(headers);
    expect(await call({ method: 'HEAD', url })).toMatchObject({ status: 200, headers });
  });

  it('H205: the same as a script', async () => {
    const response = await call({ method: 'GET', url: `/array/${TOKEN}/config.js` });
    const window: { _POSTHOG_REMOTE_CONFIG?: Record<string, unknown> } = {};
    runInNewContext(response.body as string, { window });
    expect(window._POSTHOG_REMOTE_CONFIG?.[TOKEN]).toMatchObject({ config: { token: TOKEN }, siteApps: [] });
  });

  it('H206: unknown and malformed tokens', async () => {
    expect((await call({ method: 'GET', url: '/array/phc_other/config' })).status).toBe(404);
    expect((await call({ method: 'GET', url: '/array/%22)/config.js' })).status).toBe(401);
  });

  it.each([
    ['all', 200],
    ['flags', 200],
    ['definitions', 404],
  ] as const)('H2: mode %s answers /flags with %i, and probes always', async (mode, status) => {
    for (const url of ['/flags?v=2', '/decide/?v=3'])
      expect((await call({ url, body: USER, mode })).status).toBe(status);
    expect((await call({ method: 'GET', url: '/_liveness', mode })).status).toBe(200);
  });

  it('H242: the routes of neighbours can be left out', async () => {
    for (const url of ['/batch/', '/api/surveys', `/array/${TOKEN}/config`]) {
      expect((await call({ url, neighbours: false })).status).toBe(404);
    }
  });
});
