import { serverError } from '../frame/api-error.ts';

/** Work that takes its time is done one after the other, so that `/flags` has the rest. */
export class OneAtATime {
  readonly #most: number;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @param most that may wait, the one that runs included */
  constructor(most: number) {
    this.#most = most;
  }

  /** @throws {ApiError} 503 when too many wait */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= this.#most) throw serverError(503, 'Too many such questions are waiting. Ask again later.');
    this.#waiting += 1;
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#waiting -= 1;
    }
  }
}
