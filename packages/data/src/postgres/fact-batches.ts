import { StoreError } from '../store-error.ts';
import type { Executor } from './executor.ts';
import { batchKey, factsBatchStatement } from '../statements/facts-batch-statement.ts';
import type { FactsQuestion } from '../statements/facts-question.ts';
import { questionStatement } from '../statements/facts-statement.ts';
import type { PersonsFeatures } from '../statements/persons-features.ts';
import { defaultSettings } from './router-settings.ts';
import type { Row } from '../statements/statement.ts';

export interface BatchLimits {
  /** Statements of one kind that are under way at once; while there are that many, further questions gather. */
  readonly underWay: number;
  /** Questions in one statement. */
  readonly largest: number;
}

/** Measured: see `docs/decisions/coalescing.md`. */
export const defaultLimits: BatchLimits = { underWay: 2, largest: 64 };

interface Waiting {
  readonly question: FactsQuestion;
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: number;
}

/** Questions that can share a statement. It exists only while there are any. */
interface Lane {
  readonly key: string;
  readonly features: PersonsFeatures;
  readonly waiting: Waiting[];
  underWay: number;
  scheduled: boolean;
}

/**
 * Answers questions that are asked at the same time with one statement. Nothing waits for company: an idle lane sends at
 * once, a busy one sends what has gathered as soon as a statement comes back. A question that alone makes the server
 * fail fails alone.
 */
export class FactBatches {
  readonly #reader: Executor;
  readonly #limits: BatchLimits;
  readonly #patienceMs: number;
  readonly #lanes = new Map<string, Lane>();
  #expiry: NodeJS.Timeout | undefined;

  constructor(reader: Executor, limits: BatchLimits = defaultLimits) {
    this.#reader = reader;
    this.#limits = limits;
    this.#patienceMs = reader.acquireTimeoutMs ?? defaultSettings.acquireTimeoutMs;
  }

  /**
   * The row that `factsFromRow` reads.
   *
   * @throws {StoreError}
   */
  async ask(question: FactsQuestion, features: PersonsFeatures): Promise<Row | undefined> {
    const lane = this.#lane(batchKey(question, features), features);
    if (lane.underWay === 0 && lane.waiting.length === 0) {
      lane.underWay += 1;
      try {
        return await this.#alone(question, features);
      } finally {
        this.#finished(lane);
      }
    }
    return new Promise((resolve, reject) => {
      lane.waiting.push({ question, resolve, reject, deadline: performance.now() + this.#patienceMs });
      this.#armExpiry();
      this.#schedule(lane);
    });
  }

  #lane(key: string, features: PersonsFeatures): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { key, features, waiting: [], underWay: 0, scheduled: false };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  async #alone(question: FactsQuestion, features: PersonsFeatures): Promise<Row | undefined> {
    const rows = await this.#reader.query(questionStatement(question, features));
    return rows[0];
  }

  #finished(lane: Lane): void {
    lane.underWay -= 1;
    if (lane.waiting.length > 0) this.#schedule(lane);
    else if (lane.underWay === 0) this.#lanes.delete(lane.key);
  }

  /** Sends after this turn of the event loop: every request that it still brings travels along. */
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

  /** Never rejects: every waiting question hears its own result. */
  async #send(lane: Lane): Promise<void> {
    const { features } = lane;
    const batch = lane.waiting.splice(0, this.#limits.largest);
    lane.underWay += 1;
    try {
      const [only] = batch;
      if (only !== undefined && batch.length === 1) {
        only.resolve(await this.#alone(only.question, features));
        return;
      }
      const questions = batch.map(({ question }) => question);
      const rows = await this.#reader.query(factsBatchStatement(questions, features));
      for (const row of rows) batch[Number(row['n']) - 1]?.resolve(row);
      if (rows.length < batch.length) throw new StoreError('query', this.#reader.pool, 'rows of a batch are missing');
    } catch (error) {
      if (batch.length > 1 && isOneRowsFault(error)) await this.#eachAlone(batch, features);
      else for (const { reject } of batch) reject(error);
    } finally {
      this.#finished(lane);
    }
  }

  async #eachAlone(batch: readonly Waiting[], features: PersonsFeatures): Promise<void> {
    await Promise.all(
      batch.map(({ question, resolve, reject }) => this.#alone(question, features).then(resolve, reject)),
    );
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
    return new StoreError('no_more_connections', this.#reader.pool, 'no connection became free in time');
  }
}

/** A time-out or a lost connection says nothing about a row, and asking again row by row would add to the load. */
function isOneRowsFault(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'query';
}
