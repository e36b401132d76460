import { Line } from './line.ts';

/** A request in the steps that follow its arrival. */
export interface Steps {
  /** When it was complete, on the clock of `performance.now()`. */
  readonly arrivedAt: number;
  evaluate(): void;
  /** Instead of `evaluate`: there is no time for it. */
  shed(): void;
  write(): void;
  log(): void;
}

export interface BatchOptions {
  /**
   * How long requests may wait in line, in milliseconds. Who arrives while the first has waited three quarters as long is shed at once: it
   * would wait as long.
   */
  readonly patienceMs: number;
  /** How many connections have been taken so far, those included that were closed at once. */
  readonly connections?: () => number;
  /** Told when new connections are better closed at once, and when they are welcome again. */
  readonly onClosing?: (isClosing: boolean) => void;
}

/** Requests that take a step together; more would keep the first of them waiting for its answer. */
const TOGETHER = 32;

/**
 * How long a turn of the event loop may evaluate: everybody who has not been seen yet waits for its end. As long as was spent on reading
 * where that was more, up to a share of the patience: else the line would grow while much is read.
 */
const TURN_MS = 8;
const SHARE_OF_PATIENCE = 1 / 8;

/** When the first has waited for this share of the patience, nobody is let in: who comes would wait as long, or longer. */
const BEHIND = 0.75;

/** After this share of it a request is shed: by the time its turn comes round and the refusal is written, the rest is over. */
const SHED = 0.9;

/** After how many requests the clock is looked at. */
const LOOK = 4;

/** How long new connections may keep evaluation waiting. The loop takes one of them in a turn, so many come by many short turns only. */
const TAKING_MS = 3;

/**
 * Turns are longer in which kept connections are read or the database answers. They bring one connection as well, but are work that had to
 * be done: they do not count, and as much time is added for taking. Otherwise a rush would be taken over seconds, and nobody would see that
 * it waits. Evaluation waits for a share of the patience at most; by then what the database still had to say has been said.
 */
const LONG_TURN_MS = 0.5;
const TAKING_SHARE_OF_PATIENCE = 1 / 4;

/**
 * When too many come, they are closed at once, for so long at first, twice as long the next time, until the system has no more for us: as
 * few as will do are turned away.
 */
const CLOSING_MS = 1;
const LONGEST_CLOSING_MS = 16;

/** Fewer are no flood, however slowly they are taken. */
const FLOOD = 1_000;

/**
 * When so many have come in half a second or a whole one, new ones are closed for the line's sake, too: from the time when the first in it
 * has waited for the one share of the patience until it is down to the other. Reading a request and refusing it costs many times as much
 * as closing its connection. Fewer may come in a rush and stay; they are served.
 */
const LASTING_FLOOD = 2_000;
const LASTING_MS = 500;
const LATE = 1 / 4;
const SHORT_AGAIN = 1 / 8;

/** From one time to the next. */
const CLOSING_EVERY_MS = 25;

/**
 * Does step by step, for all of them, what has become ready in the same turn of the event loop: evaluates a batch, then
 * writes its answers, then its log lines. One request after the other would be the obvious way, and costs a third more
 * processor time under load: each system call between two evaluations throws the code and data of the engine out of the
 * processor's caches.
 *
 * What a turn has no time for stays in line, where it is seen how long it waits (H219 (R)); in the system's buffers, it is not.
 */
