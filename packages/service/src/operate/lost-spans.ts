/** From one word about lost spans to the next, in milliseconds. */
const EVERY_MS = 60_000;

/** Counts spans that could not be sent, and tells of them once a minute, at once the first time: a collector may be away for days. */
export class LostSpans {
  readonly #tell: (spans: number, error: unknown) => void;
  readonly #now: () => number;
  #spans = 0;
  #error: unknown = undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** @param now in milliseconds */
  constructor(tell: (spans: number, error: unknown) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  add(spans: number, error: unknown): void {
    this.#spans += spans;
    this.#error = error;
    if (this.#now() - this.#toldAt >= EVERY_MS) this.flush();
  }

  /** Tells of what has not been told. */
  flush(): void {
    if (this.#spans === 0) return;
    this.#tell(this.#spans, this.#error);
    this.#spans = 0;
    this.#toldAt = this.#now();
  }
}
