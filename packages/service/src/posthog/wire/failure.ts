import type { HttpResponse } from '../../http/messages.ts';
import type { RequestRecord } from '../../http/request-record.ts';
import { type ErrorCode, errorCodes } from './error-codes.ts';

/** Why a request cannot be answered. A value, not an exception: a bad request is an expected state. */
export class Failure {
  readonly code: ErrorCode;
  /** For the caller: free of tokens, values, statements and host names (H89). */
  readonly detail: string;

  constructor(code: ErrorCode, detail: string = errorCodes[code].text) {
    this.code = code;
    this.detail = detail;
  }
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** The one place where a failure becomes an answer (H85, H86). */
export function failureResponse(failure: Failure, record: RequestRecord): HttpResponse {
  record.errorCode = failure.code;
  const entry = errorCodes[failure.code];
  const type = entry.body === 'text' ? TEXT : JSON_TYPE;
  const headers = 'retryAfter' in entry ? { ...type, 'retry-after': String(entry.retryAfter) } : type;
  if (entry.body === 'text') return { status: entry.status, headers, body: failure.detail };
  const body = JSON.stringify({ type: entry.type, code: failure.code, detail: failure.detail, attr: null });
  return { status: entry.status, headers, body };
}
