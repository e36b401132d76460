import type { FactPlan, Facts } from '@halyard/engine';
import type { FactSource } from './ports.ts';
import { failedFacts } from './statements/facts-from-row.ts';
import { StoreError } from './store-error.ts';

interface Load {
  readonly startedAt: number;
  readonly giveUp: () => void;
}

/**
 * Facts in time or not at all: what takes longer is a time-out of every part that was asked for (E163), so that the flags which
 * need no facts are still answered within the request's time (H218). The limits of single statements do not add up to that: a
 * statement also waits for those that are under way before it.
 */
export class BoundedFactSource implements FactSource {
  readonly #source: FactSource;
  readonly #limitMs: number;
  readonly #onLate: ((error: StoreError) => void) | undefined;
  /** In the order of their start, which is the order in which they run out of time: one timer is enough. */
  readonly #loads = new Set<Load>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onLate told of every load that is given up; its work goes on unheard */
  constructor(source: FactSource, limitMs: number, onLate?: (error: StoreError) => void) {
    this.#source = source;
    this.#limitMs = limitMs;
    this.#onLate = onLate;
  }

  load(plan: FactPlan): Promise<Facts> {
    return new Promise((resolve, reject) => {
      const load: Load = {
        startedAt: performance.now(),
        giveUp: () => {
          const error = new StoreError('timeout', 'facts', `not there within ${this.#limitMs} ms`);
          this.#onLate?.(error);
          resolve(failedFacts(plan, error));
        },
      };
      this.#loads.add(load);
      if (this.#timer === undefined) this.#arm(this.#limitMs);
      this.#source
        .load(plan)
        .finally(() => this.#loads.delete(load))
        .then(resolve, reject);
    });
  }

  #arm(delay: number): void {
    this.#timer = setTimeout(() => this.#sweep(), delay);
    this.#timer.unref();
  }

  #sweep(): void {
    this.#timer = undefined;
    for (const load of this.#loads) {
      const left = load.startedAt + this.#limitMs - performance.now();
      // A timer may fire a fraction of a millisecond early.
      if (left >= 1) {
        this.#arm(left);
        return;
      }
      this.#loads.delete(load);
      load.giveUp();
    }
  }
}
