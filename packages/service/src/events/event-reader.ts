import type { Refusal } from '@halyard/people';
import { type EventsRead, type PlainRequest, readEvents, type ReadSettings } from './read-events.ts';
import { ReadingThread } from './reading-thread.ts';

/** From here on a request is read in a thread, in bytes; below, reading takes some milliseconds at most. */
const LARGE = 64 * 1024;

/** Reads requests with events: small ones at once, others where nobody waits for it. */
export class EventReader {
  readonly #settings: ReadSettings;
  readonly #thread: ReadingThread;

  constructor(settings: ReadSettings) {
    this.#settings = settings;
    this.#thread = new ReadingThread(settings);
  }

  read(request: PlainRequest): EventsRead | Refusal | Promise<EventsRead | Refusal> {
    if (request.body.length <= LARGE && !isSlow(request)) {
      const read = readEvents(request, this.#settings, LARGE);
      if (read !== 'large') return read;
    }
    return this.#thread.read(request);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}

/** A packing of old browsers that can hold a text of quadratic size, and is unpacked by code of our own. */
function isSlow({ search, body, headers }: PlainRequest): boolean {
  if (/(?:^|&)compression=lz/i.test(search)) return true;
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') !== true) return false;
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('compression=lz');
}
