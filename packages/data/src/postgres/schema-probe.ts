import { StoreError } from '../store-error.ts';
import type { Executor } from './executor.ts';
import { type TableFeatures, tableFeaturesFromRow, tableFeaturesStatement } from '../statements/table-features.ts';

/** A look is believed this long; after that the next question is asked at once, and another look made behind it. */
const believedMs = 30_000;
/** Questions that do not fit the tables cause no more than one look in this time: what is missing may stay away. */
const settledMs = 1_000;

/** SQLSTATE of a statement that asks for a column or table that is not there, or that we may not touch. */
const misfits = new Set(['42703', '42P01', '42501']);

/** Knows what the schema behind a pool looks like (D30), also when it changes; callers at the same time share one look. */
export class SchemaProbe {
  readonly #executor: Executor;
  #features: TableFeatures | null = null;
  #looking: Promise<TableFeatures> | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #misfitAt = Number.NEGATIVE_INFINITY;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /**
   * Asks something that depends on the features, and once more when the tables turn out to have another one by now.
   *
   * @throws {StoreError}
   */
  async ask<Answer>(question: (features: TableFeatures) => Promise<Answer>): Promise<Answer> {
    const features = await this.features();
    try {
      return await question(features);
    } catch (error) {
      if (!(error instanceof StoreError && misfits.has(error.code ?? ''))) throw error;
      const seen = await this.#lookAfterMisfit().catch(() => features);
      if (seen === features) throw error;
      return question(seen);
    }
  }

  /** @throws {StoreError} when it has never been seen; the next caller tries again */
  features(): TableFeatures | Promise<TableFeatures> {
    if (this.#features === null) return this.#look();
    // Not every change makes a statement fail: a new column has to be noticed.
    if (performance.now() - this.#lookedAt >= believedMs) this.#look().catch(() => undefined);
    return this.#features;
  }

  async #lookAfterMisfit(): Promise<TableFeatures> {
    const now = performance.now();
    if (now - this.#misfitAt < settledMs) return this.#looking ?? this.features();
    this.#misfitAt = now;
    return this.#look();
  }

  #look(): Promise<TableFeatures> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookNow(): Promise<TableFeatures> {
    this.#lookedAt = performance.now();
    const rows = await this.#executor.query(tableFeaturesStatement);
    this.#features = tableFeaturesFromRow(rows[0]);
    return this.#features;
  }
}
