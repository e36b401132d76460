import type { PoolState, RegistryMetrics, StatementEvent } from 'halyard/host';
import {
  type Aggregator,
  Counter,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  Registry,
} from 'prom-client';
import type { HttpResponse } from '../../http/messages.ts';
import type { RequestRecord } from '../../http/request-record.ts';
import type { AccessLog, Timings } from '../log/access-log.ts';
import { definitionsMetrics } from './definitions-metrics.ts';
import { evaluationMetrics } from './evaluation-metrics.ts';
import { guardMetrics } from './guard-metrics.ts';
import type { EventMeters } from '../../events/event-meters.ts';
import { ingestMetrics, type WaitingEvents } from './ingest-metrics.ts';
import { UsageMetrics } from './usage-metrics.ts';

/** What is asked for at the moment of a scrape. */
export interface MetricSources {
  readonly pools: () => readonly PoolState[];
  readonly projects: () => RegistryMetrics;
}

const REQUEST_MS = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];
const STATEMENT_MS = [0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 3000];

/** The service's metrics, in Prometheus' terms. Names are listed in `docs/metrics.md` (H230), and a test compares the two. */
export class Metrics {
  readonly #registry = new Registry();
  #usage: UsageMetrics | undefined;
  readonly #requests: Counter<'status'>;
  readonly #faults: Counter;
  readonly #timeouts: Counter;
  readonly #durations: Histogram;
  readonly #waits: Histogram;
  readonly #statements: Counter<'pool' | 'outcome'>;
  readonly #statementTimes: Histogram<'pool'>;
  readonly #acquireTimes: Histogram<'pool'>;
  readonly #countGuards: (record: RequestRecord) => void;
  readonly #countDefinitions: (record: RequestRecord) => void;
  readonly #countEvaluation: (record: RequestRecord, timings: Timings) => void;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#countGuards = guardMetrics(this.#registry);
    this.#countDefinitions = definitionsMetrics(this.#registry);
    this.#countEvaluation = evaluationMetrics(this.#registry);
    this.#requests = new Counter({
      name: 'flags_requests_total',
      help: 'Requests answered, by status.',
      labelNames: ['status'],
      registers,
    });
    this.#faults = new Counter({
      name: 'flags_request_faults_total',
      help: 'Answers with a status of 500 and above.',
      registers,
    });
    this.#timeouts = new Counter({
      name: 'flags_request_timeout_total',
      help: 'Requests that took too long.',
      registers,
    });
    this.#durations = new Histogram({
      name: 'flags_requests_duration_ms',
      help: 'Time from the first byte to the answer, probes left out.',
      buckets: REQUEST_MS,
      registers,
    });
    this.#waits = new Histogram({
      name: 'flags_concurrency_limit_wait_ms',
      help: 'Wait for a turn.',
      buckets: REQUEST_MS,
      registers,
    });
    this.#statements = new Counter({
      name: 'halyard_statements_total',
      help: 'Statements ended, by pool and outcome (ok, or the class of the failure).',
      labelNames: ['pool', 'outcome'],
      registers,
    });
    this.#statementTimes = new Histogram({
      name: 'halyard_statement_duration_ms',
      help: 'Time of a statement, its wait for a connection included.',
      labelNames: ['pool'],
      buckets: STATEMENT_MS,
      registers,
    });
    this.#acquireTimes = new Histogram({
      name: 'flags_db_connection_time',
      help: 'Wait of a statement for a place on a connection, in milliseconds.',
      labelNames: ['pool'],
      buckets: STATEMENT_MS,
      registers,
    });
  }

  /** Adds what is read at every scrape. */
  watch({ pools, projects }: MetricSources): void {
    this.#poolGauge(
      'flags_pool_utilization_ratio',
      'Share of the places on connections that are taken.',
      pools,
      (pool) => pool.utilisation,
      'average',
    );
    this.#poolGauge('halyard_pool_connections', 'Open connections.', pools, (pool) => pool.connections);
    this.#poolGauge('halyard_pool_waiting', 'Statements that wait for a place.', pools, (pool) => pool.waiting);
    this.#add({
      name: 'halyard_projects',
      help: 'Projects held, by the state of their definitions (docs/freshness.md).',
      labelNames: ['state'],
      collect() {
        for (const [state, count] of Object.entries(projects().states)) this.set({ state }, count);
      },
    });
    this.#gauge(
      'halyard_definitions_stale_seconds',
      'Age of the oldest definitions that could not be refreshed; 0 when none.',
      () => projects().oldestStaleSeconds,
      'max',
    );
    this.#gauge('halyard_definitions_bytes', 'Estimated memory of the definitions held.', () => projects().bytes);
    this.#gauge(
      'halyard_definitions_listening',
      '1 while notices of changes arrive.',
      () => (projects().listening ? 1 : 0),
      'min',
    );
    this.#gauge(
      'halyard_definitions_checks_failed',
      'Looks at definitions that failed since the start.',
      () => projects().failedChecks,
    );
    this.#gauge('halyard_definitions_reads', 'Definitions read and compiled since the start.', () => projects().reads);
  }

  /** How usage is counted in Redis; there from when it is first asked for. */
  get usage(): UsageMetrics {
    return (this.#usage ??= new UsageMetrics(this.#registry));
  }

  /** How events fare; only where they are taken. */
  ingest(waiting: () => WaitingEvents): EventMeters {
    return ingestMetrics(this.#registry, waiting);
  }

  /** Adds how many callers the limits of `/flags` hold counts of. */
  watchLimits(entries: () => { readonly address: number; readonly token: number }): void {
    this.#gauge('flags_rate_limiter_ip_entries', 'Addresses whose requests are counted.', () => entries().address);
    this.#gauge('flags_rate_limiter_token_entries', 'Tokens whose requests are counted.', () => entries().token);
  }

  /** Adds the same for definitions. */
  watchKeyedLimits(entries: () => number): void {
    this.#gauge('flags_rate_limiter_definitions_entries', 'Projects and budgets that are counted.', entries);
  }

  /** The same access log, counted on the way. */
  counting(next: AccessLog): AccessLog {
    return (response, record, timings) => {
      this.#count(response, record, timings);
      next(response, record, timings);
    };
  }

  /** Counts one statement. */
  readonly statement = ({ pool, acquireMs, totalMs, failure }: StatementEvent): void => {
    this.#statements.inc({ pool, outcome: failure ?? 'ok' });
    this.#statementTimes.observe({ pool }, totalMs);
    this.#acquireTimes.observe({ pool }, acquireMs);
  };

  /** The text of a scrape. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The same for another process, which puts it together with that of others. */
  values(): Promise<readonly object[]> {
    return this.#registry.getMetricsAsJSON();
  }

  #count({ status }: HttpResponse, record: RequestRecord, timings: Timings): void {
    // What is asked for twice a minute by every process is routine for the log, not here.
    this.#countDefinitions(record);
    if (record.routine) return;
    this.#requests.inc({ status });
    if (status >= 500) this.#faults.inc();
    if (record.errorCode === 'request_timeout') this.#timeouts.inc();
    this.#countGuards(record);
    this.#countEvaluation(record, timings);
    this.#durations.observe(timings.durationMs);
    if (timings.concurrencyWaitMs !== undefined) this.#waits.observe(timings.concurrencyWaitMs);
  }

  /** @param aggregator how the values of several processes become one */
  #gauge(name: string, help: string, read: () => number, aggregator: Aggregator = 'sum'): void {
    this.#add({
      name,
      help,
      aggregator,
      collect() {
        this.set(read());
      },
    });
  }

  #poolGauge(
    name: string,
    help: string,
    pools: MetricSources['pools'],
    read: (pool: PoolState) => number,
    aggregator: Aggregator = 'sum',
  ): void {
    this.#add({
      name,
      help,
      aggregator,
      labelNames: ['pool'],
      collect() {
        for (const state of pools()) for (const pool of state.names) this.set({ pool }, read(state));
      },
    });
  }

  #add<Label extends string>(gauge: GaugeConfiguration<Label>): void {
    this.#registry.registerMetric(new Gauge({ ...gauge, registers: [] }));
  }
}
