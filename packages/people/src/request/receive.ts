import type { EventRequest } from './event-request.ts';
import { readV0 } from './read-v0.ts';
import { readV1 } from './read-v1.ts';
import type { Received } from './received.ts';
import type { Refusal } from './refusal.ts';
import { type Unpacking, unpackV0 } from './unpack.ts';

/**
 * Reads a request to an event path: unpacks it with the caller's help, and finds token and events. Whatever the bytes
 * are, the outcome is events or a `Refusal`.
 */
export function* receive(request: EventRequest): Unpacking<Received | Refusal> {
  switch (request.path) {
    case 'replay':
      return { token: '', events: [], entries: [], invalid: 0, repeated: 0 };
    case 'v1':
      return yield* readV1(request);
    case 'v0':
    case 'engage': {
      const text = yield* unpackV0(request);
      return typeof text === 'string' ? readV0(text, request) : text;
    }
  }
}
