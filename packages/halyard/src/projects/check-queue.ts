/** Runs tasks in order, a few at a time; urgent ones before the others. */
export class CheckQueue {
  readonly #most: number;
  readonly #urgent: (() => Promise<void>)[] = [];
  readonly #ordinary: (() => Promise<void>)[] = [];
  #running = 0;
  #closed = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** Tasks must not reject. */
  add(task: () => Promise<void>, urgent: boolean): void {
    if (this.#closed) return;
    (urgent ? this.#urgent : this.#ordinary).push(task);
    this.#serve();
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#urgent.length + this.#ordinary.length;
  }

  /** Forgets what has not begun. */
  close(): void {
    this.#closed = true;
    this.#urgent.length = 0;
    this.#ordinary.length = 0;
  }

  #serve(): void {
    while (this.#running < this.#most) {
      const task = this.#urgent.shift() ?? this.#ordinary.shift();
      if (task === undefined) return;
      this.#running++;
      void task().finally(() => {
        this.#running--;
        this.#serve();
      });
    }
  }
}
