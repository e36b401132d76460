import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../app.ts';
import type { HttpResponse } from './messages.ts';
import type { RequestRecord } from './request-record.ts';
import type { Timings } from '../operate/log/access-log.ts';
import type { Projects } from '../posthog/ports.ts';
import { outcomes, projectsWith, StubProject, TOKEN } from '../posthog/stub-projects.cases.ts';
import { type Listening, type ListenOptions, listen } from './listen.ts';

const running: Listening[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((listening) => listening.close(0)));
});

type Answered = HttpResponse & Timings & { readonly record: RequestRecord };

interface Service {
  readonly listening: Listening;
  readonly answers: Answered[];
}

async function serve(projects: Projects, options: Partial<ListenOptions> = {}): Promise<Service> {
  const answers: Answered[] = [];
  const app = createApp({
    projects,
    health: { draining: false, waiting: false, warmUp: () => Promise.resolve() },
    clock: () => 5,
    trustProxy: false,
    decideByPath: true,
    neighbours: true,
    onError: () => undefined,
  });
  const listening = await listen({
    app,
    accessLog: (response, record, timings) => answers.push({ ...response, ...timings, record }),
    host: '127.0.0.1',
    port: 0,
    timeoutMs: 4500,
    concurrency: 10,
    queue: 10,
    queueMs: 500,
    ...options,
  });
  running.push(listening);
  return { listening, answers };
}

function flags({ listening }: Service, body: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(`${listening.url}/flags/?v=2`, { method: 'POST', body });
}

const USER = JSON.stringify({ token: TOKEN, distinct_id: 'x' });

/** A project whose evaluations end when the test says so. */
function slowProject(): { project: StubProject; finish: () => void } {
  const waiting: (() => void)[] = [];
  const project = new StubProject(
    () =>
      new Promise((resolve) => {
        waiting.push(() => resolve({ results: [outcomes.on], errors: false }));
      }),
  );
  return { project, finish: () => waiting.splice(0).forEach((end) => end()) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}

/** Sends raw text and gives everything that comes back until the connection ends. */
function raw({ listening }: Service, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(listening.port, '127.0.0.1', () => socket.write(text));
    sockets.push(socket);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

const WHOLE = `POST /flags?v=2 HTTP/1.1\r\nhost: a\r\ncontent-length: ${USER.length}\r\n\r\n${USER}`;

/** A connection on which the test says what is sent when, and sees the statuses of the answers. */
function talk({ listening }: Service): { say: (text: string) => void; statuses: () => string[] } {
  const socket = connect(listening.port, '127.0.0.1');
  sockets.push(socket);
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
  return {
    say: (text) => void socket.write(text),
    statuses: () => [...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status ?? ''),
  };
}

describe('over a socket', () => {
  it('H57: answers like the application itself', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const response = await flags(service, USER);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ flags: { 'new-cart': { enabled: true } } });
    expect(service.answers).toMatchObject([{ status: 200, record: { clientAddress: '127.0.0.1', distinctId: 'x' } }]);
    expect(service.answers[0]?.durationMs).toBeGreaterThan(0);
  });

  it('text beyond ASCII arrives whole', async () => {
    const odd = { ...outcomes.on, id: 0, flag: { ...outcomes.on.flag, key: 'ünï-🚩' } };
    const service = await serve(projectsWith(new StubProject(() => ({ results: [odd], errors: false }))));
    expect(await (await flags(service, USER)).json()).toHaveProperty(['flags', 'ünï-🚩', 'key'], 'ünï-🚩');
  });

  it('H32: a gzip body of many chunks', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const noise = Array.from({ length: 60_000 }, (_, i) => Math.imul(i, 2654435761) >>> 0).join();
    const body = gzipSync(JSON.stringify({ token: TOKEN, distinct_id: 'x', person_properties: { noise } }));
    expect(body.length).toBeGreaterThan(100_000);
    expect((await flags(service, body)).status).toBe(200);
  });

  it('H13: HEAD has no body', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const response = await fetch(`${service.listening.url}/flags`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect((await fetch(`${service.listening.url}/_liveness`, { method: 'HEAD' })).status).toBe(200);
  });

  it('one connection carries many requests, also sent ahead of their answers', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const request = `POST /flags?v=2 HTTP/1.1\r\nhost: a\r\ncontent-length: ${USER.length}\r\n\r\n${USER}`;
    const last = request.replace('host: a', 'host: a\r\nconnection: close');
    const answer = await raw(service, request + request + last);
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });
});

