import { StoreError } from '../store-error.ts';
import type { Executor } from './executor.ts';
import { type Shape, shapeFromRow, shapeStatement } from './schema-shape.ts';

/** A look is believed this long; after that the next question is asked at once, and another look made behind it. */
const believedMs = 30_000;
/** Questions that do not fit the tables cause no more than one look in this time: what is missing may stay away. */
const settledMs = 1_000;

/** SQLSTATE of a statement that asks for a column or table that is not there, or that we may not touch. */
const misfits = new Set(['42703', '42P01', '42501']);

/** Knows what the schema behind a pool looks like (D30), also when it changes; callers at the same time share one look. */
export class SchemaProbe {
  readonly #executor: Executor;
  #shape: Shape | null = null;
  #looking: Promise<Shape> | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #misfitAt = Number.NEGATIVE_INFINITY;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /**
   * Asks something that depends on the shape, and once more when the tables turn out to have another one by now.
   *
   * @throws {StoreError}
   */
  async ask<Answer>(question: (shape: Shape) => Promise<Answer>): Promise<Answer> {
    const shape = await this.shape();
    try {
      return await question(shape);
    } catch (error) {
      if (!(error instanceof StoreError && misfits.has(error.code ?? ''))) throw error;
      const seen = await this.#lookAfterMisfit().catch(() => shape);
      if (seen === shape) throw error;
      return question(seen);
    }
  }

  /** @throws {StoreError} when it has never been seen; the next caller tries again */
  shape(): Shape | Promise<Shape> {
    if (this.#shape === null) return this.#look();
    // Not every change makes a statement fail: a new column has to be noticed.
    if (performance.now() - this.#lookedAt >= believedMs) this.#look().catch(() => undefined);
    return this.#shape;
  }

  async #lookAfterMisfit(): Promise<Shape> {
    const now = performance.now();
    if (now - this.#misfitAt < settledMs) return this.#looking ?? this.shape();
    this.#misfitAt = now;
    return this.#look();
  }

  #look(): Promise<Shape> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookNow(): Promise<Shape> {
    this.#lookedAt = performance.now();
    const rows = await this.#executor.query(shapeStatement);
    this.#shape = shapeFromRow(rows[0]);
    return this.#shape;
  }
}
