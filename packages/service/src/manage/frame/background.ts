/** Work that goes on after its request was answered. */
export class Background {
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** @param work ends early, between two steps, when the signal says so */
  begin(work: (stop: AbortSignal) => Promise<void>): void {
    const running = work(this.#stop.signal)
      .catch(this.#onError)
      .finally(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  /** Waits for the step that is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }
}
