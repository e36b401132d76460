import type { Executor } from './executor.ts';
import { type Shape, shapeFromRow, shapeStatement } from './schema-shape.ts';

/** Finds out once per pool what the schema looks like (D30); callers at the same time share one look. */
export class SchemaProbe {
  readonly #executor: Executor;
  #shape: Promise<Shape> | null = null;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /** @throws {StoreError}; the next caller tries again */
  shape(): Promise<Shape> {
    this.#shape ??= this.#look().catch((error: unknown) => {
      this.#shape = null;
      throw error;
    });
    return this.#shape;
  }

  /** Forgets what was seen, for example after migrations. */
  forget(): void {
    this.#shape = null;
  }

  async #look(): Promise<Shape> {
    const rows = await this.#executor.query(shapeStatement);
    return shapeFromRow(rows[0]);
  }
}
