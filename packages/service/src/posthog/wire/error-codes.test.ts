import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startRecord } from '../../http/request-record.ts';
import { type ErrorCode, errorCodes } from './error-codes.ts';
import { Failure, failureResponse } from './failure.ts';

const DOCS = new URL('../../../../../docs/error-codes.md', import.meta.url);
const codes = Object.keys(errorCodes) as ErrorCode[];
const record = () => startRecord({ method: 'POST', url: '/', headers: {}, body: new Uint8Array(), peer: '' }, false, 0);

describe('the registry', () => {
  it('docs/error-codes.md lists every code with its status, body and sentence', () => {
    const rows = readFileSync(DOCS, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .slice(1, 5)
          .map((cell) => cell.trim().replaceAll('`', '')),
      );
    expect(rows).toEqual(
      codes.map((code) => {
        const { status, body, text } = errorCodes[code];
        return [code, String(status), body, text];
      }),
    );
  });
});

/** Of JSON errors that are not about who asks. */
const types: Partial<Record<ErrorCode, string>> = {
  token_missing: 'validation_error',
  remote_config_decrypt_failed: 'server_error',
  payment_required: 'quota_limited',
  rate_limit_exceeded: 'validation_error',
};

/** What H86 says where the log is more exact. */
const answered: Partial<Record<ErrorCode, string>> = {
  key_missing: 'not_authenticated',
  key_invalid: 'authentication_failed',
  scope_missing: 'permission_denied',
};

describe('answers', () => {
  it.each(codes.filter((code) => errorCodes[code].body === 'json'))('H85: %s is a JSON error', (code) => {
    const response = failureResponse(new Failure(code), record());
    expect(response.headers['content-type']).toBe('application/json');
    expect(JSON.parse(response.body as string)).toEqual({
      type: types[code] ?? 'authentication_error',
      code: answered[code] ?? code,
      detail: errorCodes[code].text,
      attr: null,
    });
    expect(response.status).toBe(errorCodes[code].status);
  });

  it.each(codes.filter((code) => errorCodes[code].body === 'text'))('H86: %s is one sentence of text', (code) => {
    const kept = record();
    const response = failureResponse(new Failure(code), kept);
    expect(response.headers['content-type']).toMatch(/^text\/plain/);
    expect(response.body).toMatch(/^[A-Z][^\n]*\.$/);
    expect(kept.errorCode).toBe(code);
  });

  it('H75: only an overload answers with a status that SDKs retry', () => {
    const retried = codes.filter((code) => [502, 504].includes(errorCodes[code].status));
    expect(retried).toEqual(['overloaded']);
  });

  it('H86: a key that is missing and one that opens nothing have the codes of tokens; the log says which it was', () => {
    const kept = record();
    expect(JSON.parse(failureResponse(new Failure('key_missing'), kept).body as string)).toMatchObject({
      type: 'authentication_error',
      code: 'not_authenticated',
    });
    expect(kept.errorCode).toBe('key_missing');
  });

  it('H87: no error says when to come back, but those of limits', () => {
    const said = codes.filter((code) => 'retry-after' in failureResponse(new Failure(code), record()).headers);
    expect(said).toEqual(['rate_limit_exceeded', 'overloaded']);
    expect(failureResponse(new Failure('overloaded'), record()).headers['retry-after']).toBe('1');
  });
});
