import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Operation, Refusal } from '@halyard/people';
import { parseOperations } from './operation-text.ts';
import type { EventsRead, PlainRequest, ReadSettings } from './read-events.ts';

/** What the thread is started with: where its code is. */
export interface ReadingThreadData {
  readonly reader: string;
  readonly writer: string;
  readonly settings: ReadSettings;
}

export type ToReadingThread =
  | { readonly kind: 'read'; readonly request: PlainRequest }
  /** The next piece is welcome. */
  | { readonly kind: 'next' };

export type FromReadingThread =
  | { readonly kind: 'read'; readonly read: Omit<EventsRead, 'operations'> }
  /** Null: those were all. */
  | { readonly kind: 'operations'; readonly text: string | null }
  | { readonly kind: 'refused'; readonly status: Refusal['status']; readonly message: string };

/** A request of the largest body takes some hundreds; one that needs more is none that anybody could read. */
const MOST_HEAP_MB = 1_024;

const TOO_LARGE = new Refusal(413, 'The body holds more than can be read: send smaller batches.');

/**
 * Reads large requests in a thread of its own, one after the other, so that `/flags` does not wait for them. What comes out is taken over in
 * pieces, each when the event loop has come round. The thread begins with the first request.
 */
export class ReadingThread {
  readonly #settings: ReadSettings;
  #thread: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(settings: ReadSettings) {
    this.#settings = settings;
  }

  /** Requests that are read or wait for that. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A request for which the thread has not enough memory is too large (413), so that its SDK sends smaller ones. Rejects when it ends otherwise. */
  read(request: PlainRequest): Promise<EventsRead | Refusal> {
    this.#waiting += 1;
    const reading = this.#last.then(() => this.#read(request)).finally(() => void (this.#waiting -= 1));
    this.#last = reading.catch(() => undefined);
    return reading;
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  async #read(request: PlainRequest): Promise<EventsRead | Refusal> {
    const thread = (this.#thread ??= this.#start());
    thread.ref();
    try {
      const first = await this.#ask(thread, { kind: 'read', request });
      if (first.kind === 'refused') return new Refusal(first.status, first.message);
      if (first.kind !== 'read') throw new Error('the thread said something else');
      const operations: Operation[] = [];
      for (;;) {
        const piece = await this.#ask(thread, { kind: 'next' });
        if (piece.kind !== 'operations' || piece.text === null) return { ...first.read, operations };
        for (const operation of parseOperations(piece.text)) operations.push(operation);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') return TOO_LARGE;
      throw error;
    } finally {
      thread.unref();
    }
  }

  /** Rejects when the thread ends. */
  async #ask(thread: Worker, message: ToReadingThread): Promise<FromReadingThread> {
    const controller = new AbortController();
    const { signal } = controller;
    // What goes wrong in the thread is an error of it, which `once` rejects with; one that is terminated only ends.
    const ended = once(thread, 'exit', { signal }).then(() => Promise.reject(new Error('the thread has ended')));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread.postMessage(message);
    try {
      const [answer] = (await Promise.race([once(thread, 'message', { signal }), ended])) as [FromReadingThread];
      return answer;
    } finally {
      controller.abort();
      ended.catch(() => undefined);
    }
  }

  #start(): Worker {
    const compiled = (name: string): string => new URL(`../../dist/events/${name}.js`, import.meta.url).href;
    const workerData: ReadingThreadData = {
      reader: compiled('read-events'),
      writer: compiled('operation-text'),
      settings: this.#settings,
    };
    const thread = new Worker(new URL('../../threads/events-thread.js', import.meta.url), {
      workerData,
      // Not what this process was started with, which may name sources.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    });
    // Whoever waits for it hears of it as well.
    thread.on('error', () => undefined);
    thread.once('exit', () => {
      if (this.#thread === thread) this.#thread = undefined;
    });
    return thread;
  }
}
