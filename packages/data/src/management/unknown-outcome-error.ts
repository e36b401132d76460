import { StoreError } from '../store-error.ts';

/** The connection broke while a transaction was ending: what it wrote is there whole, or not at all. */
export class UnknownOutcomeError extends StoreError {
  constructor(pool: string, cause: unknown) {
    super('unavailable', pool, 'the connection broke while a transaction was ending', { cause });
  }
}
