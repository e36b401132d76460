import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { MetricValues } from './messages.ts';
import type { WorkerProcess } from './worker-process.ts';

/**
 * The metrics of all workers and of the primary as one page, whichever worker is asked for it. What a dead worker had counted stays in the
 * sums, as far as it was told: a counter that falls would look like a restart of the service.
 */
export class GatheredMetrics {
  readonly #registry = new Registry();
  readonly #restarts: Counter;
  readonly #workers: () => readonly WorkerProcess[];
  /** What the dead have counted. */
  #past: Promise<readonly MetricValues[]> = Promise.resolve([]);

  /** @param workers those that serve at this moment */
  constructor(workers: () => readonly WorkerProcess[]) {
    this.#workers = workers;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#restarts = new Counter({
      name: 'halyard_worker_restarts_total',
      help: 'Workers started again after they had died.',
      registers,
    });
    this.#registry.registerMetric(
      new Gauge({
        name: 'halyard_workers',
        help: 'Workers that serve.',
        registers: [],
        collect() {
          this.set(workers().length);
        },
      }),
    );
  }

  restarted(): void {
    this.#restarts.inc();
  }

  /** Keeps what a worker counted, now that it is dead. */
  keep({ metrics }: WorkerProcess): void {
    const counted = metrics.filter((metric) => ['counter', 'histogram'].includes((metric as { type: string }).type));
    this.#past = this.#past.then((past) => valuesOf(together([past, counted])));
  }

  /** The text of a scrape. */
  async text(): Promise<string> {
    const told = this.#workers().map((worker) => worker.freshMetrics());
    return together(await Promise.all([valuesOf(this.#registry), ...told, this.#past])).metrics();
  }
}

function together(all: readonly (readonly MetricValues[])[]): Registry {
  return AggregatorRegistry.aggregate(all.map((values) => [...values]));
}

/** The metrics of a registry in the form in which they are sent and put together. */
export async function valuesOf(registry: Registry): Promise<readonly MetricValues[]> {
  return registry.getMetricsAsJSON();
}
