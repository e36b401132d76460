/**
 * Cuts long work into pieces so that others are served between them: a turn of the event loop takes one piece at most, however much work
 * is cut up at the same time. A piece must take some ten milliseconds at most.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  /** Resolves in a later turn of the event loop, which no other piece of work has. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#isRunning) return;
      this.#isRunning = true;
      setImmediate(() => this.#run());
    });
  }

  /**
   * Goes through work that is cut up already, a piece in each turn. What it throws is thrown here. Without a promise when it was but one
   * piece.
   */
  through<Result>(pieces: Generator<void, Result, void>): Result | Promise<Result> {
    const { done, value } = pieces.next();
    return done === true ? value : this.#rest(pieces);
  }

  async #rest<Result>(pieces: Generator<void, Result, void>): Promise<Result> {
    for (;;) {
      await this.next();
      const { done, value } = pieces.next();
      if (done === true) return value;
    }
  }

  #run(): void {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#run());
    else this.#isRunning = false;
  }
}
