/** Something that must be over within the same time as everything of its kind. */
export interface Timed {
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Who began before and after it, as long as it is timed; for `Deadlines` only. */
  earlier: Timed | undefined;
  later: Timed | undefined;
  expire(): void;
}

/**
 * Time-outs for many requests with one timer. All have the same time, so the one that began first ends first, and only
 * that one needs a timer.
 *
 * A list of its own making, where a Set would do: the table of a Set is replaced again and again, and each replaced one points to the
 * next. Once one of them is old, garbage collection of young objects keeps all tables after it, with the requests that were under way
 * then, as if they were needed; requests cost a third more processor time.
 */
export class Deadlines {
  readonly #timeoutMs: number;
  #first: Timed | undefined = undefined;
  #last: Timed | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  add(timed: Timed): void {
    timed.earlier = this.#last;
    if (this.#last === undefined) this.#first = timed;
    else this.#last.later = timed;
    this.#last = timed;
    if (this.#timer === undefined) this.#arm(this.#timeoutMs);
  }

  /** Does nothing where it is not timed, or not any more. */
  delete(timed: Timed): void {
    const { earlier, later } = timed;
    if (earlier !== undefined) earlier.later = later;
    else if (this.#first === timed) this.#first = later;
    else return;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    // What has left points to nobody, or it would hold on to all who came later.
    timed.earlier = undefined;
    timed.later = undefined;
  }

  /** Nobody gets more time. */
  expireAll(): void {
    for (let timed = this.#first; timed !== undefined; timed = this.#first) {
      this.delete(timed);
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
    for (let timed = this.#first; timed !== undefined; timed = this.#first) {
      const left = timed.startedAt + this.#timeoutMs - now;
      // A timer may fire a fraction of a millisecond early.
      if (left >= 1) {
        this.#arm(left);
        return;
      }
      this.delete(timed);
      timed.expire();
    }
  }
}
