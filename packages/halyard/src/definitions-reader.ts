import { mayBeOlder, type Position } from '@halyard/data/conversation';
import type { FetchedText } from './sources.ts';

const TIMEOUT_MS = 10_000;

/** Looks in a row at which a host may seem to go back; then it has gone back, as after a restored backup. */
const MOST_OLDER = 3;

/**
 * Asks for a document once; null: it is still the one of this tag.
 *
 * @param signal ends the request; its reason is the error
 */
export type Fetch = (etag: string | null, signal: AbortSignal) => Promise<FetchedText | null>;

/**
 * Reads a document again and again, as long as it changes. Several processes may stand behind an address, of which one knows of a change
 * before another, and a Redis may be behind the one it stands in for: what is older than what is held is not taken.
 */
export class DefinitionsReader {
  readonly #ask: Fetch;
  #etag: string | null = null;
  #position: Position | undefined;
  #older = 0;
  /** Ends the request under way. */
  #request = new AbortController();

  constructor(ask: Fetch) {
    this.#ask = ask;
  }

  /**
   * What is there; null: nothing newer than what was taken last.
   *
   * @throws {Error} naming the address and the cause
   */
  async read(): Promise<FetchedText | null> {
    const found = await this.#fetch();
    if (found === null || !mayBeOlder(found.position, this.#position)) {
      this.#older = 0;
      return found;
    }
    this.#older++;
    return this.#older >= MOST_OLDER ? found : null;
  }

  /** What was read is in use. */
  taken({ etag, position }: FetchedText): void {
    this.#etag = etag;
    this.#position = position;
    this.#older = 0;
  }

  close(): void {
    this.#request.abort(new Error('closed'));
  }

  async #fetch(): Promise<FetchedText | null> {
    this.#request = new AbortController();
    const { signal } = this.#request;
    const late = new Error(`no answer within ${TIMEOUT_MS / 1000} s`);
    const timer = setTimeout(() => this.#request.abort(late), TIMEOUT_MS);
    try {
      return await this.#ask(this.#etag, signal);
    } finally {
      clearTimeout(timer);
    }
  }
}
