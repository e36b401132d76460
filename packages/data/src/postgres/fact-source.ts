import type { FactPlan, Facts } from '@halyard/engine';
import type { FactSource } from '../ports.ts';
import { lacksStickyKey, mergeStickyKeys, type StickyKeyRow } from '../sticky-keys.ts';
import { StoreError, stickyKeysFailure } from '../store-error.ts';
import type { Executor } from './executor.ts';
import { FactBatches } from './fact-batches.ts';
import { failedFacts, factsFromRow, type RowFacts, stickyRowsOf } from '../statements/facts-from-row.ts';
import { factsQuestion } from '../statements/facts-question.ts';
import { questionStatement } from '../statements/facts-statement.ts';
import { LaggingReader } from './lagging-reader.ts';
import type { PersonsFeatures } from '../statements/persons-features.ts';
import { SchemaProbe } from './schema-probe.ts';
import { stickyKeysStatement } from '../statements/sticky-keys-statement.ts';

export interface PostgresFactSourceOptions {
  readonly reader: Executor;
  readonly writer: Executor;
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
  readonly #readerFeatures: SchemaProbe;
  readonly #writerFeatures: SchemaProbe;
  readonly #lagging: LaggingReader | null;

  constructor(options: PostgresFactSourceOptions) {
    this.#options = options;
    this.#batches = options.coalesce === false ? null : new FactBatches(options.reader);
    this.#readerFeatures = new SchemaProbe(options.reader);
    this.#writerFeatures = new SchemaProbe(options.writer);
    this.#lagging = options.readerMayLag === true ? new LaggingReader(options, this.#writerFeatures) : null;
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
    if (question === null) return factsFromRow(plan, undefined);
    const row = await this.#readerFeatures.ask(async (features) =>
      this.#batches === null
        ? (await this.#options.reader.query(questionStatement(question, features)))[0]
        : this.#batches.ask(question, features),
    );
    return factsFromRow(plan, row);
  }

  /** The keys after the write, from the writer itself, so that a lagging replica cannot hide them (D36). */
  #write(plan: FactPlan): Promise<readonly StickyKeyRow[] | null> {
    return this.#writerFeatures.ask((features) => this.#writeAs(plan, features));
  }

  async #writeAs(plan: FactPlan, features: PersonsFeatures): Promise<readonly StickyKeyRow[] | null> {
    const statement = stickyKeysStatement(plan, features);
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
