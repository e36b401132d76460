/** Something that must be over within the same time as everything of its kind. */
export interface Timed {
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  expire(): void;
}

/**
 * Time-outs for many requests with one timer. All have the same time, so the one that began first ends first, and only
 * that one needs a timer.
 */
export class Deadlines {
  readonly #timeoutMs: number;
  readonly #pending = new Set<Timed>();
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  add(timed: Timed): void {
    this.#pending.add(timed);
    if (this.#timer === undefined) this.#arm(this.#timeoutMs);
  }

  delete(timed: Timed): void {
    this.#pending.delete(timed);
  }

  /** Nobody gets more time. */
  expireAll(): void {
    for (const timed of this.#pending) {
      this.#pending.delete(timed);
      timed.expire();
    }
  }

  #arm(delay: number): void {
    this.#timer = setTimeout(() => this.#sweep(), delay);
    this.#timer.unref();
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const timed of this.#pending) {
      const left = timed.startedAt + this.#timeoutMs - now;
      // A timer may fire a fraction of a millisecond early.
      if (left >= 1) {
        this.#arm(left);
        return;
      }
      this.#pending.delete(timed);
      timed.expire();
    }
  }
}
