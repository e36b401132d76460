import { runInNewContext } from 'node:vm';
import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { type Answered, call, json, USER } from '../../app-call.cases.ts';
import type { Projects } from '../ports.ts';
import { StubProject, TOKEN } from '../stub-projects.cases.ts';

const RECORDING = { session_recording_opt_in: true, session_recording_sample_rate: 0.5 };

/** A project whose team has these columns, and of which PostHog has made this document. */
function configured(settings: JsonObject, remoteConfig: JsonObject | null = null): Projects {
  const project = Object.assign(new StubProject(), { project: { token: TOKEN, settings, remoteConfig } });
  return { byToken: (token) => (token === TOKEN ? project : null) };
}

const documentOf = (settings: JsonObject, headers: Record<string, string> = {}): Promise<Answered> =>
  call({ method: 'GET', url: `/array/${TOKEN}/config`, projects: configured(settings), headers });

describe('the configuration of a project', () => {
  it('H159: says what its team has switched on', async () => {
    const on = {
      ...RECORDING,
      session_recording_masking_config: { maskAllInputs: true },
      heatmaps_opt_in: true,
      capture_performance_opt_in: true,
      autocapture_web_vitals_opt_in: true,
      autocapture_web_vitals_allowed_metrics: ['LCP'],
      autocapture_exceptions_opt_in: true,
      autocapture_opt_out: true,
      capture_dead_clicks: true,
      flags_persistence_default: true,
    };
    expect(json(await documentOf(on))).toMatchObject({
      token: TOKEN,
      hasFeatureFlags: true,
      sessionRecording: { endpoint: '/s/', sampleRate: '0.50', masking: { maskAllInputs: true }, linkedFlag: null },
      heatmaps: true,
      capturePerformance: { network_timing: true, web_vitals: true, web_vitals_allowed_metrics: ['LCP'] },
      autocaptureExceptions: true,
      errorTracking: { autocaptureExceptions: true, suppressionRules: [] },
      autocapture_opt_out: true,
      captureDeadClicks: true,
      flagsPersistenceDefault: true,
    });
  });

  it('H159: says to the recorder what its team has said, in the recorder’s own form', async () => {
    const recording = async (settings: JsonObject) =>
      json(await documentOf({ session_recording_opt_in: true, ...settings })).sessionRecording;
    expect(await recording({})).toEqual({
      endpoint: '/s/',
      consoleLogRecordingEnabled: false,
      recorderVersion: 'v2',
      sampleRate: null,
      minimumDurationMilliseconds: null,
      linkedFlag: null,
      networkPayloadCapture: null,
      masking: null,
      urlTriggers: null,
      urlBlocklist: null,
      eventTriggers: null,
      triggerMatchType: null,
      scriptConfig: null,
    });
    const rate = async (value: JsonValue) => (await recording({ session_recording_sample_rate: value })) as JsonObject;
    expect([(await rate(0.1)).sampleRate, (await rate(0)).sampleRate, (await rate(1)).sampleRate]).toEqual([
      '0.10',
      '0.00',
      null,
    ]);
    const flag = { id: 7, key: 'record' };
    expect(await recording({ session_recording_linked_flag: { ...flag, variant: null } })).toMatchObject({
      linkedFlag: 'record',
    });
    expect(await recording({ session_recording_linked_flag: { ...flag, variant: 'b' } })).toMatchObject({
      linkedFlag: { flag: 'record', variant: 'b' },
    });
    const empty = {
      session_recording_minimum_duration_milliseconds: 0,
      session_recording_network_payload_capture_config: {},
      session_recording_url_trigger_config: [],
      session_replay_config: { record_canvas: true },
    };
    expect(await recording(empty)).toMatchObject({
      minimumDurationMilliseconds: null,
      networkPayloadCapture: null,
      urlTriggers: [],
      recordCanvas: true,
      canvasFps: 3,
      canvasQuality: '0.4',
    });
    expect(await recording({ session_replay_config: {} })).toMatchObject({ recordCanvas: false, canvasFps: null });
  });

  it('H159, H244: is quiet for a team that has switched on nothing, and has no surveys', async () => {
    const document = json(await documentOf({ name: 'Ünïcode' }));
    expect(document).toMatchObject({
      sessionRecording: false,
      heatmaps: false,
      capturePerformance: false,
      errorTracking: { autocaptureExceptions: false, suppressionRules: [] },
      logs: { captureConsoleLogs: false },
      conversations: false,
      productTours: false,
    });
    const logging = await documentOf({ logs_settings: { capture_console_logs: true } });
    expect(json(logging)).toMatchObject({ logs: { captureConsoleLogs: true } });
    expect(document).not.toHaveProperty('surveys');
  });

  it('H155: is attached to an answer, beside its own members', async () => {
    const answer = json(
      await call({ url: '/flags?v=2&config=true', body: USER, projects: configured({ heatmaps_opt_in: true }) }),
    );
    expect(answer).toMatchObject({ flags: { 'new-cart': { enabled: true } }, heatmaps: true, siteApps: [] });
    expect(answer).not.toHaveProperty('siteAppsJS');
    const without = json(await call({ body: USER, projects: configured({ heatmaps_opt_in: true }) }));
    expect(without).not.toHaveProperty('heatmaps');
  });

  describe('that PostHog made and keeps', () => {
    const made: JsonObject = {
      token: 'phc_of_another_age',
      supportedCompression: ['gzip', 'gzip-js'],
      hasFeatureFlags: false,
      heatmaps: false,
      surveys: [{ id: 's1', name: 'Wie geht’s?' }],
      survey_config: { appearance: { theme: 'dark' } },
      errorTracking: { autocaptureExceptions: true, suppressionRules: [{ type: 'OR', values: [] }] },
      sessionRecording: { endpoint: '/s/', version: 2, triggerGroups: [], domains: ['https://shop.example'] },
      conversations: { enabled: true, token: 'w', domains: ['https://help.example'] },
      productTours: true,
      siteApps: [{ id: 3, type: 'site_app', url: '/site_app/3/x/y/' }],
      siteAppsJS: ["{ id: 'a', init: function(config) { return 'grüß' } }", "{ id: 'b', init: function() {} }"],
      sdkVersion: { requested: '1' },
      quotaLimited: ['recordings'],
      flags: 'not those of the answer',
    };
    const settings = { heatmaps_opt_in: true };
    const served = async (document: JsonObject, headers: Record<string, string> = {}, url = `/array/${TOKEN}/config`) =>
      call({ method: 'GET', url, projects: configured(settings, document), headers });

    it('H155, H159: is served as it is, also what this service knows nothing of', async () => {
      const document = json(await served(made, { origin: 'https://shop.example' }));
      const { siteAppsJS: _, quotaLimited: __, flags: ___, ...kept } = made;
      expect(document).toEqual({
        ...kept,
        token: TOKEN,
        hasFeatureFlags: true,
        sessionRecording: { endpoint: '/s/', version: 2, triggerGroups: [] },
        conversations: false,
      });
      const answer = await call({
        url: '/flags?v=2&config=true',
        body: USER,
        projects: configured(settings, made),
        headers: { origin: 'https://help.example' },
      });
      expect(json(answer)).toMatchObject({
        flags: { 'new-cart': { enabled: true } },
        sessionRecording: false,
        conversations: { enabled: true, token: 'w' },
        sdkVersion: { requested: '1' },
      });
      expect(answer.body).not.toMatch(/example|siteAppsJS|quotaLimited|not those of the answer/);
    });

    it('H205: the script hands site apps to the SDK, whatever characters they have', async () => {
      const { body } = await served(made, {}, `/array/${TOKEN}/config.js`);
      const window: { _POSTHOG_REMOTE_CONFIG?: Record<string, { siteApps: { id: string; init(): unknown }[] }> } = {};
      runInNewContext(Buffer.from(body as Uint8Array).toString('utf8'), { window });
      const siteApps = window._POSTHOG_REMOTE_CONFIG?.[TOKEN]?.siteApps ?? [];
      expect(siteApps.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(siteApps[0]?.init()).toBe('grüß');
    });

    it('H244: surveys are listed where the document has them, and there is no word of them elsewhere', async () => {
      const surveys = async (document: JsonObject, url = `/api/surveys/?token=${TOKEN}`) =>
        json(await served(document, {}, url));
      expect(await surveys(made)).toEqual({ surveys: made['surveys'], survey_config: made['survey_config'] });
      for (const none of [false, true, [], null]) {
        expect(await surveys({ ...made, surveys: none, survey_config: null })).toMatchObject({ surveys: [] });
      }
      for (const url of ['/api/surveys', '/api/surveys/?token=', '/api/surveys/?token=phc_nobody']) {
        expect(await surveys(made, url)).toEqual({ surveys: [] });
      }
      for (const none of [false, null]) {
        expect(json(await served({ ...made, surveys: none }))).not.toHaveProperty('surveys');
      }
    });

    it('H159: of an age that wrote other names, it counts for nothing', async () => {
      const older = { token: TOKEN, supported_compression: ['gzip'], surveys: true, heatmaps: false };
      expect(json(await served(older))).toMatchObject({ heatmaps: true, siteApps: [] });
      expect(json(await served({}))).toMatchObject({ heatmaps: true });
    });
  });

  it.each([
    ['https://shop.example', undefined, true],
    ['https://SHOP.example:8443', undefined, true],
    [undefined, 'https://shop.example/cart?x=1', true],
    ['https://eu.shop.example', undefined, false],
    ['https://a.b.beta.example', undefined, true],
    ['https://beta.example', undefined, false],
    ['https://shop.example.evil.test', undefined, false],
    ['null', undefined, false],
    [undefined, undefined, false],
  ])('H156: origin %s, referer %s: recording %s', async (origin, referer, allowed) => {
    const settings = { ...RECORDING, recording_domains: ['https://shop.example', 'https://*.beta.example', null] };
    const headers = { ...(origin === undefined ? {} : { origin }), ...(referer === undefined ? {} : { referer }) };
    const { sessionRecording } = json(await documentOf(settings, headers));
    expect(sessionRecording !== false).toBe(allowed);
    const answer = await call({ url: '/flags?v=2&config=true', body: USER, headers, projects: configured(settings) });
    expect(json(answer).sessionRecording !== false).toBe(allowed);
    expect(answer.body).not.toContain('beta.example');
  });

  it('H156: applications have no domain, and without domains everybody may record', async () => {
    const settings = { ...RECORDING, recording_domains: ['https://shop.example'] };
    expect(json(await documentOf(settings, { 'user-agent': 'posthog-ios/3.1.0' })).sessionRecording).not.toBe(false);
    expect(json(await documentOf(settings, { 'user-agent': 'Shop/1 posthog-flutter/4.1' })).sessionRecording).not.toBe(
      false,
    );
    expect(json(await documentOf(settings, { 'user-agent': 'posthog-node/5.0.0' })).sessionRecording).toBe(false);
    expect(json(await documentOf({ ...RECORDING, recording_domains: [] })).sessionRecording).not.toBe(false);
  });

  it('H156: a pattern of many stars takes no time', async () => {
    const settings = { ...RECORDING, recording_domains: [`${'*a'.repeat(60)}b`] };
    const begun = performance.now();
    await documentOf(settings, { origin: `https://${'a'.repeat(3_000)}` });
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
