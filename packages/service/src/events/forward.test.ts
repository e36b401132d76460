import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, type Doors, openDoors, send } from './doors.cases.ts';

interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const set = (id: string): object => ({ event: '$set', distinct_id: id, properties: { $set: { a: 1 } } });

describe('requests with events that are sent on', () => {
  let upstream: Server;
  let upstreamUrl: string;
  let at: Doors;
  const heard: Heard[] = [];
  let respond: (response: ServerResponse) => void;

  beforeAll(async () => {
    upstream = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        heard.push({ method, url, headers, body: Buffer.concat(chunks) });
        respond(response);
      });
    });
    await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
    upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    at = await openDoors({ HALYARD_INGEST_FORWARD: `${upstreamUrl}/in/` });
  });

  beforeEach(() => {
    heard.length = 0;
    at.store.batches.length = 0;
    respond = (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"Ok"}');
  });

  afterEach(() => void (at.store.away = false));

  afterAll(async () => {
    await at.close();
    upstream.closeAllConnections();
    upstream.close();
  });

  it('I180, I181: arrive byte for byte after they are stored, and the answer is the upstream’s (scenario 86)', async () => {
    const body = gzipSync(batchOf(set('n')));
    const headers = {
      'content-type': 'text/plain',
      'content-encoding': 'gzip',
      'user-agent': 'sdk/1',
      'posthog-sdk-info': 'x',
      authorization: 'Bearer secret',
      cookie: 'c=1',
      origin: 'https://shop.test',
    };
    respond = (response) => {
      expect(at.store.ids).toEqual(['n']);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"Ok"}');
    };
    const answer = await send(at, body, { path: '/e/?ip=1&_=5', headers });
    expect([answer.status, answer.text]).toEqual([200, '{"status":"Ok"}']);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.test');
    const [request] = heard;
    expect(request).toMatchObject({ method: 'POST', url: '/in/e/?ip=1&_=5' });
    expect(request?.body.equals(body)).toBe(true);
    const { connection: _, host: __, ...sent } = request?.headers ?? {};
    expect(sent).toEqual({
      'content-type': 'text/plain',
      'content-encoding': 'gzip',
      'user-agent': 'sdk/1',
      'posthog-sdk-info': 'x',
      'x-forwarded-for': '127.0.0.1',
      'content-length': String(body.length),
    });
  });

  it('I181, I182: 429, 5xx, redirects and broken connections become "later", and are told (scenario 86)', async () => {
    const cases: [(response: ServerResponse) => void, string][] = [
      [(response) => void response.writeHead(429, { 'retry-after': '7' }).end(), '7'],
      [(response) => void response.writeHead(500).end('no'), '10'],
      [(response) => void response.writeHead(302, { location: `${upstreamUrl}/elsewhere` }).end(), '10'],
      [(response) => void response.destroy(), '10'],
    ];
    for (const [how, seconds] of cases) {
      respond = how;
      const { status, headers } = await send(at, batchOf(set('n')));
      expect([status, headers.get('retry-after')]).toEqual([503, seconds]);
    }
    expect(heard.map(({ url }) => url)).toEqual(cases.map(() => '/in/batch/'));
    respond = (response) => void response.writeHead(400, { 'content-type': 'text/plain' }).end('bad');
    expect(await send(at, 'no json')).toMatchObject({ status: 400, text: 'bad' });
    expect(at.log.filter(({ msg }) => msg === 'events were not taken by the upstream')).toHaveLength(1);
    expect(await at.metrics()).toContain('halyard_ingest_forward_total{status="429"} 1');
  });

  it('I181: an upstream that hangs is waited for until the time for both is over', async () => {
    respond = () => undefined;
    const hasty = await openDoors({ HALYARD_INGEST_FORWARD: upstreamUrl }, undefined, { forwardMs: 200 });
    const { status, headers } = await send(hasty, batchOf(set('n')));
    expect([status, headers.get('retry-after')]).toEqual([503, '10']);
    expect(hasty.store.ids).toEqual(['n']);
    await hasty.close();
  });

  it('I181: what could not be stored here is not sent on, or it would come twice', async () => {
    const away = await openDoors({ HALYARD_INGEST_FORWARD: upstreamUrl, HALYARD_INGEST_HOLD_MS: '50' });
    away.store.away = true;
    expect((await send(away, batchOf(set('n')))).status).toBe(503);
    expect(heard).toEqual([]);
    await away.close();
  });

  it('I2, I180: also where nothing is stored, recordings and all, from whom a trusted proxy names', async () => {
    const env = { HALYARD_INGEST: 'off', HALYARD_INGEST_FORWARD: upstreamUrl, HALYARD_NEIGHBOURS: 'false' };
    const only = await openDoors({ ...env, HALYARD_TRUST_PROXY: 'true' });
    const headers = { authorization: 'Bearer phc_1', 'x-forwarded-for': '192.0.2.7' };
    for (const path of ['/s/', '/batch', '/i/v1/analytics/events']) {
      expect((await send(only, 'anything', { path, headers })).text).toBe('{"status":"Ok"}');
    }
    expect(heard.map(({ url, body }) => `${url} ${body.toString()}`)).toEqual([
      '/s/ anything',
      '/batch anything',
      '/i/v1/analytics/events anything',
    ]);
    expect(heard.map((one) => one.headers.authorization)).toEqual([undefined, undefined, 'Bearer phc_1']);
    expect(heard[0]?.headers['x-forwarded-for']).toBe('192.0.2.7, 127.0.0.1');
    expect(only.store.tries).toBe(0);
    await only.close();
  });
});
