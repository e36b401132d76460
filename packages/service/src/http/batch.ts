/** A request in the steps that follow its arrival. */
export interface Steps {
  evaluate(): void;
  /** Instead of `evaluate`: there is no time for it. */
  shed(): void;
  write(): void;
  log(): void;
}

/** Requests that take a step together; more would keep the first of them waiting for its answer. */
const TOGETHER = 32;

/**
 * Does step by step, for all of them, what has become ready in the same turn of the event loop: evaluates a batch, then
 * writes its answers, then its log lines. One request after the other would be the obvious way, and costs a third more
 * processor time under load: each system call between two evaluations throws the code and data of the engine out of the
 * processor's caches.
 */
export class Batch {
  #arrived: Steps[] = [];
  #answered: Steps[] = [];
  #scheduled = false;
  readonly #budgetMs: number;

  /**
   * @param budgetMs what one turn may take to evaluate. Whoever waits behind it waits unseen, in the system's buffers, so the
   *   rest of a turn that takes longer is shed.
   */
  constructor(budgetMs: number) {
    this.#budgetMs = budgetMs;
  }

  /** The request is complete: `evaluate` it. */
  arrived(request: Steps): void {
    this.#arrived.push(request);
    this.#schedule();
  }

  /** The answer is there: `write` and `log` it. */
  answered(request: Steps): void {
    this.#answered.push(request);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    const begun = performance.now();
    for (let start = 0; start < arrived.length; start += TOGETHER) {
      const end = Math.min(start + TOGETHER, arrived.length);
      const late = start > 0 && performance.now() - begun > this.#budgetMs;
      for (let i = start; i < end; i++) {
        if (late) arrived[i]?.shed();
        else arrived[i]?.evaluate();
      }
      this.#finish();
    }
    this.#finish();
    this.#scheduled = false;
  }

  #finish(): void {
    const answered = this.#answered;
    this.#answered = [];
    for (const request of answered) request.write();
    for (const request of answered) request.log();
  }
}
