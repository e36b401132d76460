import type { StoreError } from '../store-error.ts';

/**
 * Whether the server has no such prepared statement, or has one of that name already: a pooler in transaction mode gave
 * us another server connection.
 */
export function losesPreparedStatements({ code }: StoreError): boolean {
  return code === '26000' || code === '42P05';
}

/** Whether a pooler, such as PgBouncer, takes no statement time-out when connecting. */
export function refusesStartupTimeout(error: unknown): boolean {
  return error instanceof Error && /unsupported startup parameter.*statement_timeout/.test(error.message);
}
