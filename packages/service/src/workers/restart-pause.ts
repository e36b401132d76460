/** A worker that has served this long was healthy, in milliseconds. */
const HEALTHY_MS = 1_000;

const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** How long to wait before a dead worker is replaced: not at all at first, then longer and longer until one lives for a while. */
export class RestartPause {
  #deaths = 0;

  /**
   * Milliseconds to wait now that a worker is dead.
   *
   * @param servedMs how long it had served; 0: it never came to that
   */
  after(servedMs: number): number {
    if (servedMs >= HEALTHY_MS) this.#deaths = 0;
    const pause = this.#deaths === 0 ? 0 : Math.min(FIRST_MS * 2 ** (this.#deaths - 1), LONGEST_MS);
    this.#deaths++;
    return pause;
  }
}
