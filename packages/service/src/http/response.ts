import type { HttpResponse } from './messages.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const TEXT_HEADERS = { 'content-type': 'text/plain; charset=utf-8' };
const NO_HEADERS = {};

/** 200 with JSON text. */
export function jsonResponse(body: string): HttpResponse {
  return { status: 200, headers: JSON_HEADERS, body };
}

export function textResponse(status: number, body: string): HttpResponse {
  return { status, headers: TEXT_HEADERS, body };
}

export function emptyResponse(status: number, headers: Readonly<Record<string, string>> = NO_HEADERS): HttpResponse {
  return { status, headers, body: null };
}
