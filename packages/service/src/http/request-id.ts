import { randomUUID } from 'node:crypto';
import { type Headers, header } from './messages.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The caller's `X-Request-Id` when it is a UUID, otherwise a fresh random one (H53). */
export function requestId(headers: Headers): string {
  const given = header(headers, 'x-request-id');
  return given !== undefined && UUID.test(given) ? given.toLowerCase() : randomUUID();
}
