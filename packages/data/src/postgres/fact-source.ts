import type { FactPlan, Facts } from '@halyard/engine';
import type { FactSource, JsonCodec } from '../ports.ts';
import { lacksStickyKey, mergeStickyKeys } from '../sticky-keys.ts';
import { StoreError, stickyKeysFailure } from '../store-error.ts';
import type { Executor } from './executor.ts';
import { FactBatches } from './fact-batches.ts';
import { failedFacts, factsFromRow, type RowFacts, stickyRowsOf } from './facts-from-row.ts';
import { factsQuestion } from './facts-question.ts';
import { questionStatement } from './facts-statement.ts';
import { SchemaProbe } from './schema-probe.ts';
import { stickyKeysStatement } from './sticky-keys-statement.ts';

export interface PostgresFactSourceOptions {
  readonly reader: Executor;
  readonly writer: Executor;
  readonly parse: JsonCodec['parse'];
  /** Whether requests at the same time share statements. Default true. */
  readonly coalesce?: boolean;
  /** Told of every failure that becomes a fact failure; a request must not learn more than its code. */
  readonly onError?: (error: unknown) => void;
  /** Between 0 and 1; spreads repeated writes (D41). */
  readonly chance?: () => number;
}

/** Writes are tried this often when a person is deleted under them (D41). */
const writeAttempts = 3;
const longestPauseMs = 300;

/**
 * Stored facts from PostgreSQL: one round trip, or two when sticky keys must be written (D115 to D117). Requests at the
 * same time share statements (D122).
 */
export class PostgresFactSource implements FactSource {
  readonly #options: PostgresFactSourceOptions;
  readonly #batches: FactBatches | null;
  readonly #readerShape: SchemaProbe;
  readonly #writerShape: SchemaProbe;

  constructor(options: PostgresFactSourceOptions) {
    this.#options = options;
    this.#batches = options.coalesce === false ? null : new FactBatches(options.reader);
    this.#readerShape = new SchemaProbe(options.reader);
    this.#writerShape = new SchemaProbe(options.writer);
  }

  async load(plan: FactPlan): Promise<Facts> {
    let read: RowFacts;
    try {
      read = await this.#read(plan);
    } catch (error) {
      this.#options.onError?.(error);
      return failedFacts(plan, error);
    }
    const write = plan.stickyKeys?.write ?? null;
    // No person, or nothing missing: no write (D50).
    if (write === null || read.stickyRows === null || !lacksStickyKey(write, read.stickyRows)) return read.facts;
    try {
      const written = await this.#write(plan);
      return written === null ? read.facts : { ...read.facts, stickyKeys: written };
    } catch (error) {
      this.#options.onError?.(error);
      return { ...read.facts, stickyKeys: stickyKeysFailure };
    }
  }

  async #read(plan: FactPlan): Promise<RowFacts> {
    const question = factsQuestion(plan);
    if (question === null) return factsFromRow(plan, undefined, this.#options.parse);
    const shape = await this.#readerShape.shape();
    const row =
      this.#batches === null
        ? (await this.#options.reader.query(questionStatement(question, shape)))[0]
        : await this.#batches.ask(question, shape);
    return factsFromRow(plan, row, this.#options.parse);
  }

  /** The keys after the write, from the writer itself, so that a lagging replica cannot hide them (D36). */
  async #write(plan: FactPlan): Promise<ReadonlyMap<string, string> | null> {
    const statement = stickyKeysStatement(plan, await this.#writerShape.shape());
    if (statement === null) return null;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const rows = await this.#options.writer.query(statement);
        return mergeStickyKeys(stickyRowsOf(rows[0]?.['sticky_keys'] ?? null) ?? []);
      } catch (error) {
        const personGone = error instanceof StoreError && error.kind === 'foreign_key';
        if (!personGone || attempt === writeAttempts) throw error;
        await this.#pause(attempt);
      }
    }
  }

  #pause(attempt: number): Promise<void> {
    const limit = Math.min(100 ** attempt, longestPauseMs);
    const ms = limit * (this.#options.chance ?? Math.random)();
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  }
}
