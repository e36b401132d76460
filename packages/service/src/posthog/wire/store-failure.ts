import { StoreError, TooManyUnknownTokens } from 'halyard/host';
import { Failure } from './failure.ts';

/** The failure of a request whose project could not be looked up (H86, H88). */
export function storeFailure(error: unknown): Failure {
  if (error instanceof TooManyUnknownTokens) {
    return new Failure('rate_limit_exceeded', undefined, error.waitMs);
  }
  if (!(error instanceof StoreError)) return new Failure('internal_error');
  switch (error.kind) {
    case 'unavailable':
    case 'no_more_connections':
    case 'timeout':
    case 'query_wait_timeout':
      return new Failure('database_unavailable');
    case 'query':
    case 'foreign_key':
      return new Failure('database_error');
  }
}
