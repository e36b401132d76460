import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EventMeters } from '../../events/event-meters.ts';

/** What is asked for at the moment of a scrape. */
export interface WaitingEvents {
  readonly operations: number;
  readonly bytes: number;
  readonly oldestMs: number;
}

const BATCH_OPERATIONS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];
const BATCH_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** How events of SDKs fare (I202). */
export function ingestMetrics(registry: Registry, waiting: () => WaitingEvents): EventMeters {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> =>
    new Counter({ name: `halyard_ingest_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]): Histogram =>
    new Histogram({ name: `halyard_ingest_${name}`, help, buckets, registers });
  const gauge = (name: string, help: string, read: () => number, aggregator: 'sum' | 'max' = 'sum'): void => {
    registry.registerMetric(
      new Gauge({
        name: `halyard_ingest_${name}`,
        help,
        aggregator,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  };
  const requests = counter('requests_total', 'Requests with events, by protocol and status.', 'path', 'status');
  const events = counter('events_total', 'Events, by what came of them.', 'outcome');
  const merges = counter('merges_total', 'Merges of persons that were asked for, by outcome.', 'outcome');
  const persons = counter('persons_created_total', 'Persons made.');
  const warnings = counter('warnings_total', 'Events with something wrong, by kind.', 'kind');
  const operations = histogram('batch_ops', 'Events stored in one transaction.', BATCH_OPERATIONS);
  const times = histogram('batch_ms', 'Time of a transaction with all its tries.', BATCH_MS);
  const repeats = counter('repeats_total', 'Transactions tried again, by cause.', 'cause');
  const refused = counter('refused_total', 'Requests that were told to come again, by cause.', 'cause');
  const unknown = counter('flag_calls_unknown_total', 'Calls of flags or values that the project does not have.');
  const forwards = counter('forward_total', 'Requests sent on, by the status of the answer; 0: none.', 'status');
  const forwardTimes = histogram('forward_ms', 'Time of sending a request on.', BATCH_MS);
  let committedAt = 0;
  gauge('waiting_ops', 'Events that wait to be stored.', () => waiting().operations);
  gauge('waiting_bytes', 'Memory of requests that wait to be stored, estimated.', () => waiting().bytes);
  gauge('oldest_ms', 'For how long the oldest of them has waited.', () => waiting().oldestMs, 'max');
  gauge('last_commit_timestamp_seconds', 'When events were last stored; 0: not yet.', () => committedAt, 'max');
  return {
    request: (path, status) => requests.inc({ path, status }),
    events: (outcome, count) => void (count > 0 && events.inc({ outcome }, count)),
    merge: (outcome) => merges.inc({ outcome }),
    warning: (kind) => warnings.inc({ kind }),
    batch: (count, ms, personsCreated) => {
      persons.inc(personsCreated);
      committedAt = Date.now() / 1000;
      operations.observe(count);
      times.observe(ms);
    },
    repeat: (cause) => repeats.inc({ cause }),
    refused: (cause) => refused.inc({ cause }),
    unknownFlagCalls: (count) => unknown.inc(count),
    forwarded: (status, ms) => {
      forwards.inc({ status });
      forwardTimes.observe(ms);
    },
  };
}
