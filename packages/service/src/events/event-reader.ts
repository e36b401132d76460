import type { Refusal } from '@halyard/people';
import { Line } from '../http/line.ts';
import { type EventsRead, type PlainRequest, readEvents, type ReadSettings } from './read-events.ts';
import { ReadingThread } from './reading-thread.ts';

/** From here on a request is read in a thread, in bytes; below, reading takes some milliseconds at most. */
const LARGE = 64 * 1024;

/** For how long a turn of the event loop reads: whoever stores a batch answers many at once, who all come again in one turn. */
const TURN_MS = 2;

interface Waiting {
  readonly request: PlainRequest;
  readonly resolve: (read: EventsRead | Refusal | Promise<EventsRead | Refusal>) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads requests with events so that `/flags` does not wait for it: a few small ones in each turn of the event loop, others in a thread. */
export class EventReader {
  readonly #settings: ReadSettings;
  readonly #thread: ReadingThread;
  readonly #line = new Line<Waiting>();
  #isScheduled = false;

  constructor(settings: ReadSettings) {
    this.#settings = settings;
    this.#thread = new ReadingThread(settings);
  }

  read(request: PlainRequest): Promise<EventsRead | Refusal> {
    if (request.body.length > LARGE || isSlow(request)) return this.#thread.read(request);
    return new Promise((resolve, reject) => {
      this.#line.push({ request, resolve, reject });
      this.#schedule();
    });
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    const until = performance.now() + TURN_MS;
    for (let next = this.#line.shift(); next !== undefined; next = this.#line.shift()) {
      this.#read(next);
      if (performance.now() >= until) break;
    }
    this.#isScheduled = false;
    if (this.#line.length > 0) this.#schedule();
  }

  #read({ request, resolve, reject }: Waiting): void {
    try {
      const read = readEvents(request, this.#settings, LARGE);
      resolve(read === 'large' ? this.#thread.read(request) : read);
    } catch (error) {
      reject(error);
    }
  }
}

/** A packing of old browsers that can hold a text of quadratic size, and is unpacked by code of our own. */
function isSlow({ search, body, headers }: PlainRequest): boolean {
  if (/(?:^|&)compression=lz/i.test(search)) return true;
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') !== true) return false;
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('compression=lz');
}
