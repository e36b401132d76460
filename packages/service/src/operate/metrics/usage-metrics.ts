import type { UsageCounters } from 'halyard/host';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What of the counters is watched. */
export type WatchedUsage = Pick<UsageCounters, 'pendingEntries' | 'pendingRequests' | 'secondsSinceFlush'>;

const FLUSH_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

/** How the counting of usage in Redis fares (H230). */
export class UsageMetrics {
  /** What the counters call. */
  readonly hooks: {
    onUnflushed(cause: string, requests: number): void;
    onFlush(flush: { readonly ms: number; readonly requests: number; readonly error: string | null }): void;
  };
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
    const registers = [registry];
    const written = new Counter({
      name: 'flags_billing_entries_flushed_total',
      help: 'Requests whose count was written to Redis.',
      registers,
    });
    const errors = new Counter({
      name: 'flags_billing_flush_errors_total',
      help: 'Attempts to write counts that failed, by class.',
      labelNames: ['error_type'],
      registers,
    });
    const times = new Histogram({
      name: 'flags_billing_flush_duration_ms',
      help: 'Time of an attempt to write counts.',
      buckets: FLUSH_MS,
      registers,
    });
    const unflushed = new Counter({
      name: 'flags_billing_unflushed_requests_total',
      help: 'Requests whose count was not written: lost (cap_drop, shutdown_drop), or kept for the next time (redis_error).',
      labelNames: ['cause'],
      registers,
    });
    this.hooks = {
      onUnflushed: (cause, requests) => unflushed.inc({ cause }, requests),
      onFlush: ({ ms, requests, error }) => {
        times.observe(ms);
        written.inc(requests);
        if (error !== null) errors.inc({ error_type: error });
      },
    };
  }

  /** Adds what is read at every scrape. */
  watch(usage: WatchedUsage): void {
    const gauge = (name: string, help: string, read: () => number, aggregator: 'sum' | 'max' = 'sum'): void => {
      this.#registry.registerMetric(
        new Gauge({
          name,
          help,
          aggregator,
          registers: [],
          collect() {
            this.set(read());
          },
        }),
      );
    };
    gauge('flags_billing_pending_entries', 'Keys whose counts wait to be written.', () => usage.pendingEntries);
    gauge('flags_billing_pending_records', 'Requests that they count.', () => usage.pendingRequests);
    gauge(
      'flags_billing_seconds_since_successful_flush',
      'Since all counts were written; 0 before the first time.',
      () => usage.secondsSinceFlush,
      'max',
    );
  }
}
