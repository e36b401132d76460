import { errorClass, StoreError } from 'halyard/host';
import type { Logger } from 'pino';

/** What follows a told failure of its kind is counted for this long. */
const COUNT_MS = 10_000;

interface Counting {
  readonly message: string;
  readonly timer: NodeJS.Timeout;
  error: unknown;
  suppressed: number;
}

/**
 * Warnings of failures that every request of an outage meets. The first is told at once; further ones of the same pool and
 * class are counted and told together every ten seconds, so that the log shows when the outage began, how far it went and when it ended.
 */
export class OutageLines {
  readonly #logger: Logger;
  readonly #counting = new Map<string, Counting>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param fields told with the first failure only */
  warn(message: string, error: unknown, fields: object = {}): void {
    const key = [message, error instanceof StoreError ? error.pool : '', errorClass(error)].join('|');
    const counting = this.#counting.get(key);
    if (counting === undefined) {
      this.#logger.warn({ ...fields, err: error }, message);
      this.#count(key, message, error);
    } else {
      counting.error = error;
      counting.suppressed++;
    }
  }

  /** Tells what is counted: the process is about to end. */
  flush(): void {
    for (const counting of this.#counting.values()) {
      clearTimeout(counting.timer);
      this.#tell(counting);
    }
    this.#counting.clear();
  }

  #count(key: string, message: string, error: unknown): void {
    const timer = setTimeout(() => {
      this.#counting.delete(key);
      if (this.#tell(counting)) this.#count(key, message, counting.error);
    }, COUNT_MS).unref();
    const counting: Counting = { message, timer, error, suppressed: 0 };
    this.#counting.set(key, counting);
  }

  /** False: there was nothing to tell. */
  #tell({ message, error, suppressed }: Counting): boolean {
    if (suppressed > 0) this.#logger.warn({ suppressed, err: error }, message);
    return suppressed > 0;
  }
}
