import { classifyError, isAway } from 'halyard/host';
import { DatabaseUnusableError } from './database.ts';
import type { Log } from './log/logger.ts';

/** Pause before the next try. */
const RETRY_MS = 1_000;

export type Step = () => Promise<void>;

export interface OpeningOptions {
  readonly log: Log;
  /** In their order; one that is done is not repeated. */
  readonly steps: readonly Step[];
  /** Enough is done to serve. */
  readonly isReady: () => boolean;
}

/**
 * The steps of a start that need the database. While the server is away they are tried again, so that the service can start without
 * it and serve as soon as it is there. Any other failure is final until the service is ready: somebody has to mend something.
 */
export class Opening {
  readonly #options: OpeningOptions;
  #left: readonly Step[];
  #begun = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #trying: Promise<void> = Promise.resolve();
  #fail: (error: unknown) => void = () => undefined;

  /** Rejects when a later try has failed for good; never resolves. */
  readonly failed = new Promise<never>((_resolve, reject) => {
    this.#fail = reject;
  });

  constructor(options: OpeningOptions) {
    this.#options = options;
    this.#left = options.steps;
    // Without anybody who waits for it, a rejection would end the process.
    this.failed.catch(() => undefined);
  }

  /** The first try. Rejects when it has failed for good; otherwise what is left goes on by itself. */
  async begin(): Promise<void> {
    await this.#try();
    this.#begun = true;
    if (this.#left.length > 0) this.#plan();
  }

  /** Nothing is left to do. */
  get done(): boolean {
    return this.#left.length === 0;
  }

  /** Stops trying; a step under way is waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#trying;
  }

  #plan(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#trying = this.#tryAgain();
    }, RETRY_MS);
  }

  async #tryAgain(): Promise<void> {
    try {
      await this.#try();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#left.length > 0) this.#plan();
    else this.#options.log.logger.info('the database is ready');
  }

  /** Every step gets its chance: what one server cannot do may not be needed of another. */
  async #try(): Promise<void> {
    const left: Step[] = [];
    for (const step of this.#left) {
      if (this.#closed) return;
      try {
        await step();
      } catch (error) {
        // What fails behind a missing step, such as migrations, may fail for want of it.
        if (left.length === 0) this.#judge(error);
        left.push(step);
      }
    }
    this.#left = left;
  }

  /** Throws what is final. A service that others depend on already does not end for it. */
  #judge(error: unknown): void {
    const { log, isReady } = this.#options;
    const failure =
      error instanceof DatabaseUnusableError ? classifyError(error.cause, 'non-persons writer', true) : error;
    const serves = this.#begun && isReady();
    if (!serves && !isAway(failure)) throw error;
    log.outages.warn('the database is not ready; trying again', failure);
  }
}
