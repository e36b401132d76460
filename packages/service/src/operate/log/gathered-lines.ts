/** Where gathered bytes go, in large pieces. */
export interface Sink {
  /** @param bytes are the sink's from now on */
  write(bytes: Uint8Array): void;
  /** Writes everything it was given before it returns. */
  flushSync(): void;
}

/** Lines are gathered up to this many bytes before they are written … */
const GATHER_BYTES = 32 * 1024;
/** … or this long, in milliseconds. */
const GATHER_MS = 200;

/** What a UTF-16 unit of a text takes in UTF-8, at most. */
const MOST_BYTES = 3;

/**
 * Gathers log lines, so that a line costs no system call. As bytes: a text that grows keeps every piece of which its lines were put
 * together, and that many objects, held beyond the requests that made them, cost more in garbage collection than all the rest of logging.
 */
export class GatheredLines {
  readonly #sink: Sink;
  readonly #pieceBytes: number;
  #piece: Buffer;
  #used = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** @param pieceBytes no piece may be longer, unless it is one line */
  constructor(sink: Sink, pieceBytes = GATHER_BYTES) {
    this.#sink = sink;
    this.#pieceBytes = pieceBytes;
    this.#piece = Buffer.allocUnsafeSlow(pieceBytes);
  }

  /** Takes a line with its line end. */
  write(line: string): void {
    if (!this.#hasRoom(line)) {
      this.#handOver();
      if (!this.#hasRoom(line)) {
        this.#sink.write(Buffer.from(line, 'utf8'));
        return;
      }
    }
    this.#used += this.#piece.write(line, this.#used);
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#handOver(), GATHER_MS);
      this.#timer.unref();
    }
  }

  #hasRoom(line: string): boolean {
    const room = this.#pieceBytes - this.#used;
    // Counting takes longer than most lines need it.
    return line.length * MOST_BYTES <= room || Buffer.byteLength(line, 'utf8') <= room;
  }

  /** Writes what is gathered before it returns: the process is about to end. */
  flush(): void {
    this.#handOver();
    this.#sink.flushSync();
  }

  #handOver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#used === 0) return;
    const piece = this.#piece.subarray(0, this.#used);
    this.#piece = Buffer.allocUnsafeSlow(this.#pieceBytes);
    this.#used = 0;
    this.#sink.write(piece);
  }
}
