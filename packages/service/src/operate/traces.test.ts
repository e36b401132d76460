import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRecord } from '../http/request-record.ts';
import { LostSpans } from './lost-spans.ts';
import { openTraces } from './traces.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

interface Span {
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

const unheard = (): never => {
  throw new Error('spans are lost');
};

describe('traces', () => {
  let collector: Server;
  let url: string;
  const bodies: string[] = [];

  beforeEach(async () => {
    bodies.length = 0;
    collector = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => {
      collector.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  });
  afterEach(() => void collector.close());

  function spans(): readonly Span[] {
    return bodies.flatMap((body) => {
      const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
      return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    });
  }

  const TIMINGS = { durationMs: 5, bodyReadMs: 1, concurrencyWaitMs: 0.5 };

  it('a request is a span of its caller’s trace, without anything personal in it', async () => {
    const traces = await openTraces(url, unheard);
    const logged: number[] = [];
    const log = traces.tracing(({ status }) => logged.push(status));
    for (const traceparent of [`00-${TRACE}-${PARENT}-01`, 'nonsense', undefined]) {
      const headers = traceparent === undefined ? {} : { traceparent };
      const request = {
        method: 'POST',
        url: '/flags/?v=2&token=phc_x',
        headers,
        body: new Uint8Array(),
        peer: '192.0.2.7',
      };
      const record = startRecord(request, false, 0);
      traces.begin(request, record);
      Object.assign(record, { teamId: 7, distinctId: 'ada', flagsEvaluated: 3 });
      log({ status: 200, headers: {}, body: null }, record, TIMINGS);
    }
    await traces.close();
    const sent = spans();
    expect(logged).toEqual([200, 200, 200]);
    expect(sent.map(({ name }) => name)).toEqual(Array(3).fill('POST /flags'));
    expect(sent[0]).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    expect(new Set(sent.map(({ traceId }) => traceId)).size).toBe(3);
    expect(sent[0]?.attributes).toContainEqual({ key: 'halyard.team_id', value: { intValue: 7 } });
    expect(bodies.join('')).not.toMatch(/ada|192\.0\.2\.7|phc_x/);
  });

  it('probes have none', async () => {
    const traces = await openTraces(url, unheard);
    const request = { method: 'GET', url: '/_liveness', headers: {}, body: new Uint8Array(), peer: '' };
    const record = Object.assign(startRecord(request, false, 0), { routine: true });
    traces.begin(request, record);
    traces.tracing(() => undefined)({ status: 200, headers: {}, body: null }, record, TIMINGS);
    await traces.close();
    expect(bodies).toEqual([]);
  });

  it('tell of spans that a collector does not take', async () => {
    collector.removeAllListeners('request');
    collector.on('request', (request, response) => {
      request.resume();
      response.writeHead(400).end();
    });
    const lost: [number, string][] = [];
    const traces = await openTraces(url, (count, error) => lost.push([count, (error as Error).name]));
    const request = { method: 'POST', url: '/flags', headers: {}, body: new Uint8Array(), peer: '' };
    for (let i = 0; i < 2; i++) {
      const record = startRecord(request, false, 0);
      traces.begin(request, record);
      traces.tracing(() => undefined)({ status: 200, headers: {}, body: null }, record, TIMINGS);
    }
    await traces.close();
    expect(lost).toEqual([[2, 'OTLPExporterError']]);
  });

  it('tell of them at once, and then once a minute, and of the rest at the end', () => {
    const told: [number, unknown][] = [];
    let now = 0;
    const lost = new LostSpans(
      (count, error) => told.push([count, error]),
      () => now,
    );
    for (const minute of [0, 0.5, 0.9, 1, 1.5]) {
      now = minute * 60_000;
      lost.add(10, minute);
    }
    expect(told).toEqual([
      [10, 0],
      [30, 1],
    ]);
    lost.flush();
    lost.flush();
    expect(told.slice(2)).toEqual([[10, 1.5]]);
  });

  it('without the packages it says what to install', async () => {
    const missing = openTraces(url, unheard, { load: () => Promise.reject(new Error('not found')) });
    await expect(missing).rejects.toThrow('npm install @opentelemetry/api');
  });
});