describe('limits', () => {
  it('H30: 413 for more than 2 MiB, and the connection goes on', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const response = await flags(service, 'x'.repeat(3 * 1024 * 1024));
    expect([response.status, await response.text()]).toEqual([413, 'The body is larger than 2 MiB.']);
    expect((await flags(service, USER)).status).toBe(200);
  });

  it('headers of more than 16 KiB are refused, and nothing of them is kept', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const head = `POST /flags?v=2 HTTP/1.1\r\nhost: a\r\ncontent-length: ${USER.length}\r\n`;
    expect(await raw(service, `${head}authorization: Bearer ${'x'.repeat(17_000)}\r\n\r\n${USER}`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(service.answers).toEqual([]);
    expect((await flags(service, USER)).status).toBe(200);
  });

  it('H243 (R): events of more than 2 MiB are accepted and dropped, also packed or in chunks', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const recording = new Uint8Array(25_000_000);
    for (const path of ['/s/?compression=gzip-js', '/batch', '/e/?ip=1', '/i/v0/e/', '/capture/']) {
      const response = await fetch(`${service.listening.url}${path}`, { method: 'POST', body: recording });
      expect([response.status, await response.json()]).toEqual([200, { status: 1 }]);
    }
    const chunks = new Blob([recording]).stream();
    const init = { method: 'POST', body: chunks, duplex: 'half' } as RequestInit;
    expect((await fetch(`${service.listening.url}/s/`, init)).status).toBe(200);
  });

  it('H243 (R): events of more than 64 MiB are refused', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const body = new Uint8Array(64 * 1024 * 1024 + 1);
    const response = await fetch(`${service.listening.url}/s/`, { method: 'POST', body });
    expect([response.status, await response.text()]).toEqual([413, 'The events are larger than 64 MiB.']);
    expect((await flags(service, USER)).status).toBe(200);
  });

  it('H243 (R): events may take longer than an evaluation to arrive', async () => {
    const { project } = slowProject();
    const service = await serve(projectsWith(project), { timeoutMs: 30 });
    const socket = connect(service.listening.port, '127.0.0.1');
    sockets.push(socket);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.write('POST /s/ HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n{"');
    // What began later is over first.
    for (let later = 0; later < 2; later += 1) expect((await flags(service, USER)).status).toBe(503);
    socket.write('":');
    await until(() => answer !== '');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('H218: 503 when the evaluation takes too long; the late result is not heard', async () => {
    const { project, finish } = slowProject();
    const service = await serve(projectsWith(project), { timeoutMs: 30 });
    const response = await flags(service, USER);
    expect([response.status, await response.text()]).toEqual([503, 'The request took too long.']);
    finish();
    await sleep(5);
    expect(service.answers).toMatchObject([{ status: 503, record: { errorCode: 'request_timeout' } }]);
  });

  it('H218: the time counts while the body arrives, too', async () => {
    const service = await serve(projectsWith(new StubProject()), { timeoutMs: 30 });
    const answer = await raw(service, 'POST /flags HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"tok');
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/connection: close/i);
  });

  it('H219: what exceeds the concurrency waits, what exceeds the queue gets 504', async () => {
    const { project, finish } = slowProject();
    const service = await serve(projectsWith(project), { concurrency: 1, queue: 1 });
    const first = flags(service, USER);
    await until(() => project.requests.length === 1);
    const others = [flags(service, USER), flags(service, USER)];
    const refused = await Promise.race(others);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([504, 'text/plain; charset=utf-8']);
    expect(project.requests).toHaveLength(1);
    finish();
    expect((await first).status).toBe(200);
    await until(() => project.requests.length === 2);
    finish();
    expect((await Promise.all(others)).map((response) => response.status)).toEqual(expect.arrayContaining([200, 504]));
    expect(service.answers.at(-1)?.concurrencyWaitMs).toBeGreaterThan(0);
  });

  it('H219 (R): who comes back before it was told to waits for the next refusal; others hear at once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const { project } = slowProject();
      const service = await serve(projectsWith(project), { concurrency: 1, queue: 0 });
      const [busy, eager, other] = [talk(service), talk(service), talk(service)];
      busy.say(WHOLE);
      await until(() => project.requests.length === 1);
      eager.say(WHOLE);
      await until(() => eager.statuses().length === 1);
      eager.say(WHOLE);
      other.say(WHOLE);
      await until(() => other.statuses().length === 1);
      other.say('GET /_liveness HTTP/1.1\r\nhost: a\r\n\r\n');
      await until(() => other.statuses().length === 2);
      expect([eager.statuses(), other.statuses()]).toEqual([['504'], ['504', '200']]);
      vi.advanceTimersByTime(400);
      await until(() => eager.statuses().length === 2);
      vi.advanceTimersByTime(1_000);
      eager.say(WHOLE);
      await until(() => eager.statuses().length === 3);
      expect(eager.statuses()).toEqual(['504', '504', '504']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('a place is free again after a time-out', async () => {
    const { project } = slowProject();
    const service = await serve(projectsWith(project), { concurrency: 1, timeoutMs: 30 });
    expect((await flags(service, USER)).status).toBe(503);
    expect((await fetch(`${service.listening.url}/_liveness`)).status).toBe(200);
  });

  it('a client that goes away in the middle of its body does no harm', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const socket = connect(service.listening.port, '127.0.0.1');
    sockets.push(socket);
    socket.write('POST /flags HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"tok', () => socket.destroy());
    await until(() => service.answers.length === 1);
    expect(service.answers[0]?.record.errorCode).toBe('body_unreadable');
    expect((await flags(service, USER)).status).toBe(200);
  });
});

