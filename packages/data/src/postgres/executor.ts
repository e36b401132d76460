import type { Row, Statement } from '../statements/statement.ts';

/**
 * Runs statements on one of the router's pools. A statement may be sent twice when its connection breaks, so it must be
 * safe to repeat; every statement of this package is.
 */
export interface Executor {
  /** The pool's name, as errors and metrics show it. */
  readonly pool: string;
  /** How long a statement waits for a place on a connection. */
  readonly acquireTimeoutMs?: number;
  /**
   * @param large the answer may take megabytes: as far as connections allow, others do not wait behind it
   * @throws {StoreError} naming the pool
   */
  query(statement: Statement, large?: boolean): Promise<readonly Row[]>;
}
