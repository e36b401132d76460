import { LRUCache } from 'lru-cache';

/** An answer younger than this is believed even if notices say that projects changed: a flood of either stays cheap. */
const LEAST_TRUST_MS = 1_000;

/** No token of a project is longer; longer text is not worth remembering. */
const LONGEST_TOKEN = 200;

/** Tokens that certainly belonged to no project when they were last looked up (H43). Separate, so that a flood of them displaces only itself. */
export class UnknownTokens {
  readonly #trustMs: number;
  readonly #seen: LRUCache<string, number>;
  #doubtedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param most how many are remembered
   * @param trustMs how long an answer is believed
   */
  constructor(most: number, trustMs: number) {
    this.#trustMs = trustMs;
    this.#seen = new LRUCache({ max: most });
  }

  /** Notes that the token is unknown. */
  add(token: string, now: number): void {
    if (token.length <= LONGEST_TOKEN) this.#seen.set(token, now);
  }

  has(token: string, now: number): boolean {
    const since = this.#seen.get(token);
    if (since === undefined) return false;
    const trust = since > this.#doubtedAt ? this.#trustMs : Math.min(LEAST_TRUST_MS, this.#trustMs);
    const age = now - since;
    return age >= 0 && age < trust; // a clock that was set back proves nothing
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
