import { RedisConnection } from './redis-connection.ts';
import { RedisError } from './redis-error.ts';

/** What is counted: answers to `/flags`, and documents for local evaluation (D97). */
export type UsageKind = 'flags' | 'definitions';

/** What befell the counts; a text of the reference's own labels. */
export type UnflushedCause = 'cap_drop' | 'redis_error' | 'shutdown_drop';

export interface UsageCountersOptions {
  readonly url: string;
  /** Milliseconds since the epoch; default the system's clock. */
  readonly now?: () => number;
  /** How often counts are written. Default 10 s (H111), and up to a tenth more, so that processes do not write all at once. */
  readonly everyMs?: number;
  /** Keys that wait at most. Default 500 000 (D99); what further ones would count is lost. */
  readonly mostKeys?: number;
  /** Redis can be used, or not any more; once per change. */
  readonly onState?: (up: boolean, error: RedisError | null) => void;
  /** Told of what was not written: lost, or, for `redis_error`, kept for the next time. */
  readonly onUnflushed?: (cause: UnflushedCause, requests: number) => void;
  /** Told of every attempt to write. */
  readonly onFlush?: (flush: { readonly ms: number; readonly requests: number; readonly error: string | null }) => void;
}

/** Seconds of a bucket, whose number is a hash's field (D96). */
const BUCKET_SECONDS = 120;

/** Increments that are sent at once (D99). */
const PART = 200;

const PREFIXES = { flags: 'posthog:decide_requests', definitions: 'posthog:local_evaluation_requests' } as const;

const BY_LIBRARY = ':sdk:';

/** One addition to a field of a hash. */
interface Increment {
  readonly hash: string;
  readonly bucket: number;
  readonly count: number;
}

/**
 * How many billable requests projects make, by the keys under which PostHog's own reports read them in Redis (D96 to D99). Counting is an
 * addition in memory; Redis is written to in the background, and while it is away counts wait, for the bucket of the time at which they can be
 * written: else an outage would make keys for every two minutes. A process that is killed loses what it has counted since the last time; what
 * Redis was too slow to confirm may count twice.
 */
export class UsageCounters {
  readonly #options: UsageCountersOptions;
  readonly #redis: RedisConnection;
  readonly #now: () => number;
  /** Requests by bucket, kind, project and library. */
  #pending = new Map<string, number>();
  /** By hash: what could not be written. */
  #kept = new Map<string, number>();
  #requests = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #lastFlush: number | undefined;
  #closed = false;

  /** @throws {Error} for a URL that cannot be used; Redis itself may be missing */
  constructor(options: UsageCountersOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { url, onState } = options;
    this.#redis = new RedisConnection({ url, commandTimeoutMs: 2_000, ...(onState === undefined ? {} : { onState }) });
    this.#arm();
  }

  /** Keys that wait to be written. */
  get pendingEntries(): number {
    return this.#pending.size + this.#kept.size;
  }

  /** Requests that they count. */
  get pendingRequests(): number {
    return this.#requests;
  }

  /** Since the last time that everything was written; 0 before the first. */
  get secondsSinceFlush(): number {
    return this.#lastFlush === undefined ? 0 : (this.#now() - this.#lastFlush) / 1000;
  }

  /**
   * Counts one request.
   *
   * @param library the SDK's name, such as `posthog-node`, or `other`: one of few
   */
  record(kind: UsageKind, teamId: number, library: string): void {
    const key = `${this.#bucket()} ${kind} ${teamId} ${library}`;
    const counted = this.#pending.get(key);
    if (counted === undefined && this.pendingEntries >= (this.#options.mostKeys ?? 500_000)) {
      this.#options.onUnflushed?.('cap_drop', 1);
      return;
    }
    this.#pending.set(key, (counted ?? 0) + 1);
    this.#requests += 1;
  }

  /** Writes what has been counted; never rejects. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  /** Writes once more, and ends. Tells of what is left then. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#flushing;
    await this.flush();
    if (this.#requests > 0) this.#options.onUnflushed?.('shutdown_drop', this.#requests);
    this.#redis.close();
  }

  #bucket(): number {
    return Math.floor(this.#now() / 1000 / BUCKET_SECONDS);
  }

  #arm(): void {
    const { everyMs = 10_000 } = this.#options;
    const again = (): void => {
      if (!this.#closed) this.#arm();
    };
    this.#timer = setTimeout(() => void this.flush().finally(again), everyMs * (1 + Math.random() / 10)).unref();
  }

  async #flush(): Promise<void> {
    const increments = [...this.#takeKept(), ...this.#takePending()];
    this.#requests = 0;
    const begun = performance.now();
    const failed: Increment[] = [];
    let failure: string | null = null;
    for (let at = 0; at < increments.length; at += PART) {
      const part = increments.slice(at, at + PART);
      // Once it fails, whoever comes next would wait for the same.
      const outcome: Outcome = failure === null ? await this.#write(part) : { failed: part, error: failure };
      failure ??= outcome.error;
      failed.push(...outcome.failed);
    }
    for (const { hash, count } of failed) this.#kept.set(hash, (this.#kept.get(hash) ?? 0) + count);
    const left = requestsIn(failed);
    this.#requests += left;
    if (left > 0) this.#options.onUnflushed?.('redis_error', left);
    if (failure === null) this.#lastFlush = this.#now();
    if (increments.length > 0) {
      const requests = requestsIn(increments) - left;
      this.#options.onFlush?.({ ms: performance.now() - begun, requests, error: failure });
    }
  }

  #takeKept(): readonly Increment[] {
    const kept = [...this.#kept];
    const bucket = this.#bucket();
    this.#kept = new Map();
    return kept.map(([hash, count]) => ({ hash, bucket, count }));
  }

  #takePending(): readonly Increment[] {
    const pending = [...this.#pending];
    this.#pending = new Map();
    return pending.flatMap(([key, count]) => {
      const [bucket, kind = '', teamId, library] = key.split(' ');
      const prefix = PREFIXES[kind as UsageKind];
      const hashes = [`${prefix}:${teamId}`, `${prefix}${BY_LIBRARY}${teamId}:${library}`];
      return hashes.map((hash) => ({ hash, bucket: Number(bucket), count }));
    });
  }

  /** Sends all of them at once. */
  async #write(part: readonly Increment[]): Promise<Outcome> {
    try {
      const settled = await this.#redis.run((client) =>
        Promise.allSettled(part.map(({ hash, bucket, count }) => client.hIncrBy(hash, String(bucket), count))),
      );
      const failed = part.filter((_, index) => settled[index]?.status === 'rejected');
      return { failed, error: failed.length > 0 ? 'command' : null };
    } catch (error) {
      return { failed: part, error: error instanceof RedisError ? error.kind : 'command' };
    }
  }
}

interface Outcome {
  readonly failed: readonly Increment[];
  readonly error: string | null;
}

/** Each request is in two hashes. */
function requestsIn(increments: readonly Increment[]): number {
  return increments.reduce((sum, { hash, count }) => (hash.includes(BY_LIBRARY) ? sum : sum + count), 0);
}
