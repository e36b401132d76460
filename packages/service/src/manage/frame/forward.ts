import type { Reply } from './endpoint.ts';
import { header, type HttpRequest } from '../../http/messages.ts';
import { ApiError, serverError } from './api-error.ts';

/** How long PostHog may take; it answers some changes slowly. */
const PATIENCE_MS = 30_000;

/** What goes along: the caller's own credential, and what says how the body is to be read. */
const passedOn = ['authorization', 'content-type', 'accept', 'accept-language', 'user-agent'];

/**
 * Hands a change to the PostHog application that manages the database, with the caller's own key, and answers what it answers (M201).
 *
 * @throws {ApiError} when it does not answer
 */
export async function forward({ method, url, headers, body }: HttpRequest, posthogUrl: string): Promise<Reply> {
  const sent = passedOn.flatMap((name) => {
    const value = header(headers, name);
    return value === undefined ? [] : [[name, value] as [string, string]];
  });
  try {
    const response = await fetch(`${posthogUrl.replace(/\/+$/, '')}${withSlash(url)}`, {
      method,
      headers: sent,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const type = response.headers.get('content-type');
    const wait = response.headers.get('retry-after');
    return {
      status: response.status,
      ...(bytes.length === 0 ? {} : { raw: bytes }),
      headers: {
        ...(type === null ? {} : { 'content-type': type }),
        ...(wait === null ? {} : { 'retry-after': wait }),
      },
    };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw serverError(
      503,
      'PostHog, which manages this database, does not answer. Look there whether anything was changed.',
    );
  }
}

/** A framework that redirects to the slash loses the body on the way (M1). */
function withSlash(url: string): string {
  const [path = '', ...query] = url.split('?');
  return [path.endsWith('/') ? path : `${path}/`, ...query].join('?');
}
