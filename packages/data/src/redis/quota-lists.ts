import { RedisConnection } from './redis-connection.ts';
import type { RedisError } from './redis-error.ts';

export interface QuotaListsOptions {
  readonly url: string;
  /** Milliseconds since the epoch; default the system's clock. */
  readonly now?: () => number;
  /** How often the lists are read. Default 5 s (H223). */
  readonly everyMs?: number;
  /** Redis can be used, or not any more; once per change. */
  readonly onState?: (up: boolean, error: RedisError | null) => void;
}

/** Sorted sets of tokens, scored with the second until which each is limited (D101). */
const KEYS = {
  flags: '@posthog/quota-limits/feature_flag_requests',
  recordings: '@posthog/quota-limits/recordings',
} as const;

/** Tokens that are over a quota, as the product keeps them in Redis (D101). Read in the background; while Redis is away nobody is limited. */
export class QuotaLists {
  readonly #redis: RedisConnection;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #flags: ReadonlySet<string> = new Set();
  #recordings: ReadonlySet<string> = new Set();

  /** @throws {Error} for a URL that cannot be used; Redis itself may be missing */
  constructor({ url, now = Date.now, everyMs = 5_000, onState }: QuotaListsOptions) {
    this.#now = now;
    this.#redis = new RedisConnection({
      url,
      onState: (up, error) => {
        onState?.(up, error);
        void this.refresh();
      },
    });
    this.#timer = setInterval(() => void this.refresh(), everyMs).unref();
  }

  /** Whether flags of this token are over their quota. */
  flags(token: string): boolean {
    return this.#flags.has(token);
  }

  /** The same for session recordings. */
  recordings(token: string): boolean {
    return this.#recordings.has(token);
  }

  /** Reads the lists; never rejects. */
  async refresh(): Promise<void> {
    [this.#flags, this.#recordings] = await Promise.all([this.#read(KEYS.flags), this.#read(KEYS.recordings)]);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#redis.close();
  }

  async #read(key: string): Promise<ReadonlySet<string>> {
    try {
      const since = this.#now() / 1000;
      return new Set(await this.#redis.run((client) => client.zRangeByScore(key, since, '+inf')));
    } catch {
      return new Set();
    }
  }
}
