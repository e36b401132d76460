import { type FreshnessLimits, unknownUntil } from '@halyard/data/conversation';
import { LRUCache } from 'lru-cache';

/** No token of a project is longer; longer text is not worth remembering. */
const LONGEST_TOKEN = 200;

/** Tokens that certainly belonged to no project when they were last looked up (H43). Separate, so that a flood of them displaces only itself. */
export class UnknownTokens {
  readonly #limits: FreshnessLimits;
  readonly #seen: LRUCache<string, number>;
  #doubtedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param most how many are remembered
   * @param limits how long an answer is believed
   */
  constructor(most: number, limits: FreshnessLimits) {
    this.#limits = limits;
    this.#seen = new LRUCache({ max: most });
  }

  /** Notes that the token is unknown. */
  add(token: string, now: number): void {
    if (token.length <= LONGEST_TOKEN) this.#seen.set(token, now);
  }

  /** @param mostMs how long that is believed at most */
  has(token: string, now: number, mostMs = Number.POSITIVE_INFINITY): boolean {
    const since = this.#seen.get(token);
    if (since === undefined) return false;
    // A clock that was set back proves nothing.
    return now >= since && now < Math.min(since + mostMs, unknownUntil(since, this.#doubtedAt, this.#limits));
  }

  /** Whether the token was found unknown before a project appeared or changed: then a reader that lags may repeat the old answer. */
  isDoubted(token: string): boolean {
    return (this.#seen.peek(token) ?? Number.POSITIVE_INFINITY) <= this.#doubtedAt;
  }

  delete(token: string): void {
    this.#seen.delete(token);
  }

  /** A project has appeared or changed its token: what was found before is believed for a second only. */
  doubt(now: number): void {
    this.#doubtedAt = now;
  }

  get size(): number {
    return this.#seen.size;
  }
}
