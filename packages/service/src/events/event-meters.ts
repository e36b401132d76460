import type { EventPath, MergeOutcome } from '@halyard/people';
import type { EventWarning } from './warning-lines.ts';

/** What an event came to (I202). */
export type EventOutcome =
  | 'applied'
  | 'unchanged'
  | 'suppressed'
  | 'personless'
  | 'counted'
  | 'ignored'
  | 'duplicate'
  | 'invalid';

/** Why a request is not taken now. */
export type RefusedCause = 'room' | 'away' | 'late' | 'stopping' | 'unknown_tokens' | 'failed';

/** Counts what happens to events, for the operator (I202). Nothing of a client gets into a label. */
export interface EventMeters {
  request(path: EventPath, status: number): void;
  events(outcome: EventOutcome, count: number): void;
  merge(outcome: MergeOutcome): void;
  warning(kind: EventWarning): void;
  batch(operations: number, ms: number, personsCreated: number): void;
  repeat(cause: string): void;
  refused(cause: RefusedCause): void;
  unknownFlagCalls(count: number): void;
  /** @param status 0: there was no answer */
  forwarded(status: number, ms: number): void;
}
