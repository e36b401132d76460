import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { addressOf } from '../http/bind.ts';
import { type Health, readinesses, readinessOf } from './probes.ts';

/** What the thread is started with. */
export interface ProbeThreadOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What `/_readiness` may say. */
  readonly readinesses: readonly (readonly [status: number, text: string])[];
  /** Two numbers: which of those it says, and how often the event loop has come round. */
  readonly board: SharedArrayBuffer;
  /** After so many milliseconds in which it did not come round, the service counts as dead. */
  readonly hangMs: number;
}

/** What the thread says. */
export type FromProbeThread =
  | { readonly kind: 'listening'; readonly at: AddressInfo }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'warm-up' };

/** How often the state is written down, which is also how often the loop shows that it comes round. */
const WRITE_MS = 50;

/** Longer than any turn that is not the last one: the first reading of a large project, a pause of the whole machine. */
const HANG_MS = 30_000;

/** The probes' port cannot be had; the message says what to do. */
export class ProbePortError extends Error {
  override readonly name = 'ProbePortError';

  constructor(where: string, code: string) {
    super(
      `The probes cannot be answered at ${where} (${code}). Choose another port with --probe-port or HALYARD_PROBE_PORT.`,
    );
  }
}

/**
 * Probes on a port of their own, answered by a thread of its own (H215 to H217): at once, on new connections too, however many requests and
 * connections wait for the service. A service whose event loop does not come round any more is not called alive.
 */
export class ProbePort {
  /** Such as `http://127.0.0.1:8001`. */
  readonly url: string;
  readonly #thread: Worker;
  readonly #timer: NodeJS.Timeout;

  private constructor(url: string, thread: Worker, timer: NodeJS.Timeout) {
    this.url = url;
    this.#thread = thread;
    this.#timer = timer;
  }

  /** Rejects with a `ProbePortError` when the address cannot be had. */
  static async open(host: string, port: number, health: Health, hangMs = HANG_MS): Promise<ProbePort> {
    const board = new SharedArrayBuffer(8);
    const shared = new Int32Array(board);
    const write = (): void => {
      Atomics.store(shared, 0, readinessOf(health));
      Atomics.add(shared, 1, 1);
    };
    write();
    const workerData: ProbeThreadOptions = { host, port, readinesses, board, hangMs };
    const thread = new Worker(new URL('../../threads/probe-thread.js', import.meta.url), { workerData });
    const [first] = (await once(thread, 'message')) as [FromProbeThread];
    if (first.kind !== 'listening') {
      await thread.terminate();
      throw new ProbePortError(`${host}:${port}`, first.kind === 'failed' ? first.code : first.kind);
    }
    thread.once('message', () => void health.warmUp());
    const timer = setInterval(write, WRITE_MS);
    // Neither keeps the process.
    timer.unref();
    thread.unref();
    return new ProbePort(addressOf(first.at).url, thread, timer);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#thread.terminate();
  }
}
