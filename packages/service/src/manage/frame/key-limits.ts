import { countWithin, type RateLimit, type Transactions } from '@halyard/manage';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** So many requests in so many seconds. */
export type KeyRate = Pick<RateLimit, 'most' | 'seconds'>;

/**
 * How many requests with personal keys a project may have, such as 480 a minute and 4 800 an hour (M17). A stretch begins with its first
 * request; what one limit refuses takes nothing from those after it.
 */
export class KeyLimits {
  readonly #rates: readonly KeyRate[];
  readonly #database: Transactions;
  /** Only projects that there are get here, so that memory is bounded. */
  readonly #own: readonly RateLimiterMemory[];

  /** @param rates the shortest first */
  constructor(rates: readonly KeyRate[], database: Transactions) {
    this.#rates = rates;
    this.#database = database;
    this.#own = rates.map(({ most, seconds }) => new RateLimiterMemory({ points: most, duration: seconds }));
  }

  /**
   * Counts a request.
   *
   * @param isShared count it in the database, for all processes; else for this one
   * @returns seconds to wait; 0: it may be answered
   * @throws {StoreError}
   */
  async count(teamId: number, isShared: boolean): Promise<number> {
    if (this.#rates.length === 0) return 0;
    if (!isShared) return this.#countHere(teamId);
    const limits = this.#rates.map((rate) => ({ name: `keys of ${teamId} in ${rate.seconds} s`, ...rate }));
    return this.#database.write(() => countWithin(limits));
  }

  async #countHere(teamId: number): Promise<number> {
    for (const limiter of this.#own) {
      try {
        await limiter.consume(teamId);
      } catch (error) {
        if (error instanceof RateLimiterRes) return error.msBeforeNext / 1000;
        throw error;
      }
    }
    return 0;
  }
}
