import { emptyResponse } from '../../http/response.ts';
import type { Route } from '../../http/route.ts';

const HEADERS = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };

/** `GET /metrics` (H1): Prometheus text. Logged like probes, at debug level only. */
export function metricsRoute(text: () => Promise<string>): Route {
  return async ({ request, record }) => {
    record.routine = true;
    if (request.method !== 'GET') return emptyResponse(405, { allow: 'GET' });
    return { status: 200, headers: HEADERS, body: await text() };
  };
}
