import type { StoreErrorKind } from '../store-error.ts';
import type { PoolName } from '../pool-names.ts';

/** One statement, when it has ended. */
export interface StatementEvent {
  /** Which pool was asked. */
  readonly pool: PoolName;
  /** Milliseconds that it waited for a place on a connection (D39). */
  readonly acquireMs: number;
  /** Milliseconds from the first attempt to the end, the wait included. */
  readonly totalMs: number;
  /** Attempts, which is more than 1 when a connection broke. */
  readonly attempts: number;
  /** What kind of failure it ended with; `null` when it succeeded. */
  readonly failure: StoreErrorKind | null;
}

/** A pool at one moment. */
export interface PoolState {
  /** Those of the router's pools that it is: several when their URLs are equal. */
  readonly names: readonly PoolName[];
  readonly connections: number;
  readonly maxConnections: number;
  /** Statements that the server works on. */
  readonly underWay: number;
  /** Statements that wait for a place on a connection. */
  readonly waiting: number;
  /** Share of the places that are taken, 0 to 1 (D39). */
  readonly utilisation: number;
}
