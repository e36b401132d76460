import type { OperationOutcome, PeopleStore, WaitingOperation } from 'halyard/host';

export interface BatcherOptions {
  readonly store: Pick<PeopleStore, 'apply'>;
  /** Operations that one transaction takes at most (I131). */
  readonly size: number;
  /** Transactions at the same time. */
  readonly lanes: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Hears what became of operations. */
  readonly onStored: (batch: readonly WaitingOperation[], outcomes: readonly OperationOutcome[]) => void;
  /** Hears why a batch could not be stored; it is tried again. */
  readonly onAway: (error: unknown) => void;
  /** Pause before the next try while the database is away, in ms. Default a second (I175). */
  readonly probeMs?: number;
}

/** Operations of one request. They are stored in their order, so never two batches of them at a time (I132). */
interface Waiting {
  readonly operations: readonly WaitingOperation[];
  readonly since: number;
  /** How many of the first ones were in a batch that is committed. */
  done: number;
  /** Those of them that were not stored all the same (I144). */
  readonly failed: WaitingOperation[];
  isSettled: boolean;
  settle(): void;
}

const PROBE_MS = 1_000;

/**
 * Stores operations of many requests together: as many as wait whenever a connection is free, up to a bound, and never by a timer (I131).
 * While the database is away everybody waits, and one batch looks each second whether it is back (I175).
 */
export class Batcher {
  readonly #options: BatcherOptions;
  #queue: Waiting[] = [];
  #running = 0;
  #isAway = false;
  #probe: NodeJS.Timeout | undefined;
  #scheduled = false;
  #idle: (() => void)[] = [];
  /** Requests that have been neither stored nor given up. */
  readonly #open = new Set<Waiting>();

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** The database could not be used the last time. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** For how long the oldest request has waited, in ms. */
  get oldestMs(): number {
    const [oldest] = this.#open;
    return oldest === undefined ? 0 : performance.now() - oldest.since;
  }

  /**
   * Stores the operations of a request. Never rejects.
   *
   * @param untilMs how long to wait for that, in ms
   * @returns those that are not committed: none, or some when the time was over. They may be committed later all the same.
   */
  store(operations: readonly WaitingOperation[], untilMs: number): Promise<readonly WaitingOperation[]> {
    return new Promise((resolve) => {
      const settle = (): void => {
        if (waiting.isSettled) return;
        waiting.isSettled = true;
        clearTimeout(timer);
        this.#open.delete(waiting);
        resolve([...waiting.failed, ...operations.slice(waiting.done)]);
        this.#tellIdle();
      };
      const waiting: Waiting = { operations, since: performance.now(), done: 0, failed: [], isSettled: false, settle };
      const timer = setTimeout(settle, untilMs);
      this.#open.add(waiting);
      this.#queue.push(waiting);
      this.#schedule();
    });
  }

  /** Resolves when nothing waits any more; what still does at the end of the time is given up. */
  async drained(withinMs: number): Promise<void> {
    const giveUp = setTimeout(() => {
      for (const waiting of this.#open) waiting.settle();
      for (const tell of this.#idle.splice(0)) tell();
    }, withinMs);
    if (this.#open.size > 0 || this.#running > 0) {
      await new Promise<void>((resolve) => void this.#idle.push(resolve));
    }
    clearTimeout(giveUp);
    clearTimeout(this.#probe);
  }

  /** In the next turn, so that whatever came in this one goes together. */
  #schedule(): void {
    if (this.#scheduled || this.#isAway) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#begin();
    });
  }

  #begin(): void {
    while (!this.#isAway && this.#running < this.#options.lanes) {
      const parts = this.#next();
      if (parts.length === 0) return;
      void this.#run(parts);
    }
  }

  /** The first requests in line and how many operations of each; they leave the line. */
  #next(): { waiting: Waiting; count: number }[] {
    const parts: { waiting: Waiting; count: number }[] = [];
    let room = this.#options.size;
    let taken = 0;
    for (const waiting of this.#queue) {
      if (room === 0) break;
      taken += 1;
      if (waiting.isSettled) continue;
      const count = Math.min(room, waiting.operations.length - waiting.done);
      parts.push({ waiting, count });
      room -= count;
    }
    this.#queue = this.#queue.slice(taken);
    return parts;
  }

  async #run(parts: readonly { waiting: Waiting; count: number }[]): Promise<void> {
    this.#running += 1;
    const { store, clock, onStored, onAway } = this.#options;
    const batch = parts.flatMap(({ waiting: { operations, done }, count }) => operations.slice(done, done + count));
    try {
      const outcomes = await store.apply(batch, clock());
      let at = 0;
      for (const { waiting, count } of parts) {
        for (const { outcome } of outcomes.slice(at, at + count)) {
          if (outcome === 'not_persisted') waiting.failed.push(batch[at] as WaitingOperation); // one outcome for each
          at += 1;
        }
        waiting.done += count;
      }
      this.#isAway = false;
      onStored(batch, outcomes);
    } catch (error) {
      this.#isAway = true;
      onAway(error);
      this.#planProbe();
    }
    this.#running -= 1;
    // Whoever is not done goes on first, as he was first before.
    const left = parts.map(({ waiting }) => waiting).filter(({ isSettled }) => !isSettled);
    const [done, undone] = [left.filter(isDone), left.filter((waiting) => !isDone(waiting))];
    this.#queue = [...undone, ...this.#queue];
    for (const waiting of done) waiting.settle();
    this.#begin();
    this.#tellIdle();
  }

  /** One batch, though the database is away. */
  #planProbe(): void {
    clearTimeout(this.#probe);
    this.#probe = setTimeout(() => {
      if (this.#running > 0) return;
      const parts = this.#next();
      if (parts.length > 0) void this.#run(parts);
      // Nobody waits: whoever comes next looks.
      else this.#isAway = false;
    }, this.#options.probeMs ?? PROBE_MS);
  }

  #tellIdle(): void {
    if (this.#open.size === 0 && this.#running === 0) for (const tell of this.#idle.splice(0)) tell();
  }
}

function isDone({ operations, done }: Waiting): boolean {
  return done === operations.length;
}