describe('a client that sends ahead of its answers', () => {
  const request = `POST /flags?v=2 HTTP/1.1\r\nhost: a\r\ncontent-length: ${USER.length}\r\n\r\n${USER}`;

  /** Connects and sends that many requests, but reads nothing before it is told to. */
  function ahead({ listening }: Service, requests: number): { socket: Socket; answers: () => number } {
    const socket = connect(listening.port, '127.0.0.1');
    sockets.push(socket);
    socket.pause();
    socket.write(request.repeat(requests));
    let text = '';
    let answers = 0;
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      answers += text.split('HTTP/1.1 200 OK').length - 1;
      text = text.slice(-'HTTP/1.1 200 O'.length);
    });
    socket.pause(); // a listener for data had it flow
    return { socket, answers: () => answers };
  }

  /** Until the number stays what it is while others are served. */
  async function settled(service: Service, number: () => number): Promise<number> {
    for (;;) {
      const before = number();
      for (let i = 0; i < 20; i++) await fetch(`${service.listening.url}/_liveness`);
      if (number() === before && before > 0) return before;
    }
  }

  it('has one request under way, and gets every answer', async () => {
    const { project, finish } = slowProject();
    const service = await serve(projectsWith(project), { concurrency: 5_000 });
    const { socket, answers } = ahead(service, 1_000);
    expect(await settled(service, () => project.requests.length)).toBe(1);
    socket.resume();
    await until(() => {
      finish();
      return answers() === 1_000;
    });
    expect(project.requests).toHaveLength(1_000);
  });

  it('has one answer waiting for it when it does not read, and gets every answer when it does', async () => {
    const bytes = 100_000;
    const large = { ...outcomes.on, payload: 'x'.repeat(bytes) };
    const project = new StubProject(() => ({ results: [large], errors: false }));
    const service = await serve(projectsWith(project));
    const { socket, answers } = ahead(service, 1_000);
    // What the buffers of the system take counts as read.
    expect((await settled(service, () => project.requests.length)) * bytes).toBeLessThan(50_000_000);
    socket.resume();
    await until(() => answers() === 1_000);
  });

  it('may be many, and others are served all the same', async () => {
    const project = new StubProject();
    const service = await serve(projectsWith(project));
    for (let i = 0; i < 50; i++) ahead(service, 500);
    expect((await flags(service, USER)).status).toBe(200);
    // They have had a turn or two each for every one of them that had to be let in first.
    expect(service.answers.length).toBeLessThan(5_000);
  });

  it('gets its answer when it has closed its half of the connection', async () => {
    const { project, finish } = slowProject();
    const service = await serve(projectsWith(project));
    const socket = connect({ port: service.listening.port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.end(request);
    await until(() => project.requests.length === 1);
    await fetch(`${service.listening.url}/_liveness`); // its end has arrived, too
    finish();
    await until(() => answer !== '');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('odd requests', () => {
  const sent = (line: string) =>
    `${line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${USER.length}\r\n\r\n${USER}`;

  it.each([
    'POST http://x/flags?v=2',
    'POST HTTPS://flags.example:8443/flags/?v=2',
    'OPTIONS *',
    'OPTIONS http://x',
    'GET http://x',
    'GET http://x/_liveness',
  ])('H1: the target may be a whole URL, as proxies send it: %s', async (line) => {
    const service = await serve(projectsWith(new StubProject()));
    expect(await raw(service, sent(line))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each(['POST http://ann:secret@x/flags?v=2', 'POST ftp://x/flags?v=2', 'POST *'])(
    'H1: what is no target is refused: %s',
    async (line) => {
      const service = await serve(projectsWith(new StubProject()));
      const answer = await raw(service, sent(line));
      expect(answer).toMatch(/^HTTP\/1\.1 400 .*\r\n\r\nThe target of the request is neither a path nor an HTTP URL/s);
      expect(answer).not.toContain('secret');
    },
  );

  it('H1: a tunnel is refused in words', async () => {
    const service = await serve(projectsWith(new StubProject()));
    expect(await raw(service, 'CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 405 .*allow: GET/s,
    );
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['two lengths', 'POST /flags HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}'],
    [
      'a length and chunks',
      'POST /flags HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}',
    ],
    ['two hosts', 'POST /flags HTTP/1.1\r\nhost: a\r\nHost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}'],
    ['no host', 'POST /flags HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}'],
  ])('%s is refused and the connection ends', async (_, text) => {
    const service = await serve(projectsWith(new StubProject()));
    expect(await raw(service, text)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await flags(service, USER)).status).toBe(200);
  });

  it('H10: an origin that could not be written back is refused', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const answer = await raw(service, 'GET /flags HTTP/1.1\r\nhost: a\r\norigin: \u007f\r\nconnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect((await flags(service, USER)).status).toBe(200);
  });
});

describe('closing', () => {
  it('H220: running requests finish, then the connections end', async () => {
    const { project, finish } = slowProject();
    const service = await serve(projectsWith(project));
    const pending = flags(service, USER);
    await until(() => project.requests.length === 1);
    const closed = service.listening.close(60_000);
    const probe = () => fetch(`${service.listening.url}/_liveness`).then(String, String);
    await expect.poll(probe, { timeout: 10_000 }).toContain('fetch failed');
    finish();
    const response = await pending;
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    await closed;
  });

  it('H220: what does not finish in time is refused, also what has only begun to arrive', async () => {
    const { project } = slowProject();
    const service = await serve(projectsWith(project));
    const pending = flags(service, USER);
    const body = raw(service, 'POST /flags HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{"');
    const headers = raw(service, 'POST /flags HTTP/1.1\r\nho');
    await until(() => project.requests.length === 1);
    await service.listening.close(20);
    const response = await pending;
    expect([response.status, response.headers.get('connection')]).toEqual([503, 'close']);
    expect(await body).toMatch(/^HTTP\/1\.1 503 /);
    expect(await headers).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('H220: connections that nobody uses end soon', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const unused = raw(service, '');
    expect((await flags(service, USER)).status).toBe(200); // over a connection that stays open
    await service.listening.close(60_000);
    expect(await unused).toBe('');
  });

  /** Connects, and has a request answered, so that the service knows the connection as one that is kept. */
  async function kept(service: Service): Promise<{ socket: Socket; heard: () => string; broken: () => Error | null }> {
    const socket = connect({ port: service.listening.port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.write(WHOLE);
    await until(() => text.endsWith('}'));
    text = '';
    return { socket, heard: () => text, broken: () => socket.errored };
  }

  it('H220: who was silent because the whole machine stood still is not cut off', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const { socket, heard } = await kept(service);
    const closed = service.listening.close(60_000);
    for (let standstill = 0; standstill < 4; standstill++) {
      await sleep(1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    }
    socket.end(WHOLE);
    await Promise.all([closed, once(socket, 'close')]);
    expect(heard()).toMatch(/^HTTP\/1\.1 200 .*connection: close/is);
  });

  it('H220: a request that crosses the end of an idle connection is not answered with a reset', async () => {
    const service = await serve(projectsWith(new StubProject()));
    const { socket, heard, broken } = await kept(service);
    const closed = service.listening.close(60_000);
    await once(socket, 'end');
    for (let i = 0; i < 3; i++) {
      socket.write(WHOLE);
      await sleep(20);
    }
    socket.end();
    await closed;
    expect([heard(), broken()]).toEqual(['', null]);
  });

  it('an address in use rejects', async () => {
    const service = await serve(projectsWith(new StubProject()));
    await expect(serve(projectsWith(new StubProject()), { port: service.listening.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
