import { Counter, Histogram, type Registry } from 'prom-client';
import type { RequestRecord } from '../../http/request-record.ts';
import type { Timings } from '../log/access-log.ts';

const MS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

/** Where the time of evaluations goes, and what they needed (H230); gives the function that counts a request. */
export function evaluationMetrics(registry: Registry): (record: RequestRecord, timings: Timings) => void {
  const registers = [registry];
  const histogram = (name: string, help: string, buckets: readonly number[] = MS): Histogram =>
    new Histogram({ name, help, buckets: [...buckets], registers });
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });

  const queued = histogram('flags_queue_time_ms', 'Time from a proxy that sends X-Request-Start to the service.');
  const before = histogram('flags_pre_handler_time_ms', 'Time from the headers to the turn of a request.');
  const evaluating = histogram(
    'flags_evaluation_time',
    'Milliseconds from the turn of an evaluation to its written answer.',
  );
  const asked = histogram('flags_db_operations_per_request', 'Questions about stored facts per evaluation.', [0, 1, 2]);
  const held = counter('flags_team_cache_hit_total', 'Evaluations whose project was held in memory.');
  const billed = counter('flags_billing_records_total', 'Requests that count as usage (docs/metrics.md).');
  const failed = new Counter({
    name: 'flags_flag_evaluation_error_total',
    help: 'Flags that could not be evaluated, by the code of their reason.',
    labelNames: ['reason'],
    registers,
  });

  return (record, { durationMs, bodyReadMs, concurrencyWaitMs }) => {
    if (record.queueTimeMs !== undefined) queued.observe(record.queueTimeMs);
    if (bodyReadMs !== undefined && concurrencyWaitMs !== undefined) before.observe(bodyReadMs + concurrencyWaitMs);
    if (record.teamHeld === true) held.inc();
    if (record.isUsage) billed.inc();
    for (const reason of record.failureCodes ?? []) failed.inc({ reason });
    if (record.factsAsked === undefined) return;
    asked.observe(record.factsAsked ? 1 : 0);
    evaluating.observe(durationMs - (bodyReadMs ?? 0) - (concurrencyWaitMs ?? 0));
  };
}
