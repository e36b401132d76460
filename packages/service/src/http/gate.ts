import { Line } from './line.ts';

/** Work that may have to wait for its turn. */
export interface Job {
  /** True when nobody waits for it any more; it is then dropped instead of started. */
  readonly settled: boolean;
  start(): void;
  /** It has waited for too long and will not be started. */
  refuse(): void;
}

export interface GateOptions {
  /** Jobs that run at once. */
  readonly limit: number;
  /** Jobs that may wait. */
  readonly queue: number;
  /** How long a job may wait, in milliseconds. While one has waited half as long, nobody is let in behind it. */
  readonly patienceMs: number;
}

interface Waiting {
  readonly job: Job;
  readonly since: number;
}

/**
 * Bounds how much runs at once, and how much and how long may wait for it (H219). A number alone would not do: how long the last
 * in line waits depends on how fast the others are served, and that is what an overload changes.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #waiting = new Line<Waiting>();
  #running = 0;
  #refilling = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Starts the job, now or later. False: too many wait already, or too long. A started job must `leave` once. */
  admit(job: Job): boolean {
    if (this.#running < this.#options.limit) {
      this.#running++;
      job.start();
      return true;
    }
    const now = performance.now();
    if (this.#isFull(now)) {
      this.#dropSettled();
      if (this.#isFull(now)) return false;
    }
    this.#waiting.push({ job, since: now });
    if (this.#timer === undefined) this.#timer = this.#arm(this.#options.patienceMs);
    return true;
  }

  /** Gives a finished job's place to the one that has waited longest. */
  leave(): void {
    this.#running--;
    // A job that ends at once leaves from within this loop, which then goes on; no call stack grows with the queue.
    if (this.#refilling) return;
    if (this.#waiting.length === 0) return;
    this.#refilling = true;
    this.#refuseLate();
    while (this.#running < this.#options.limit) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      if (next.job.settled) continue;
      this.#running++;
      next.job.start();
    }
    this.#refilling = false;
  }

  #isFull(now: number): boolean {
    const { queue, patienceMs } = this.#options;
    const { first } = this.#waiting;
    return this.#waiting.length >= queue || (first !== undefined && now - first.since > patienceMs / 2);
  }

  #dropSettled(): void {
    this.#waiting.keep(({ job }) => !job.settled);
  }

  #refuseLate(): void {
    const latest = performance.now() - this.#options.patienceMs;
    for (let { first } = this.#waiting; first !== undefined && first.since < latest; { first } = this.#waiting) {
      this.#waiting.shift();
      if (!first.job.settled) first.job.refuse();
    }
  }

  /** The first in line is the first to run out of patience: one timer is enough. */
  #arm(delay: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timer = undefined;
      this.#refuseLate();
      const { first } = this.#waiting;
      // One more millisecond, so that it has waited for longer then.
      if (first !== undefined) this.#timer = this.#arm(first.since + this.#options.patienceMs - performance.now() + 1);
    }, delay);
    timer.unref();
    return timer;
  }
}
