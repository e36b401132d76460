import { StoreError, type StoreErrorKind } from 'halyard/host';
import { describe, expect, it } from 'vitest';
import { errorCodes } from './error-codes.ts';
import { storeFailure } from './store-failure.ts';

describe('store failures', () => {
  it.each<[StoreErrorKind, number]>([
    ['unavailable', 503],
    ['no_more_connections', 503],
    ['timeout', 503],
    ['query_wait_timeout', 503],
    ['query', 500],
    ['foreign_key', 500],
  ])('H86: %s is a %i', (kind, status) => {
    const failure = storeFailure(new StoreError(kind, 'main reader', 'password=secret host=db.example'));
    expect(errorCodes[failure.code].status).toBe(status);
    expect(failure.detail).not.toMatch(/secret|db\.example|reader/);
  });

  it('H86: anything else is a 500 without internals', () => {
    expect(storeFailure(new TypeError('secret')).code).toBe('internal_error');
    expect(storeFailure('secret').detail).not.toContain('secret');
  });
});
