import type { HttpResponse } from '../http.ts';
import type { RequestFacts } from '../log/request-facts.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const TEXT_HEADERS = { 'content-type': 'text/plain; charset=utf-8' };
const NO_HEADERS = {};

/** 200 with JSON text. */
export function jsonResponse(body: string, facts: RequestFacts): HttpResponse {
  return { status: 200, headers: JSON_HEADERS, body, facts };
}

export function textResponse(status: number, body: string, facts: RequestFacts): HttpResponse {
  return { status, headers: TEXT_HEADERS, body, facts };
}

export function emptyResponse(
  status: number,
  facts: RequestFacts,
  headers: Readonly<Record<string, string>> = NO_HEADERS,
): HttpResponse {
  return { status, headers, body: null, facts };
}