export class Batch {
  readonly #options: BatchOptions;
  readonly #arrived = new Line<Steps>();
  #answered: Steps[] = [];
  /** How many of those in line have seen a turn pass. */
  #left = 0;
  /** They have waited for so long that it makes no sense to join them. */
  #isBehind = false;
  #scheduled = false;
  /** What a request took in the last turn. */
  #costMs = 0;
  /** When the last turn had done its work. */
  #ended = 0;
  #connections = 0;
  /** When the last half a second began, how many there were then, and half a second before. */
  #halfBegan = 0;
  #countThen = 0;
  #countBefore = 0;
  #moreFrom = 0;
  #isClosing = false;
  #closingMs = CLOSING_MS;
  #nextClosing = 0;
  /** Until when turns are for new connections only, and until when at the latest. */
  #takingUntil: number | undefined = undefined;
  #takingLatest = 0;
  /** Since when every turn has brought one, so that the system may have more for us. */
  #moreSince: number | undefined = undefined;

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  /** The request is complete: `evaluate` it, or `shed` it when others have waited too long already. */
  arrived(request: Steps): void {
    if (this.#isBehind) request.shed();
    else this.#arrived.push(request);
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
    const begun = performance.now();
    if (!this.#isTaking(begun)) this.#evaluate(begun);
    this.#finish();
    this.#scheduled = false;
    this.#left = this.#arrived.length;
    this.#ended = performance.now();
    // A line that is soon done with waited for a turn that read much, and refusing it would help nobody.
    const isLong = this.#left * this.#costMs > this.#options.patienceMs * SHARE_OF_PATIENCE;
    this.#isBehind = isLong && this.#waitMs(this.#ended) > this.#options.patienceMs * BEHIND;
    // While connections come, every turn is looked at, also when nobody asks: who closes them must see that there are no more.
    if (this.#left > 0 || this.#moreSince !== undefined || this.#isClosing) this.#schedule();
  }

  #evaluate(begun: number): void {
    const { patienceMs } = this.#options;
    const latest = begun - patienceMs * SHED;
    const budget = Math.max(TURN_MS, Math.min(begun - this.#ended, patienceMs * SHARE_OF_PATIENCE));
    let evaluated = 0;
    while (this.#arrived.length > 0) {
      for (let i = 0; i < TOGETHER; i++) {
        const next = this.#arrived.shift();
        if (next === undefined) break;
        // Who came since the last turn waited for that alone, and nobody could have done better.
        evaluated++;
        if (this.#isBehind && this.#left-- > 0 && next.arrivedAt < latest) next.shed();
        else next.evaluate();
        if (i % LOOK !== 0) continue;
        const taken = performance.now() - begun;
        this.#costMs = taken / evaluated;
        if (taken > budget) return;
      }
      this.#finish();
    }
  }

  /** Whether this turn brought a connection, so that the next may bring another one, and evaluation can wait for it. */
  #isTaking(now: number): boolean {
    const count = this.#options.connections?.() ?? 0;
    const isNew = count !== this.#connections;
    this.#connections = count;
    const sinceThen = now - this.#halfBegan;
    if (sinceThen > LASTING_MS) {
      // Without turns there was nothing to be done, so whatever came in between was no flood.
      this.#countBefore = sinceThen > 2 * LASTING_MS ? count : this.#countThen;
      this.#countThen = count;
      this.#halfBegan = now;
    }
    if (!isNew) {
      this.#takingUntil = undefined;
      this.#moreSince = undefined;
      this.#closingMs = CLOSING_MS;
      this.#setClosing(this.#isFlooded(now));
      return false;
    }
    if (this.#moreSince === undefined) {
      this.#moreSince = now;
      this.#moreFrom = count;
    }
    if (this.#takingUntil === undefined) {
      this.#setClosing(this.#isFlooded(now));
      this.#takingUntil = now + TAKING_MS;
      this.#takingLatest = now + this.#options.patienceMs * TAKING_SHARE_OF_PATIENCE;
    } else if (!this.#isClosing && now - this.#ended > LONG_TURN_MS) {
      this.#takingUntil += (now - this.#ended) * 2;
    }
    if (now <= Math.min(this.#takingUntil, this.#takingLatest)) return true;
    this.#takingUntil = undefined;
    if (this.#isClosing) {
      this.#setClosing(this.#isFlooded(now));
    } else if (now >= this.#nextClosing && this.#areManyHidden(now)) {
      this.#setClosing(true);
      this.#takingUntil = now + this.#closingMs;
      this.#nextClosing = now + this.#closingMs + CLOSING_EVERY_MS;
      this.#closingMs = Math.min(this.#closingMs * 2, LONGEST_CLOSING_MS);
      return true;
    }
    return false;
  }

  /** Connections come faster than they are taken, and those wait too long that the system has for us. */
  #areManyHidden(now: number): boolean {
    if (this.#connections - this.#moreFrom < FLOOD) return false;
    return now - (this.#moreSince ?? now) > this.#options.patienceMs / 2;
  }

  /** Many have come, and who is here waits too long already. Reading and refusing one costs many times what closing it does. */
  #isFlooded(now: number): boolean {
    if (this.#connections - this.#countBefore < LASTING_FLOOD) return false;
    return this.#waitMs(now) > this.#options.patienceMs * (this.#isClosing ? SHORT_AGAIN : LATE);
  }

  /** How long the first in line has waited, in milliseconds. */
  #waitMs(now: number): number {
    const { first } = this.#arrived;
    return first === undefined ? 0 : now - first.arrivedAt;
  }

  #setClosing(isClosing: boolean): void {
    if (isClosing === this.#isClosing) return;
    this.#isClosing = isClosing;
    this.#options.onClosing?.(isClosing);
  }

  #finish(): void {
    const answered = this.#answered;
    if (answered.length === 0) return;
    this.#answered = [];
    for (const request of answered) request.write();
    for (const request of answered) request.log();
  }
}
