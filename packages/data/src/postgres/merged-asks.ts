import type { Ask, Merging } from '../conversation/wish.ts';
import type { Row } from '../statements/statement.ts';
import { StoreError } from '../store-error.ts';
import type { Executor } from './executor.ts';
import { defaultSettings } from './router-settings.ts';

export interface MergeLimits {
  /** Statements of one kind that are under way at once; while there are that many, further asks gather. */
  readonly underWay: number;
  /** Asks in one statement. */
  readonly largest: number;
}

/** Measured: see `docs/decisions/coalescing.md`. */
export const defaultLimits: MergeLimits = { underWay: 2, largest: 64 };

export type MergeableAsk = Ask & { readonly merging: Merging };

interface Waiting {
  readonly ask: MergeableAsk;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: number;
}

/** Asks that can share a statement. It exists only while there are any. */
interface Lane {
  readonly key: string;
  readonly waiting: Waiting[];
  underWay: number;
  scheduled: boolean;
}

/**
 * Answers asks that come at the same time with one statement. Nothing waits for company: an idle lane sends at once, a busy
 * one sends what has gathered as soon as a statement comes back. An ask that alone makes the server fail fails alone.
 */
export class MergedAsks {
  readonly #pool: Executor;
  readonly #limits: MergeLimits;
  readonly #patienceMs: number;
  readonly #lanes = new Map<string, Lane>();
  #expiry: NodeJS.Timeout | undefined;

  constructor(pool: Executor, limits: MergeLimits = defaultLimits) {
    this.#pool = pool;
    this.#limits = limits;
    this.#patienceMs = pool.acquireTimeoutMs ?? defaultSettings.acquireTimeoutMs;
  }

  /** @throws {StoreError} */
  async rows(ask: MergeableAsk): Promise<readonly Row[]> {
    const lane = this.#lane(ask.merging.key);
    if (lane.underWay === 0 && lane.waiting.length === 0) {
      lane.underWay += 1;
      try {
        return await this.#pool.query(ask.statement);
      } finally {
        this.#finished(lane);
      }
    }
    return new Promise((resolve, reject) => {
      lane.waiting.push({ ask, resolve, reject, deadline: performance.now() + this.#patienceMs });
      this.#armExpiry();
      this.#schedule(lane);
    });
  }

  #lane(key: string): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { key, waiting: [], underWay: 0, scheduled: false };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #finished(lane: Lane): void {
    lane.underWay -= 1;
    if (lane.waiting.length > 0) this.#schedule(lane);
    else if (lane.underWay === 0) this.#lanes.delete(lane.key);
  }

  /** Sends after this batch of the event loop: every request that it still brings travels along. */
  #schedule(lane: Lane): void {
    if (lane.scheduled || lane.underWay >= this.#limits.underWay) return;
    lane.scheduled = true;
    setImmediate(() => {
      lane.scheduled = false;
      while (lane.waiting.length > 0 && lane.underWay < this.#limits.underWay) {
        void this.#send(lane);
      }
    });
  }

  /** Never rejects: whoever waits hears its own result. */
  async #send(lane: Lane): Promise<void> {
    const batch = lane.waiting.splice(0, this.#limits.largest);
    lane.underWay += 1;
    try {
      const [first] = batch;
      if (first === undefined) return;
      if (batch.length === 1) {
        first.resolve(await this.#pool.query(first.ask.statement));
        return;
      }
      const asks = batch.map(({ ask }) => ask);
      const rows = await this.#pool.query(first.ask.merging.together(asks));
      for (const row of rows) batch[Number(row['n']) - 1]?.resolve([row]);
      if (rows.length < batch.length) throw new StoreError('query', this.#pool.pool, 'rows of a batch are missing');
    } catch (error) {
      if (batch.length > 1 && isOneRowsFault(error)) await this.#eachAlone(batch);
      else for (const { reject } of batch) reject(error);
    } finally {
      this.#finished(lane);
    }
  }

  async #eachAlone(batch: readonly Waiting[]): Promise<void> {
    await Promise.all(batch.map(({ ask, resolve, reject }) => this.#pool.query(ask.statement).then(resolve, reject)));
  }

  /** What waits behind a server that has fallen silent gives up as a statement without a connection does. */
  #armExpiry(): void {
    if (this.#expiry !== undefined) return;
    this.#expiry = setTimeout(
      () => {
        this.#expiry = undefined;
        const now = performance.now();
        let left = 0;
        for (const { waiting } of this.#lanes.values()) {
          // Equal patience: the first in line is the first to give up.
          while ((waiting[0]?.deadline ?? Infinity) <= now) waiting.shift()?.reject(this.#busy());
          left += waiting.length;
        }
        if (left > 0) this.#armExpiry();
      },
      Math.max(this.#patienceMs / 4, 1),
    );
    this.#expiry.unref();
  }

  #busy(): StoreError {
    return new StoreError('no_more_connections', this.#pool.pool, 'no connection became free in time');
  }
}

/** A time-out or a lost connection says nothing about a row, and asking again row by row would add to the load. */
function isOneRowsFault(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'query';
}
