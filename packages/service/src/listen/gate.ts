/** Work that may have to wait for its turn. */
export interface Job {
  /** True when nobody waits for it any more; it is then dropped instead of started. */
  readonly settled: boolean;
  start(): void;
}

/** Bounds how much runs at once, and how much may wait for it (H219). */
export class Gate {
  readonly #limit: number;
  readonly #queueLimit: number;
  readonly #waiting: Job[] = [];
  #running = 0;
  #refilling = false;

  constructor(limit: number, queueLimit: number) {
    this.#limit = limit;
    this.#queueLimit = queueLimit;
  }

  /** Starts the job, now or later. False: too many wait already. A started job must `leave` once. */
  admit(job: Job): boolean {
    if (this.#running < this.#limit) {
      this.#running++;
      job.start();
      return true;
    }
    if (this.#waiting.length >= this.#queueLimit) this.#dropSettled();
    if (this.#waiting.length >= this.#queueLimit) return false;
    this.#waiting.push(job);
    return true;
  }

  /** Gives a finished job's place to the one that has waited longest. */
  leave(): void {
    this.#running--;
    // A job that ends at once leaves from within this loop, which then goes on; no call stack grows with the queue.
    if (this.#refilling) return;
    this.#refilling = true;
    while (this.#running < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      if (next.settled) continue;
      this.#running++;
      next.start();
    }
    this.#refilling = false;
  }

  #dropSettled(): void {
    const alive = this.#waiting.filter((job) => !job.settled);
    this.#waiting.splice(0, this.#waiting.length, ...alive);
  }
}
