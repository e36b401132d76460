import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, call, json, USER } from '../../app-call.cases.ts';
import { outcome, StubProject, TOKEN } from '../stub-projects.cases.ts';
import { createBots, readNetworks } from './bots.ts';

const folder = mkdtempSync(join(tmpdir(), 'halyard-bots-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'networks.txt');
  writeFileSync(path, text);
  return path;
}

const GOOGLE = { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' };

describe('bots', () => {
  it('H145: on answers them with the minimal response before the body is read, log serves them', async () => {
    const ask = (mode: 'log' | 'on', more: Partial<Call> = {}) =>
      call({ body: USER, headers: GOOGLE, bots: createBots(mode, undefined), ...more });
    const enforced = await ask('on', { body: 'not JSON' });
    expect(json(enforced)).toMatchObject({ flags: {}, isAuthenticated: false });
    expect(enforced.record.notes).toEqual({ botCategory: 'search', botSource: 'user_agent' });
    const logged = await ask('log');
    expect(json(logged)).toMatchObject({ flags: { 'new-cart': { enabled: true } } });
    expect(logged.record.notes).toEqual({ botCategory: 'search', botSource: 'user_agent' });
    expect((await call({ body: USER, headers: GOOGLE })).record.notes).toEqual({});
  });

  it.each([
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'posthog-node/5.70.0',
    'posthog-python/7.91.0',
    'Go-http-client/2.0',
    'python-requests/2.32',
    'curl/8.5.0',
    'okhttp/4.12.0',
    '',
    undefined,
  ])('H145: %s is none', async (userAgent) => {
    const headers: Record<string, string> = userAgent === undefined ? {} : { 'user-agent': userAgent };
    const answer = await call({ body: USER, headers, bots: createBots('on', undefined) });
    expect(Object.keys(json(answer).flags as object)).not.toHaveLength(0);
  });

  it('H145: by their networks as well', async () => {
    const networks = readNetworks(file('# crawlers\n192.0.2.0/24\n\n2001:db8::/32 # six\n198.51.100.7\n'));
    const answer = await call({ body: USER, bots: createBots('on', networks) });
    expect(answer.record.notes).toEqual({ botCategory: 'network', botSource: 'ip' });
    expect([networks.check('2001:db8::1', 'ipv6'), networks.check('198.51.100.8', 'ipv4')]).toEqual([true, false]);
  });

  it.each(['300.1.1.1/8', '192.0.2.0/33', '192.0.2.0/x', 'everybody', '192.0.2.0/'])(
    'H145: the line %j of a file of networks is refused by its number',
    (line) => {
      expect(() => readNetworks(file(`192.0.2.0/24\n${line}\n`))).toThrow(
        /networks\.txt, line 2: .* is no network such as/,
      );
    },
  );
});

describe('quota', () => {
  const project = { token: TOKEN, settings: { session_recording_opt_in: true } };
  const configured = Object.assign(new StubProject(() => ({ results: [], errors: false })), { project });
  const projects = { byToken: () => configured };
  const over = (...limited: ('flags' | 'recordings')[]) => ({
    flags: (token: string) => token === TOKEN && limited.includes('flags'),
    recordings: (token: string) => token === TOKEN && limited.includes('recordings'),
  });

  it.each([
    ['/flags?v=2', { flags: {} }],
    ['/flags?v=1', { featureFlags: {} }],
    ['/decide?v=1', { featureFlags: [] }],
    ['/decide?v=2', { featureFlags: {} }],
  ])('H72, H105, H106: over quota %s has no flags, and says so in both spellings', async (url, none) => {
    const stub = new StubProject();
    const answer = await call({ url, body: USER, quota: over('flags'), projects: { byToken: () => stub } });
    expect(answer.status).toBe(200);
    expect(json(answer)).toMatchObject({ ...none, quotaLimited: ['feature_flags'], quota_limited: ['feature_flags'] });
    expect(stub.requests).toEqual([]);
    expect(answer.record.notes).toEqual({ quotaLimited: true });
  });

  it('H106: others have theirs, and H48 comes first', async () => {
    const body = { ...USER, disable_flags: true };
    expect(json(await call({ body, quota: over('flags') }))).not.toHaveProperty('quotaLimited');
    const quota = { flags: (token: string) => token !== TOKEN, recordings: () => false };
    expect(json(await call({ body: USER, quota }))).not.toHaveProperty('quotaLimited');
  });

  it('H108, H157: over the quota of recordings a configuration switches them off and says so', async () => {
    const url = '/flags?v=2&config=true';
    const limited = json(await call({ url, body: USER, projects, quota: over('flags', 'recordings') }));
    expect(limited).toMatchObject({ sessionRecording: false, quotaLimited: ['feature_flags', 'recordings'] });
    const free = json(await call({ url, body: USER, projects, quota: over() }));
    expect(free).toMatchObject({ sessionRecording: { endpoint: '/s/' } });
    expect(free).not.toHaveProperty('quotaLimited');
    expect(json(await call({ body: USER, projects, quota: over('recordings') }))).not.toHaveProperty('quotaLimited');
  });
});

describe('usage', () => {
  const results = (...keys: string[]) => ({
    results: keys.map((key, id) => outcome(id, key, { enabled: true, reason: ['condition_match', 0] })),
    errors: false,
  });

  it.each<[boolean, string[], Partial<Call>]>([
    [true, ['survey-targeting-1', 'cart'], {}],
    [false, ['survey-targeting-1', 'product-tour-targeting-2'], {}],
    [false, [], {}],
    [false, ['cart'], { readOnly: true }],
    [false, ['cart'], { method: 'GET' }],
    [false, ['cart'], { body: { ...USER, disable_flags: true } }],
    [false, ['cart'], { quota: { flags: () => true, recordings: () => false } }],
    [false, ['cart'], { body: { ...USER, token: 'phc_other' } }],
  ])('H109, H112, D98: is %s for %j with %j', async (counts, keys, request) => {
    const project = new StubProject(() => results(...keys));
    const answer = await call({
      body: USER,
      projects: { byToken: (token) => (token === TOKEN ? project : null) },
      ...request,
    });
    expect(answer.record.usage).toBe(counts ? 'decide' : undefined);
  });

  it.each([
    ['posthog-node/5.70.0', {}, 'posthog-node'],
    ['posthog-rs/0.30.0', {}, 'other'],
    ['posthog-custom/1.0 Chrome/91.0', {}, 'other'],
    ['Mozilla/5.0 Firefox/140.0', {}, 'posthog-js'],
    ['my-app/1', { 'sec-fetch-site': 'same-origin' }, 'posthog-js'],
    ['my-app/1', { origin: 'https://shop.example' }, 'other'],
    ['', {}, 'other'],
  ])('H111, D97: a request of %j with %j counts for %s', async (userAgent, headers, library) => {
    const counted: unknown[] = [];
    const usage = { record: (...told: unknown[]) => void counted.push(told) };
    await call({ body: USER, headers: { 'user-agent': userAgent, ...headers }, usage });
    await call({ body: { ...USER, disable_flags: true }, usage });
    expect(counted).toEqual([['flags', 7, library]]);
  });
});
