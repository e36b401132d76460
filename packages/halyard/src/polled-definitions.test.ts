import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { createHalyard, type Halyard } from './index.ts';

/*
 * The clock belongs to the tests: timers run when a test says so, and a server answers when a test says so.
 */

const flag = (rollout: number) => ({
  id: 1,
  key: 'f',
  active: true,
  filters: { groups: [{ properties: [], rollout_percentage: rollout }] },
});
const on = JSON.stringify({ flags: [flag(100)] });
const off = JSON.stringify({ flags: [flag(0)] });
const MINUTE = 60_000;
const LONGEST = 5 * MINUTE;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

let server: Server;
let url: string;
/** Requests that wait for their answer, and how many there have been. */
let waiting: Exchange[];
let asked: number;
let wake: () => void;
let halyard: Halyard | undefined;
let errors: string[];
let clock: MockInstance<typeof setTimeout>;
let plansSeen: number;
let period: number;

beforeEach(async () => {
  waiting = [];
  asked = 0;
  wake = () => undefined;
  errors = [];
  server = createServer((request, response) => {
    asked++;
    waiting.push({ request, response });
    wake();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/flags/definitions`;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  clock = vi.spyOn(globalThis, 'setTimeout');
  plansSeen = 0;
});
afterEach(async () => {
  clock.mockRestore();
  vi.useRealTimers();
  await halyard?.close();
  halyard = undefined;
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const arrival = (): Promise<void> =>
  new Promise((resolve) => {
    wake = resolve;
  });

/** The next request that reaches the server. */
async function nextRequest(): Promise<Exchange> {
  while (waiting.length === 0) await arrival();
  return waiting.shift() as Exchange;
}

async function answer(body: string, headers: Record<string, string> = {}, status = 200): Promise<IncomingMessage> {
  const { request, response } = await nextRequest();
  response.writeHead(status, headers).end(body);
  return request;
}

async function start(pollMs = MINUTE): Promise<Halyard> {
  period = pollMs;
  const starting = createHalyard({
    definitions: { url, pollMs },
    onError: (error) => errors.push(String(error)),
  });
  await answer(on, { etag: '"1"' });
  halyard = await starting;
  if (pollMs > 0) await planned();
  return halyard;
}

const isOn = (): boolean => halyard?.evaluateSync({ distinctId: 'u' }).isEnabled('f') === true;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
/** Until the last answer has been dealt with: the clock has been asked for the next poll. Waits for events, not for time. */
async function planned(): Promise<void> {
  while (plans() === plansSeen) await turn();
  plansSeen = plans();
}
/** How often the clock was asked for a pause between polls; `fetch` and the limit of a request ask for others. */
const plans = (): number => clock.mock.calls.filter(([, ms = 1]) => ms % period === 0 || ms === LONGEST).length;
const nobodyAsks = async (): Promise<void> => {
  const before = asked;
  for (let i = 0; i < 50; i++) await turn();
  expect(asked).toBe(before);
};

describe('definitions at an address', () => {
  it('are looked for again after pollMs, and only then', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(MINUTE - 1);
    await nobodyAsks();
    await vi.advanceTimersByTimeAsync(1);
    await answer(off);
    await planned();
    expect(isOn()).toBe(false);
    await vi.advanceTimersByTimeAsync(MINUTE);
    await answer(on);
    await planned();
    expect(isOn()).toBe(true);
    expect(asked).toBe(3);
  });

  it('are asked for one poll at a time, so a slow answer cannot overtake a newer one', async () => {
    await start(1_700);
    await vi.advanceTimersByTimeAsync(1_700);
    const slow = await nextRequest();
    await vi.advanceTimersByTimeAsync(5_000); // two more polls would be due
    await nobodyAsks();
    slow.response.end(off);
    await planned();
    expect(isOn()).toBe(false);
    await vi.advanceTimersByTimeAsync(1_700);
    await answer(on);
    await planned();
    expect(isOn()).toBe(true);
    expect(errors).toEqual([]);
  });

  it('are asked for with the ETag of those in use, and stay when nothing has changed', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(MINUTE);
    const { headers } = await answer('', {}, 304);
    await planned();
    expect(headers['if-none-match']).toBe('"1"');
    await vi.advanceTimersByTimeAsync(MINUTE);
    await answer(off, { etag: '"2"' });
    await planned();
    expect(isOn()).toBe(false);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect((await answer('', {}, 304)).headers['if-none-match']).toBe('"2"');
    expect(isOn()).toBe(false);
    expect(errors).toEqual([]);
  });

  it('are asked for without a condition where the server gives no ETag', async () => {
    const starting = createHalyard({ definitions: { url, pollMs: MINUTE } });
    expect((await answer(on)).headers['if-none-match']).toBeUndefined();
    halyard = await starting;
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect((await answer(on)).headers['if-none-match']).toBeUndefined();
  });

  it('keep an old ETag when the new document is broken, so that it is asked for again', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(MINUTE);
    await answer('{"flags": 3}', { etag: '"broken"' });
    await planned();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/holds no flag definitions: flags must be a list/);
    expect(isOn()).toBe(true);
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect((await answer(off)).headers['if-none-match']).toBe('"1"');
    await planned();
    expect(isOn()).toBe(false);
  });

  it('are given up after ten seconds without an answer, and asked for again', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(MINUTE);
    await nextRequest();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(errors).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await planned();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/\/flags\/definitions could not be reached: no answer within 10 s$/);
    expect(isOn()).toBe(true);
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    await answer(off);
    await planned();
    expect(isOn()).toBe(false);
  });

  it('are given up when the answer begins and never ends', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(MINUTE);
    const { response } = await nextRequest();
    response.writeHead(200).write('{"flags": [');
    await vi.advanceTimersByTimeAsync(10_000);
    await planned();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('no answer within 10 s');
  });

  it('are asked for ever more rarely while that fails, and as often as before once it works', async () => {
    await start();
    let pause = MINUTE;
    for (const [failures, next] of [2, 4, 5, 5].entries()) {
      await vi.advanceTimersByTimeAsync(pause - 1);
      await nobodyAsks();
      await vi.advanceTimersByTimeAsync(1);
      await answer('', {}, 503);
      await planned();
      expect(errors).toHaveLength(failures + 1);
      pause = next * MINUTE;
    }
    await vi.advanceTimersByTimeAsync(pause);
    await answer(off);
    await planned();
    expect(isOn()).toBe(false);
    await vi.advanceTimersByTimeAsync(MINUTE);
    await answer(on);
    await planned();
    expect(isOn()).toBe(true);
  });

  it('are asked for with the headers that one gives, and for errors to say where without the key in the address', async () => {
    url += '?token=secret';
    const starting = createHalyard({
      definitions: { url, headers: { authorization: 'Bearer key' }, pollMs: MINUTE },
      onError: (error) => errors.push(String(error)),
    });
    period = MINUTE;
    const { headers, url: path } = await answer(on);
    expect([headers.authorization, path]).toEqual(['Bearer key', '/flags/definitions?token=secret']);
    halyard = await starting;
    await planned();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect((await answer('', {}, 500)).headers.authorization).toBe('Bearer key');
    await planned();
    expect(errors).toEqual([expect.stringMatching(/\/flags\/definitions answered 500 instead of definitions$/)]);
  });

  it('are asked for once with pollMs 0', async () => {
    await start(0);
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    await nobodyAsks();
    expect(isOn()).toBe(true);
  });

  it('are not asked for after close(), which ends a poll under way without an error', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(MINUTE);
    const { request } = await nextRequest();
    const hungUp = once(request.socket, 'close');
    await halyard?.close();
    await hungUp;
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    await nobodyAsks();
    expect(errors).toEqual([]);
  });
});
