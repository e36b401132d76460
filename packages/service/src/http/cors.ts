import { type HttpRequest, type HttpResponse, header } from './messages.ts';

/** Adds the CORS headers for a browser's request (H10); a request without an origin needs none. */
export function withCors(request: HttpRequest, response: HttpResponse): HttpResponse {
  const origin = header(request.headers, 'origin');
  if (origin === undefined) return response;
  const headers: Record<string, string> = {
    ...response.headers,
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, POST, OPTIONS, HEAD',
    'access-control-expose-headers': 'X-PostHog-Rate-Limit-Warning',
    vary: response.headers.vary ?? 'Origin',
  };
  const requested = header(request.headers, 'access-control-request-headers');
  if (requested !== undefined) headers['access-control-allow-headers'] = requested;
  return { ...response, headers };
}
