import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { outcomes, StubProject, projectsWith, TOKEN } from '../posthog/stub-projects.cases.ts';
import { type Listening, listen } from './listen.ts';

/** What the service can do: this many at once, each for that long. */
const AT_ONCE = 2;
const WORK_MS = 50;
const SUSTAINABLE_PER_SECOND = (AT_ONCE * 1000) / WORK_MS;
const QUEUE_MS = 200;

describe('at five times the load that can be sustained', () => {
  let listening: Listening | undefined;

  afterEach(async () => {
    waits.length = 0;
    await listening?.close(0);
  });

  /** How long each request waited for its turn. */
  const waits: number[] = [];

  async function serve(queueMs: number): Promise<Listening> {
    const project = new StubProject(() => sleep(WORK_MS, { results: [outcomes.on], errors: false }));
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
      accessLog: (_response, _record, { concurrencyWaitMs = 0 }) => void waits.push(concurrencyWaitMs),
      host: '127.0.0.1',
      port: 0,
      timeoutMs: 4500,
      concurrency: AT_ONCE,
      queue: 100_000,
      queueMs,
    });
    return listening;
  }

  /** Sends requests at that rate, whether the earlier ones are answered or not. */
  async function send(url: string, perSecond: number, seconds: number) {
    const answers: Promise<{ status: number; retryAfter: string | null }>[] = [];
    const begun = performance.now();
    const due = () => Math.min((performance.now() - begun) / 1000, seconds) * perSecond;
    while (performance.now() - begun < seconds * 1000) {
      while (answers.length < due()) answers.push(ask(url));
      await sleep(5);
    }
    return Promise.all(answers);
  }

  async function ask(url: string) {
    const body = JSON.stringify({ token: TOKEN, distinct_id: 'x' });
    const response = await fetch(`${url}/flags/?v=2`, { method: 'POST', body });
    await response.text();
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  }

  it('H219 (R): who is let in is served soon, and the others hear at once when to come back', async () => {
    const { url } = await serve(QUEUE_MS);
    const answers = await send(url, SUSTAINABLE_PER_SECOND * 5, 1);
    const served = answers.filter(({ status }) => status === 200);
    expect(served.length).toBeGreaterThan(0);
    const refused = answers.filter(({ status }) => status === 504);
    expect(served.length + refused.length).toBe(answers.length);
    expect(refused.length).toBeGreaterThan(answers.length / 4);
    expect(new Set(refused.map(({ retryAfter }) => retryAfter))).toEqual(new Set(['1']));
    // Without the bound the last one would wait for four seconds.
    expect(Math.max(...waits)).toBeLessThan(QUEUE_MS + 200);
  });

  it('H216: the probes answer all the same', async () => {
    const { url } = await serve(QUEUE_MS);
    const load = send(url, SUSTAINABLE_PER_SECOND * 5, 1);
    await sleep(700);
    expect((await fetch(`${url}/_liveness`)).status).toBe(200);
    expect((await fetch(`${url}/_readiness`)).status).toBe(200);
    expect((await load).some(({ status }) => status === 504)).toBe(true);
  });
});
