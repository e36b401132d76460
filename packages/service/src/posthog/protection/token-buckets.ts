import { LRUCache } from 'lru-cache';

/** How much may come at once, and how much comes back per second. */
export interface Limit {
  readonly burst: number;
  readonly perSecond: number;
}

/** What became of one taken from a bucket: the share of it that is used, from 0 to 1; or there was none, and how long until there is one again. */
export type Taken = number | Exceeded;

export interface Exceeded {
  /** Milliseconds. */
  readonly waitMs: number;
}

/** Keys whose buckets are held; who has not asked for long has a full one anyway. */
const MOST_KEYS = 100_000;

interface Bucket {
  left: number;
  /** When `left` was right, in milliseconds. */
  at: number;
}

/**
 * Token buckets of this process, one per key (H95). Memory is bounded: a flood of keys pushes out those that have been quiet for longest, whose
 * buckets are full or nearly so.
 */
export class TokenBuckets<Key extends string | number = string> {
  readonly #buckets: LRUCache<Key, Bucket>;

  /** @param most keys that are held */
  constructor(most = MOST_KEYS) {
    this.#buckets = new LRUCache({ max: most });
  }

  /** How many keys are held. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Takes one from the bucket of a key.
   *
   * @param now in milliseconds
   */
  take(key: Key, { burst, perSecond }: Limit, now: number): Taken {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#buckets.set(key, { left: burst - 1, at: now });
      return 1 / burst;
    }
    // A clock that was set back gives nothing.
    const back = Math.max(((now - bucket.at) / 1000) * perSecond, 0);
    bucket.left = Math.min(bucket.left + back, burst);
    bucket.at = now;
    if (bucket.left < 1) return { waitMs: ((1 - bucket.left) / perSecond) * 1000 };
    bucket.left -= 1;
    return 1 - bucket.left / burst;
  }
}
