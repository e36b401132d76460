import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type Answered, call } from '../app-call.cases.ts';
import { startRecord } from '../http/request-record.ts';
import { findScripts, staticScripts } from './static-scripts.ts';

const scripts = findScripts();
if (scripts === undefined) throw new Error('posthog-js is not installed');
const empty = mkdtempSync(join(tmpdir(), 'halyard-no-scripts-'));
afterAll(() => rmSync(empty, { recursive: true }));

const get = (url: string, headers: Record<string, string> = {}): Promise<Answered> =>
  call({ method: 'GET', url, headers, scripts });

describe('script files of the browser SDK', () => {
  it('H245: /static has every part, under its name and under its version, for long only where the path says the version', async () => {
    const file = readFileSync(join(scripts.folder, 'array.js'));
    const fixed = 'public, max-age=31536000, immutable';
    for (const [url, caching] of [
      ['/static/array.js', 'public, max-age=3600'],
      [`/static/array.js?v=${scripts.version}`, fixed],
      [`/static/${scripts.version}/array.js`, fixed],
      ['/static/array.js?v=1.0.0', 'public, max-age=3600'],
    ] as const) {
      const response = await get(url, { origin: 'https://shop.example' });
      expect(response.status).toBe(200);
      expect(file.equals(response.body as Uint8Array)).toBe(true);
      expect(response.headers).toMatchObject({
        'content-type': 'application/javascript; charset=utf-8',
        'cache-control': caching,
        'access-control-allow-origin': 'https://shop.example',
        vary: 'Origin, Accept-Encoding',
      });
      expect(response.record.routine).toBe(true);
    }
  });

  it('H245: packed for who takes it, and again from memory', async () => {
    const route = staticScripts(scripts)('/static/surveys.js');
    const headers = { 'accept-encoding': 'gzip, br' };
    const request = { method: 'GET', url: '/static/surveys.js', headers, body: new Uint8Array(), peer: '' };
    const record = startRecord(request, false, 0);
    const ask = async () => route?.({ request, path: request.url, search: '', record });
    const [one, two] = [await ask(), await ask()];
    expect(one?.headers['content-encoding']).toBe('gzip');
    const file = readFileSync(join(scripts.folder, 'surveys.js'));
    expect(file.equals(gunzipSync(one?.body as Uint8Array))).toBe(true);
    expect(two?.body === one?.body).toBe(true);
  });

  it.each([
    '/static/toolbar.js',
    '/static/1.0.0/array.js',
    `/static/${scripts.version}/x/array.js`,
    '/static/../package.json',
    '/static/%2e%2e/package.json',
    '/static/array.js.map',
    '/static/constructor',
    '/static/',
  ])('H245: %s is unknown', async (url) => {
    expect(await get(url)).toMatchObject({ status: 404, body: null });
  });

  it('H245: without the package every file is unknown, with the headers of CORS', async () => {
    expect(findScripts([join(empty, 'index.js')])).toBeUndefined();
    const response = await call({
      method: 'GET',
      url: '/static/array.js',
      headers: { origin: 'https://shop.example' },
    });
    expect(response).toMatchObject({ status: 404, body: null });
    expect(response.headers['access-control-allow-origin']).toBe('https://shop.example');
  });

  it('H245: only reading is allowed', async () => {
    expect((await call({ method: 'DELETE', url: '/static/array.js', scripts })).status).toBe(405);
  });
});
