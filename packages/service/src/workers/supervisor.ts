import type { Logger } from 'pino';
import type { Address } from '../http/bind.ts';
import type { Settings } from '../operate/settings/table.ts';
import type { Dispatcher } from './dispatcher.ts';
import { GatheredMetrics } from './gathered-metrics.ts';
import { Place } from './place.ts';
import { shareOf } from './share.ts';
import { WorkerProcess, type WorkerProgram } from './worker-process.ts';

export interface SupervisorOptions {
  readonly program: WorkerProgram;
  readonly dispatcher: Dispatcher;
  readonly address: Address;
  readonly logger: Logger;
}

/** Keeps as many workers alive as the settings want. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #places: Place[] = [];
  /** All that live, those included that do not serve yet or no more. */
  readonly #alive = new Set<WorkerProcess>();
  readonly #metrics = new GatheredMetrics(() => [...this.#alive].filter(({ readyAt }) => readyAt !== undefined));
  #settings: Settings;
  #closing = false;
  #exchanging: Promise<void> = Promise.resolve();

  /** @param settings of the whole service */
  constructor(settings: Settings, options: SupervisorOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  /** Resolves when all serve. Rejects when one of them does not come to it; it has told why on standard error. */
  async start(): Promise<void> {
    const started = Array.from({ length: this.#settings.workers }, () => this.#addPlace().start());
    if (!(await Promise.all(started)).every(Boolean)) throw new Error('A worker did not start.');
  }

  /**
   * Exchanges all workers for new ones with these settings, one after the other: the old one ends its work when the new one serves. When a new
   * one does not come to serve, the log says so, and the others stay as they are. Never rejects.
   */
  exchange(settings: Settings): Promise<void> {
    this.#exchanging = this.#exchanging.then(() => this.#exchangeAll(settings));
    return this.#exchanging;
  }

  /** How many workers serve. */
  get serving(): number {
    return [...this.#alive].filter(({ readyAt }) => readyAt !== undefined).length;
  }

  /** Lets all of them say that they are not ready. */
  drain(): void {
    for (const process of this.#alive) process.tell({ kind: 'drain' });
  }

  /** Ends all of them within `leftMs` milliseconds. */
  async close(leftMs: number): Promise<void> {
    this.#closing = true;
    for (const place of this.#places) place.close();
    await Promise.all([...this.#alive].map((process) => process.stop(leftMs)));
  }

  #addPlace(): Place {
    const worker = this.#places.length + 1;
    const { dispatcher, logger } = this.#options;
    const place = new Place({
      spawn: () => this.#spawn(worker, this.#settings),
      onServing: (process) => dispatcher.join(process),
      onDeath: ({ pid }, pauseMs) => {
        this.#metrics.restarted();
        logger.error({ worker, pid, pause_ms: pauseMs }, 'a worker died and is started again');
      },
    });
    this.#places.push(place);
    return place;
  }

  #spawn(worker: number, settings: Settings): WorkerProcess {
    const { program, dispatcher, address } = this.#options;
    const process = new WorkerProcess(program, worker, shareOf(settings, settings.workers), address, {
      taken: (id) => dispatcher.taken(process, id),
      wantsPage: () => this.#metrics.text(),
      wantsRecent: (teamId) => this.#recent(teamId),
    });
    this.#alive.add(process);
    void this.#bury(process);
    return process;
  }

  /** What each worker that serves remembers of a project's requests. */
  async #recent(teamId: number): Promise<readonly string[]> {
    const serving = [...this.#alive].filter(({ readyAt }) => readyAt !== undefined);
    const told = await Promise.all(serving.map((process) => process.recent(teamId)));
    return told.filter((text) => text !== null);
  }

  async #bury(process: WorkerProcess): Promise<void> {
    await process.gone;
    this.#alive.delete(process);
    this.#options.dispatcher.lost(process);
    this.#metrics.keep(process);
  }

  async #exchangeAll(settings: Settings): Promise<void> {
    const { logger } = this.#options;
    for (let worker = 1; worker <= settings.workers; worker++) {
      if (this.#closing) return;
      const place = this.#places[worker - 1] ?? this.#addPlace();
      const old = await place.exchange(() => this.#spawn(worker, settings));
      if (old === false) {
        logger.error({ worker }, 'a worker does not start with the new settings; the old ones stay');
        return;
      }
      this.#settings = settings;
      if (old !== null) await this.#retire(old);
    }
    for (const place of this.#places.splice(settings.workers)) {
      const old = place.close();
      if (old !== null) await this.#retire(old);
    }
    logger.info({ workers: settings.workers }, 'all workers have been exchanged');
  }

  async #retire(old: WorkerProcess): Promise<void> {
    this.#options.dispatcher.retire(old);
    await old.stop(this.#settings.shutdownMs);
  }
}
