import { Failure } from './failure.ts';

/** The failure of a request whose project could not be looked up (H86, H88). */
export function storeFailure(error: unknown): Failure {
  // Until the library exports its store error: by its fields, never by its text.
  const kind = error instanceof Error && 'kind' in error ? error.kind : undefined;
  if (kind === undefined) return new Failure('internal_error');
  return new Failure(kind === 'unavailable' || kind === 'timeout' ? 'database_unavailable' : 'database_error');
}
