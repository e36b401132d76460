import { countWithin, forgetCount, type RateLimit, type Transactions } from '@halyard/manage';
import { throttled } from './api-error.ts';

const SECONDS = 900;

/**
 * How often somebody may try to sign in: ten times in a quarter of an hour for one address of mail from one client, and a hundred for a client
 * (M185). Counted in the database, so that all processes count together; a row lives as long as it counts, and each costs a look at a password.
 */
export class SignInLimits {
  readonly #database: Transactions;

  constructor(database: Transactions) {
    this.#database = database;
  }

  /**
   * Counts a try, before anything is looked up.
   *
   * @throws {ApiError} 429 with the seconds to wait
   * @throws {StoreError}
   */
  async count(email: string, client: string): Promise<void> {
    const ofClient: RateLimit = { name: `sign in ${client}`, most: 100, seconds: SECONDS };
    const seconds = await this.#database.write(() => countWithin([ofClient, ofPair(email, client)]));
    if (seconds > 0) throw throttled(seconds);
  }

  /** It was the right one. */
  async forget(email: string, client: string): Promise<void> {
    await this.#database.write(() => forgetCount(ofPair(email, client)));
  }
}

function ofPair(email: string, client: string): RateLimit {
  return { name: JSON.stringify(['sign in', email.toLowerCase(), client]), most: 10, seconds: SECONDS };
}
