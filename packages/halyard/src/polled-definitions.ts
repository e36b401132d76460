import type { Definitions } from '@halyard/engine';
import { DefinitionsReader } from './definitions-reader.ts';
import { type DefinitionsUrl, definitionsSentBy, textFromUrl } from './sources.ts';

const DEFAULT_POLL_MS = 30_000;
/** Pauses after failures grow up to this, or stay `pollMs` where that is longer. */
const LONGEST_PAUSE_MS = 300_000;

export interface PollListener {
  /** Newer definitions. What it throws counts as a failure of the poll. */
  readonly onDefinitions: (definitions: Definitions) => void;
  /** A poll failed; the next one comes later. */
  readonly onError: (error: unknown) => void;
}

/**
 * Definitions at an address, looked for again `pollMs` after each answer. There is one poll at a time, so no answer can overtake a
 * newer one, and a slow server gets no second request before it has answered the first or run out of time. After failures in a row
 * the pause doubles each time.
 *
 * @throws {Error} when the first answer holds no definitions
 */
export async function pollDefinitions(source: DefinitionsUrl, listener: PollListener): Promise<{ close(): void }> {
  const poll = new Poll(source, listener);
  await poll.begin();
  return poll;
}

class Poll {
  readonly #source: DefinitionsUrl;
  readonly #listener: PollListener;
  readonly #pollMs: number;
  readonly #reader: DefinitionsReader;
  #failures = 0;
  #next: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(source: DefinitionsUrl, listener: PollListener) {
    this.#source = source;
    this.#reader = new DefinitionsReader((etag, signal) => textFromUrl(source, etag, signal));
    this.#listener = listener;
    this.#pollMs = source.pollMs ?? DEFAULT_POLL_MS;
  }

  async begin(): Promise<void> {
    await this.#look();
    this.#plan();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#next);
    this.#reader.close();
  }

  #plan(): void {
    if (this.#closed || this.#pollMs === 0) return;
    const longest = Math.max(this.#pollMs, LONGEST_PAUSE_MS);
    const pause = Math.min(this.#pollMs * 2 ** this.#failures, longest);
    this.#next = setTimeout(() => void this.#poll(), pause);
    this.#next.unref(); // polling alone keeps no process alive
  }

  async #poll(): Promise<void> {
    try {
      await this.#look();
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      if (!this.#closed) this.#listener.onError(error);
    } finally {
      this.#plan();
    }
  }

  async #look(): Promise<void> {
    const found = await this.#reader.read();
    if (found === null || this.#closed) return;
    this.#listener.onDefinitions(definitionsSentBy(this.#source, found.text));
    this.#reader.taken(found);
  }
}
