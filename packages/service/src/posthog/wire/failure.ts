import type { HttpResponse } from '../../http/messages.ts';
import type { RequestRecord } from '../../http/request-record.ts';
import { type ErrorCode, errorCodes } from './error-codes.ts';

/** Why a request cannot be answered. A value, not an exception: a bad request is an expected state. */
export class Failure {
  readonly code: ErrorCode;
  /** For the caller: free of tokens, values, statements and host names (H89). */
  readonly detail: string;

  /** When to ask again, in milliseconds from now; undefined: as the code says. */
  readonly waitMs: number | undefined;

  constructor(code: ErrorCode, detail: string = errorCodes[code].text, waitMs?: number) {
    this.code = code;
    this.detail = detail;
    this.waitMs = waitMs;
  }
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** The one place where a failure becomes an answer (H85, H86). */
export function failureResponse(failure: Failure, record: RequestRecord): HttpResponse {
  record.errorCode = failure.code;
  const entry = errorCodes[failure.code];
  const type = entry.body === 'text' ? TEXT : JSON_TYPE;
  const retryAfter = secondsOf(failure.waitMs) ?? ('retryAfter' in entry ? entry.retryAfter : undefined);
  const headers = retryAfter === undefined ? type : { ...type, 'retry-after': String(retryAfter) };
  if (entry.body === 'text') return { status: entry.status, headers, body: failure.detail };
  const code = 'code' in entry ? entry.code : failure.code;
  const body = JSON.stringify({ type: entry.type, code, detail: failure.detail, attr: null });
  return { status: entry.status, headers, body };
}

/** Whole seconds, of which there is one at least: who asks earlier is refused again. */
function secondsOf(waitMs: number | undefined): number | undefined {
  return waitMs === undefined ? undefined : Math.max(1, Math.ceil(waitMs / 1000));
}
