import type { SdkEvent } from './sdk-event.ts';

/** What is left of a request to be taken. */
export interface Received {
  /** Not yet known to belong to a project. Empty for `replay`, whose bodies are dropped unread. */
  readonly token: string;
  /** In the order in which they apply (I132). */
  readonly events: readonly SdkEvent[];
  /** What a v1 answer says of each event of the request, in order (I44); empty in v0. */
  readonly entries: readonly Entry[];
  /** Events that were skipped, for they are none or too many (I26, I190). */
  readonly invalid: number;
  /** Events that were skipped, for their uuid came earlier in the request (I151). */
  readonly repeated: number;
}

/** What became of one v1 event. */
export interface Entry {
  readonly uuid: string;
  readonly result: 'ok' | 'warning' | 'drop' | 'retry';
  readonly details?: string;
}
