import { RestartPause } from './restart-pause.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface PlaceOptions {
  /** Starts a process for this place. */
  readonly spawn: () => WorkerProcess;
  /** A process serves. */
  readonly onServing: (process: WorkerProcess) => void;
  /** A process died that should live; the next one comes after the pause, in milliseconds. */
  readonly onDeath: (process: WorkerProcess, pauseMs: number) => void;
}

/** How long a process may take until it serves, in milliseconds. */
const START_MS = 60_000;

/** A place for one worker: always a process, one after the other, and two while they are exchanged. */
export class Place {
  readonly #options: PlaceOptions;
  readonly #pause = new RestartPause();
  /** The one that has to live: when it dies, there is a next one. */
  #current: WorkerProcess | null = null;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  /** Whether a first process has come to serve. */
  async start(): Promise<boolean> {
    const process = this.#options.spawn();
    this.#current = process;
    return this.#watch(process);
  }

  /**
   * Puts a new process in the place of the one that it has.
   *
   * @returns the old one, which is still alive (null: there was none); or false when the new one did not come to serve, and all is as before
   */
  async exchange(spawn: () => WorkerProcess): Promise<WorkerProcess | null | false> {
    const old = this.#current;
    clearTimeout(this.#restart);
    // From here on nobody replaces the old one: the new one does.
    this.#current = null;
    const fresh = spawn();
    const serves = await within(fresh, START_MS);
    if (this.#closed) return false;
    if (serves) {
      this.#current = fresh;
      this.#options.onServing(fresh);
      void fresh.gone.then(() => this.#died(fresh));
      return old;
    }
    this.#current = old;
    if (old === null) this.#again(0);
    else void old.gone.then(() => this.#died(old));
    return false;
  }

  /** No next process any more. Gives the one that there is. */
  close(): WorkerProcess | null {
    this.#closed = true;
    clearTimeout(this.#restart);
    return this.#current;
  }

  async #watch(process: WorkerProcess): Promise<boolean> {
    void process.gone.then(() => this.#died(process));
    const serves = await within(process, START_MS);
    if (serves && this.#current === process) this.#options.onServing(process);
    return serves;
  }

  #died(process: WorkerProcess): void {
    if (this.#closed || this.#current !== process) return;
    this.#current = null;
    const pauseMs = this.#pause.after(process.readyAt === undefined ? 0 : performance.now() - process.readyAt);
    this.#options.onDeath(process, pauseMs);
    this.#again(pauseMs);
  }

  #again(pauseMs: number): void {
    this.#restart = setTimeout(() => void this.start(), pauseMs);
  }
}

/** Whether it comes to serve in time; it is ended when it does not. */
async function within(process: WorkerProcess, ms: number): Promise<boolean> {
  const timer = setTimeout(() => process.kill(), ms);
  const serves = await process.ready;
  clearTimeout(timer);
  return serves;
}
