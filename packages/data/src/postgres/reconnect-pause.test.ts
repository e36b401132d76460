import { afterEach, describe, expect, it, vi } from 'vitest';
import { Endpoint } from './endpoint.ts';
import { PipelinePool } from './pipeline-pool.ts';

/** A server that refuses every connection until it is told to be there, and the times at which somebody tried. */
class Refusing extends Endpoint {
  readonly tried: number[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    super({}, [false]);
    this.#now = now;
  }

  override connect(): Promise<never> {
    this.tried.push(this.#now());
    return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
  }
}

describe('D118: a pool whose server is away', () => {
  afterEach(() => vi.restoreAllMocks());

  function open() {
    const clock = { now: 0 };
    vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
    const endpoint = new Refusing(() => clock.now);
    const pool = new PipelinePool({
      endpoint,
      names: ['persons reader'],
      maxConnections: 1,
      minConnections: 0,
      idleTimeoutMs: 0,
      maxLifetimeMs: 0,
      acquireTimeoutMs: 2_000,
      statementTimeoutMs: 0,
      prepare: true,
    });
    const fails = () =>
      pool.query({ text: 'select', values: [] }, 'persons reader', false).catch((error: unknown) => error);
    return { clock, endpoint, fails };
  }

  it('tries again after pauses that double up to a second, and fails at once meanwhile', async () => {
    const { clock, endpoint, fails } = open();
    for (; clock.now <= 4_600; clock.now += 10) {
      expect(await fails()).toMatchObject({ kind: 'unavailable', pool: 'persons reader' });
    }
    const pauses = endpoint.tried.slice(1).map((at, n) => at - (endpoint.tried[n] ?? 0));
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });
});
