import type { IncomingMessage } from 'node:http';
import { hasNoBody, joined, NO_BODY } from './read-body.ts';

/** How a path takes bodies that are larger than others, and more of them than there may be in memory. */
export interface Intake {
  /** Limit of a body as it arrives, in bytes. */
  readonly bodyBytes: number;
  /** What a body may take to arrive, in milliseconds; then its connection is closed. */
  readonly bodyMs: number;
  /** Whether there is room for one more. False: it is refused before it is read. */
  readonly isOpen: boolean;
  /**
   * Takes room for bytes that have arrived; whoever gets the body gives it back. False: there is none.
   *
   * @param held what the same body has taken before
   */
  take(bytes: number, held: number): boolean;
  give(bytes: number): void;
}

/** How that ended: the body, for which room is taken, or why there is none. */
export type IntakeOutcome = Uint8Array | 'too_large' | 'overloaded' | 'broken';

/**
 * Reads a body through an intake, and says once how that went. A body that is too large, or has no room, is read to its end before anybody
 * hears of it, or its client would see a reset instead of the answer; of one that is too large, as much as the limit again (I20).
 */
export function readIntake(message: IncomingMessage, intake: Intake, done: (outcome: IntakeOutcome) => void): void {
  if (hasNoBody(message)) {
    done(NO_BODY);
    return;
  }
  if (!intake.isOpen) {
    message.resume();
    done('overloaded');
    return;
  }
  let chunks: Uint8Array[] = [];
  let length = 0;
  let held = 0;
  let ended = false;
  let why: 'too_large' | 'overloaded' | undefined;
  const drop = (reason?: typeof why): void => {
    why ??= reason;
    intake.give(held);
    held = 0;
    chunks = [];
  };
  const finish = (outcome: IntakeOutcome): void => {
    if (ended) return;
    ended = true;
    if (typeof outcome === 'string') drop();
    done(outcome);
  };
  if (Number(message.headers['content-length'] ?? 0) > intake.bodyBytes) why = 'too_large';
  message.on('data', (chunk: Uint8Array) => {
    length += chunk.length;
    if (ended) return;
    if (why === undefined) {
      if (length > intake.bodyBytes) drop('too_large');
      else if (intake.take(chunk.length, held)) {
        held += chunk.length;
        chunks.push(chunk);
      } else drop('overloaded');
    }
    if (length > 2 * intake.bodyBytes) finish('too_large');
  });
  message.on('end', () => finish(why ?? joined(chunks)));
  message.on('error', () => finish('broken'));
  message.on('close', () => finish('broken'));
}
