/** Where gathered text goes, in large pieces. */
export interface Sink {
  write(text: string): void;
  /** Writes everything it was given before it returns. */
  flushSync(): void;
}

/** Lines are gathered up to this length before they are written … */
const GATHER_LENGTH = 32 * 1024;
/** … or this long, in milliseconds. */
const GATHER_MS = 200;

/** Gathers log lines, so that a line costs an addition to a string and not a system call. */
export class GatheredLines {
  readonly #sink: Sink;
  readonly #pieceBytes: number | undefined;
  #text = '';
  /** Length of the text, where pieces have a bound. */
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** @param pieceBytes no piece may be longer, unless it is one line. Default: any length */
  constructor(sink: Sink, pieceBytes?: number) {
    this.#sink = sink;
    this.#pieceBytes = pieceBytes;
  }

  /** Takes a line with its line end. */
  write(line: string): void {
    if (this.#pieceBytes !== undefined) this.#makeRoom(Buffer.byteLength(line), this.#pieceBytes);
    this.#text += line;
    if (this.#text.length >= GATHER_LENGTH) this.#handOver();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#handOver(), GATHER_MS);
      this.#timer.unref();
    }
  }

  #makeRoom(bytes: number, pieceBytes: number): void {
    if (this.#bytes + bytes > pieceBytes) this.#handOver();
    this.#bytes += bytes;
  }

  /** Writes what is gathered before it returns: the process is about to end. */
  flush(): void {
    this.#handOver();
    this.#sink.flushSync();
  }

  #handOver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    this.#text = '';
    this.#bytes = 0;
    if (text !== '') this.#sink.write(text);
  }
}
