import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../app.ts';
import { outcomes, StubProject, projectsWith, TOKEN } from '../posthog/stub-projects.cases.ts';
import { type Listening, listen } from './listen.ts';

/** What the service can do: this many at once, each for that long. */
const AT_ONCE = 2;
const WORK_MS = 50;
const SUSTAINABLE_PER_SECOND = (AT_ONCE * 1000) / WORK_MS;
const QUEUE_MS = 200;

/** The clock goes on in steps of this length, each when everything that was sent before has reached the service. */
const STEP_MS = 5;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Real sockets and a clock of the test's own, so that a busy machine changes nothing. */
describe('at five times the load that can be sustained', () => {
  let listening: Listening | undefined;
  let agent: Agent;
  /** How long each request waited for its turn. */
  const waits: number[] = [];
  /** What the probes said meanwhile. */
  const probes: number[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    agent = new Agent({ keepAlive: true });
    waits.length = 0;
    probes.length = 0;
  });

  afterEach(async () => {
    vi.useRealTimers();
    agent.destroy();
    await listening?.close(0);
  });

  async function serve(queueMs: number): Promise<string> {
    const project = new StubProject(
      () =>
        new Promise((resolve) => {
          setTimeout(() => resolve({ results: [outcomes.on], errors: false }), WORK_MS);
        }),
    );
    const app = createApp({
      projects: projectsWith(project),
      health: { draining: false, waiting: false, warmUp: () => Promise.resolve() },
      clock: () => 5,
      trustProxy: false,
      decideByPath: true,
      neighbours: true,
      onError: () => undefined,
    });
    listening = await listen({
      app,
      accessLog: (_response, { routine }, { concurrencyWaitMs = 0 }) => void (routine || waits.push(concurrencyWaitMs)),
      host: '127.0.0.1',
      port: 0,
      timeoutMs: 60_000,
      concurrency: AT_ONCE,
      queue: 100_000,
      queueMs,
    });
    return listening.url;
  }

  /** Sends a request; the promise is its answer. */
  function ask(url: string, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { method: body === undefined ? 'GET' : 'POST', agent }, (response) => {
        response.resume();
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** What was sent earlier is there when these have been answered: they take as many turns of the event loop, and one more. */
  async function reached(url: string): Promise<void> {
    for (const probe of ['_liveness', '_readiness', '_startup']) probes.push((await ask(`${url}/${probe}`)).status);
  }

  /** Sends requests at that rate for a second, whether the earlier ones are answered or not. */
  async function send(url: string, perSecond: number): Promise<Answer[]> {
    const body = JSON.stringify({ token: TOKEN, distinct_id: 'x' });
    const sent: Promise<Answer>[] = [];
    for (let now = 0; now < 1_000 || waits.length < sent.length; now += STEP_MS) {
      const due = (Math.min(now, 1_000) / 1_000) * perSecond;
      while (sent.length < due) sent.push(ask(`${url}/flags/?v=2`, body));
      await reached(url);
      await vi.advanceTimersByTimeAsync(STEP_MS);
    }
    return Promise.all(sent);
  }

  it('H219 (R): who is let in is served soon, and the others hear at once when to come back', async () => {
    const answers = await send(await serve(QUEUE_MS), SUSTAINABLE_PER_SECOND * 5);
    const served = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 504);
    expect(served.length + refused.length).toBe(answers.length);
    // It works without a pause as long as they come, and for a moment longer.
    expect(served.length).toBeGreaterThanOrEqual(SUSTAINABLE_PER_SECOND);
    expect(served.length).toBeLessThan(SUSTAINABLE_PER_SECOND * 1.5);
    expect(new Set(refused.map(({ retryAfter }) => retryAfter))).toEqual(new Set(['1']));
    expect(waits).toHaveLength(answers.length);
    expect(Math.max(...waits)).toBeGreaterThan(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(QUEUE_MS + STEP_MS);
  });

  it('without that bound the last one waits as long as all before it take', async () => {
    const answers = await send(await serve(60_000), SUSTAINABLE_PER_SECOND * 5);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(Math.max(...waits)).toBeGreaterThan(3_500);
  });

  it('H216: the probes answer all the same', async () => {
    const answers = await send(await serve(QUEUE_MS), SUSTAINABLE_PER_SECOND * 5);
    expect(answers.some(({ status }) => status === 504)).toBe(true);
    expect(probes.length).toBeGreaterThan(answers.length);
    expect(new Set(probes)).toEqual(new Set([200]));
  });
});
