import type { FactFailure } from '@halyard/engine';

/**
 * What kind of failure a store met (D40).
 *
 * - `timeout`: a statement, lock or read took too long.
 * - `no_more_connections`: no connection became free in time, here or at the server.
 * - `query_wait_timeout`: a pooler in between gave up waiting for a server connection.
 * - `unavailable`: no server at the other end, or the connection broke.
 * - `foreign_key`: a row that a statement refers to has gone (D70).
 * - `query`: everything else; trying again will not help.
 */
export type StoreErrorKind =
  | 'timeout'
  | 'no_more_connections'
  | 'query_wait_timeout'
  | 'unavailable'
  | 'foreign_key'
  | 'query';

/** A store could not do what it was asked. The message names the pool and never shows a password or a value. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;
  /** The pool as the router names it, such as `persons reader`; or `memory`. */
  readonly pool: string;
  /** SQLSTATE or the system's error code, where there is one. */
  readonly code: string | null;

  constructor(kind: StoreErrorKind, pool: string, message: string, options: { code?: string; cause?: unknown } = {}) {
    super(`${pool}: ${message}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.pool = pool;
    this.code = options.code ?? null;
  }
}

const failures: Readonly<Record<StoreErrorKind, readonly [code: string, description: string]>> = {
  timeout: ['timeout', 'Database statement timed out'],
  no_more_connections: ['no_more_connections', 'Database connection pool exhausted'],
  query_wait_timeout: ['query_wait_timeout', 'Query wait timeout exceeded'],
  unavailable: ['database_unavailable', 'database unavailable'],
  foreign_key: ['database_error', 'Database connection error during evaluation'],
  query: ['database_error', 'Database connection error during evaluation'],
};

/** The fact failure that a client sees for an error of a store (E163). */
export function factFailure(error: unknown): FactFailure {
  const [code, description] = failures[error instanceof StoreError ? error.kind : 'query'];
  return { failed: true, code, description };
}

/** The failure of sticky keys, whatever the cause (E158). */
export const stickyKeysFailure: FactFailure = {
  failed: true,
  code: 'hash_key_override_error',
  description: 'Failed to fetch hash key override for experience continuity',
};
