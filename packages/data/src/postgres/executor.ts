import type { Row, Statement } from './statement.ts';

/**
 * Runs statements on one of the router's pools. A statement may be sent twice when its connection breaks, so it must be
 * safe to repeat; every statement of this package is.
 */
export interface Executor {
  /** The pool's name, as errors and metrics show it. */
  readonly pool: string;
  /** @throws {StoreError} naming the pool */
  query(statement: Statement): Promise<readonly Row[]>;
}
