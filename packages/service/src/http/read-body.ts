import type { IncomingMessage } from 'node:http';

/** Limit of the body as it arrives (H30). */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Limit of a body that nobody reads, so that it is dropped as it arrives (H243 (R)). */
export const MAX_DROPPED_BYTES = 64 * 1024 * 1024;

/** What a request without a body has as one. */
export const NO_BODY = new Uint8Array();

/** How reading a body ended: its bytes, or why there are none. */
export type BodyOutcome = Uint8Array | 'too_large' | 'broken';

/**
 * Reads a request body up to `MAX_BODY_BYTES` (H30) and says once how that went. What comes beyond the limit is read and
 * dropped, so that the client gets to read the answer.
 *
 * @param isDropped asked when a body exceeds the limit: whether it is of no interest, and may be larger; nothing of it is kept then
 */
export function readBody(
  message: IncomingMessage,
  isDropped: () => boolean,
  done: (outcome: BodyOutcome) => void,
): void {
  if (hasNoBody(message)) {
    done(NO_BODY);
    return;
  }
  let chunks: Uint8Array[] | undefined = [];
  let length = 0;
  let limit = MAX_BODY_BYTES;
  const finish = (outcome: BodyOutcome): void => {
    if (chunks === undefined) return;
    chunks = undefined;
    done(outcome);
  };
  const exceed = (): void => {
    if (limit === MAX_BODY_BYTES && chunks !== undefined && isDropped()) limit = MAX_DROPPED_BYTES;
    if (length > limit) finish('too_large');
    else if (chunks !== undefined) chunks = [];
  };
  message.on('data', (chunk: Uint8Array) => {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) exceed();
    else chunks?.push(chunk);
  });
  message.on('end', () => finish(chunks === undefined ? NO_BODY : joined(chunks)));
  message.on('error', () => finish('broken'));
  message.on('close', () => finish('broken'));
}

/** No body is announced, so there is none to be read (RFC 9112, 6.3). What node:http has to do for it, it does when the answer is written. */
export function hasNoBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
}

/** The pieces as one. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}
