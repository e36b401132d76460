import {
  type Entry,
  type EventPath,
  type FlagCall,
  type Inflate,
  type Inflated,
  type Operation,
  receive,
  reduceEvents,
  type ReduceSettings,
  Refusal,
  type Warning,
} from '@halyard/people';
import { inflate } from './inflate.ts';

/** A request with events, as it can be handed to a thread. */
export interface PlainRequest {
  readonly path: EventPath;
  readonly body: Uint8Array;
  /** Without its question mark. */
  readonly search: string;
  readonly headers: Readonly<Record<string, string>>;
  /** When it arrived, in ms since 1970. */
  readonly now: number;
}

export interface ReadSettings extends ReduceSettings {
  /** Of the unpacked body (I20). */
  readonly unpackedBytes: number;
}

/** What is left of a request (I60): nothing of it is a text of the client that is not to be stored. */
export interface EventsRead {
  readonly token: string;
  readonly operations: readonly Operation[];
  readonly flagCalls: readonly FlagCall[];
  readonly warnings: readonly Warning[];
  readonly entries: readonly Entry[];
  /** What it took unpacked, which is more than what is left of it. */
  readonly bytes: number;
  /** How many events there were that have no effect, by why. */
  readonly counts: {
    readonly personless: number;
    readonly ignored: number;
    readonly invalid: number;
    readonly duplicate: number;
  };
}

/** Headers that `receive` looks at. */
export const READ_HEADERS = [
  'authorization',
  'content-type',
  'content-encoding',
  'user-agent',
  'posthog-sdk-info',
  'posthog-attempt',
  'posthog-request-id',
  'posthog-request-timestamp',
] as const;

/**
 * Reads a request at once.
 *
 * @param mostBytes give up when it is unpacked to more than that
 * @returns `large` where it gave up
 */
export function readEvents(
  { path, body, search, headers, now }: PlainRequest,
  settings: ReadSettings,
  mostBytes = Number.POSITIVE_INFINITY,
): EventsRead | Refusal | 'large' {
  const limit = Math.min(settings.unpackedBytes, mostBytes);
  const reading = receive({
    path,
    body,
    query: new URLSearchParams(search),
    header: (name) => headers[name],
    now,
    limits: { unpackedBytes: settings.unpackedBytes },
  });
  let bytes = body.length;
  let step = reading.next();
  while (step.done !== true) {
    const inflated = unpacked(step.value, limit);
    if (inflated === 'too_large' && limit < settings.unpackedBytes) return 'large';
    bytes = Math.max(bytes, typeof inflated === 'string' ? 0 : inflated.length);
    step = reading.next(inflated);
  }
  const received = step.value;
  if (received instanceof Refusal) return received;
  const { operations, flagCalls, warnings, personless, ignored } = reduceEvents(received.events, settings);
  return {
    token: received.token,
    operations,
    flagCalls,
    warnings,
    entries: received.entries,
    bytes,
    counts: { personless, ignored, invalid: received.invalid, duplicate: received.repeated },
  };
}

function unpacked(wanted: Inflate, limit: number): Inflated {
  return inflate({ ...wanted, limit: Math.min(wanted.limit, limit) });
}
