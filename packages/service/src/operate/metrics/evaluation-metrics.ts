import { Counter, Histogram, type Registry } from 'prom-client';
import { stickyKeyStatus } from '../../http/loaded-facts.ts';
import type { RequestRecord } from '../../http/request-record.ts';
import type { Timings } from '../log/access-log.ts';
import { plainCounter } from './plain-counter.ts';

const MS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

/** Where the time of evaluations goes, and what they needed (H230); gives the function that counts a request. */
export function evaluationMetrics(registry: Registry): (record: RequestRecord, timings: Timings) => void {
  const registers = [registry];
  const histogram = (name: string, help: string, buckets: readonly number[] = MS): Histogram =>
    new Histogram({ name, help, buckets: [...buckets], registers });
  const labelled = <Label extends string>(name: string, help: string, label: Label): Counter<Label> =>
    new Counter({ name, help, labelNames: [label], registers });

  const queued = histogram('flags_queue_time_ms', 'Time from a proxy that sends X-Request-Start to the service.');
  const before = histogram('flags_pre_handler_time_ms', 'Time from the headers to the turn of a request.');
  const evaluating = histogram(
    'flags_evaluation_time',
    'Milliseconds from the turn of an evaluation to its written answer.',
  );
  const asked = histogram('flags_db_operations_per_request', 'Questions about stored facts per evaluation.', [0, 1, 2]);
  const countProject = projectMetrics(registry);
  const countContinuity = continuityMetrics(registry);
  const billed = labelled(
    'flags_billing_records_total',
    'Requests that count as usage, by their type.',
    'request_type',
  );
  const kludges = labelled('flags_request_kludge_total', 'Bodies that had to be put right before reading.', 'type');
  const failed = labelled(
    'flags_flag_evaluation_error_total',
    'Flags that could not be evaluated, by the code of their reason.',
    'reason',
  );

  return (record, { durationMs, bodyReadMs, concurrencyWaitMs }) => {
    if (record.queueTimeMs !== undefined) queued.observe(record.queueTimeMs);
    if (bodyReadMs !== undefined && concurrencyWaitMs !== undefined) before.observe(bodyReadMs + concurrencyWaitMs);
    countProject(record);
    if (record.usage !== undefined) billed.inc({ request_type: record.usage });
    for (const type of record.kludges ?? []) kludges.inc({ type });
    for (const reason of record.failureCodes ?? []) failed.inc({ reason });
    if (record.factsAsked === undefined) return;
    countContinuity(record);
    asked.observe(record.factsAsked ? 1 : 0);
    evaluating.observe(durationMs - (bodyReadMs ?? 0) - (concurrencyWaitMs ?? 0));
  };
}

/** Whether a project was held in memory, with its definitions; and whether it was known that there is none. */
function projectMetrics(registry: Registry): (record: RequestRecord) => void {
  const counter = (name: string, help: string) => plainCounter(registry, name, help);
  const held = counter('flags_team_cache_hit_total', 'Evaluations whose project was held in memory.');
  const unknown = counter('flags_team_negative_cache_hit_total', 'Requests with a token that was known to be unknown.');
  const hit = counter('flags_definitions_inmem_cache_hit_total', 'Evaluations whose definitions were held in memory.');
  const miss = counter('flags_definitions_inmem_cache_miss_total', 'Evaluations whose definitions had to be read.');
  return ({ teamHeld, teamId }) => {
    if (teamHeld === undefined) return;
    if (teamId === undefined) {
      if (teamHeld) unknown.inc();
    } else if (teamHeld) {
      held.inc();
      hit.inc();
    } else miss.inc();
  };
}

/** How often keys of experience continuity were needed, and found. */
function continuityMetrics(registry: Registry): (record: RequestRecord) => void {
  const requests = plainCounter(
    registry,
    'flags_experience_continuity_requests_total',
    'Evaluations of flags with experience continuity.',
  );
  const optimized = new Counter({
    name: 'flags_experience_continuity_optimized_total',
    help: 'Of these, those that needed no stored keys.',
    labelNames: ['status'],
    registers: [registry],
  });
  const results = new Counter({
    name: 'flags_hash_key_query_result_total',
    help: 'Look-ups of stored keys, by whether there were any.',
    labelNames: ['result'],
    registers: [registry],
  });
  return (record) => {
    if (record.continuityFlags === undefined || record.continuityFlags === 0) return;
    requests.inc();
    const status = stickyKeyStatus(record);
    if (status === 'skipped') optimized.inc({ status });
    else if (status === 'found') results.inc({ result: 'has_overrides' });
    else if (status === 'empty') results.inc({ result: status });
  };
}
