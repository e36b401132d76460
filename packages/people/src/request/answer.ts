import type { Entry } from './received.ts';
import type { EventRequest } from './event-request.ts';
import type { Refusal } from './refusal.ts';

/** An HTTP response as values. */
export interface EventAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const TEXT_TYPE = { 'Content-Type': 'text/plain; charset=utf-8' };

/** Seconds after which a v1 SDK sends events again that could not be stored. */
const retryPause = 5;

/** The answer to a request whose changes are committed (I44, I50). */
export function acceptedAnswer({ path, query }: EventRequest, entries: readonly Entry[]): EventAnswer {
  if (path !== 'v1') {
    return query.get('beacon') === '1'
      ? { status: 204, headers: {}, body: '' }
      : { status: 200, headers: JSON_TYPE, body: '{"status":1}' };
  }
  const results = Object.fromEntries(entries.map(({ uuid, ...entry }) => [uuid, entry]));
  const isPartial = entries.some(({ result }) => result === 'retry');
  const headers = isPartial ? { ...JSON_TYPE, 'Retry-After': String(retryPause) } : JSON_TYPE;
  return { status: 200, headers, body: JSON.stringify({ results }) };
}

/** The answer to a request that is not taken (I44, I51). */
export function refusedAnswer({ path }: Pick<EventRequest, 'path'>, { status, message }: Refusal): EventAnswer {
  return failure(path, status, message, {});
}

/**
 * "Later", the one answer that makes every SDK keep its events (I53).
 *
 * @param seconds when to come again
 */
export function laterAnswer({ path }: Pick<EventRequest, 'path'>, seconds: number): EventAnswer {
  return failure(path, 503, 'Events cannot be stored just now: send them again.', { 'Retry-After': String(seconds) });
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  503: 'service_unavailable',
};

function failure(
  path: EventRequest['path'],
  status: number,
  message: string,
  headers: Record<string, string>,
): EventAnswer {
  if (path !== 'v1') return { status, headers: { ...TEXT_TYPE, ...headers }, body: message };
  const body = JSON.stringify({ error: WORDS[status], error_description: message, error_uri: null });
  return { status, headers: { ...JSON_TYPE, ...headers }, body };
}
