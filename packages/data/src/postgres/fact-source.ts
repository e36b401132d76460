import type { FactPlan, Facts } from '@halyard/engine';
import type { FactSource, JsonCodec } from '../ports.ts';
import { lacksStickyKey, mergeStickyKeys, type StickyKeyRow } from '../sticky-keys.ts';
import { StoreError, stickyKeysFailure } from '../store-error.ts';
import type { Executor } from './executor.ts';
import { FactBatches } from './fact-batches.ts';
import { failedFacts, factsFromRow, type RowFacts, stickyRowsOf } from './facts-from-row.ts';
import { factsQuestion } from './facts-question.ts';
import { questionStatement } from './facts-statement.ts';
import { LaggingReader } from './lagging-reader.ts';
import type { PersonsShape } from './persons-shape.ts';
import { SchemaProbe } from './schema-probe.ts';
import { stickyKeysStatement } from './sticky-keys-statement.ts';

export interface PostgresFactSourceOptions {
  readonly reader: Executor;
  readonly writer: Executor;
  readonly parse: JsonCodec['parse'];
  /** The reader is not the writer, so it may not have yet what was just written. Default false. */
  readonly readerMayLag?: boolean;
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
  readonly #lagging: LaggingReader | null;

  constructor(options: PostgresFactSourceOptions) {
    this.#options = options;
    this.#batches = options.coalesce === false ? null : new FactBatches(options.reader);
    this.#readerShape = new SchemaProbe(options.reader);
    this.#writerShape = new SchemaProbe(options.writer);
    this.#lagging = options.readerMayLag === true ? new LaggingReader(options, this.#writerShape) : null;
  }

  async load(plan: FactPlan): Promise<Facts> {
    let read: RowFacts;
    try {
      read = await this.#read(plan);
    } catch (error) {
      this.#options.onError?.(error);
      return failedFacts(plan, error);
    }
    if (plan.stickyKeys === null) return read.facts;
    const { write } = plan.stickyKeys;
    // No person, or nothing missing: no write (D50). A replica may not know the person yet.
    const missing =
      write !== null && (read.stickyRows === null ? this.#lagging !== null : lacksStickyKey(write, read.stickyRows));
    if (!missing) return this.#lagging?.complete(plan, read) ?? read.facts;
    try {
      const rows = await this.#write(plan);
      if (rows === null) return read.facts;
      this.#lagging?.remember(plan, rows);
      return { ...read.facts, stickyKeys: mergeStickyKeys(rows) };
    } catch (error) {
      this.#options.onError?.(error);
      // Nobody knows of a person, so there is nothing that should have been stored.
      return read.stickyRows === null ? read.facts : { ...read.facts, stickyKeys: stickyKeysFailure };
    }
  }

  async #read(plan: FactPlan): Promise<RowFacts> {
    const question = factsQuestion(plan);
    if (question === null) return factsFromRow(plan, undefined, this.#options.parse);
    const row = await this.#readerShape.ask(async (shape) =>
      this.#batches === null
        ? (await this.#options.reader.query(questionStatement(question, shape)))[0]
        : this.#batches.ask(question, shape),
    );
    return factsFromRow(plan, row, this.#options.parse);
  }

  /** The keys after the write, from the writer itself, so that a lagging replica cannot hide them (D36). */
  #write(plan: FactPlan): Promise<readonly StickyKeyRow[] | null> {
    return this.#writerShape.ask((shape) => this.#writeAs(plan, shape));
  }

  async #writeAs(plan: FactPlan, shape: PersonsShape): Promise<readonly StickyKeyRow[] | null> {
    const statement = stickyKeysStatement(plan, shape);
    if (statement === null) return null;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const rows = await this.#options.writer.query(statement);
        return stickyRowsOf(rows[0]?.['sticky_keys'] ?? null) ?? [];
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
