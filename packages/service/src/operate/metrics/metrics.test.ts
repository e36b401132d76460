import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../http/messages.ts';
import { type RequestRecord, startRecord } from '../../http/request-record.ts';
import type { Timings } from '../log/access-log.ts';
import { Metrics } from './metrics.ts';

const STATES = { unseen: 0, loading: 0, fresh: 2, checking: 0, stale: 1, retrying: 0, unknown: 0 };

function watched(): Metrics {
  const metrics = new Metrics();
  metrics.watch({
    pools: () => [
      {
        names: ['persons reader', 'persons writer'],
        connections: 2,
        maxConnections: 2,
        underWay: 3,
        waiting: 1,
        utilisation: 0.75,
      },
    ],
    projects: () => ({
      states: STATES,
      bytes: 1000,
      oldestStaleSeconds: 42,
      listening: true,
      checksRunning: 0,
      checksWaiting: 0,
      checks: 5,
      failedChecks: 3,
      reads: 2,
      dropped: 0,
    }),
  });
  metrics.usage.watch({ pendingEntries: 2, pendingRequests: 9, secondsSinceFlush: 4 });
  metrics.watchLimits(() => ({ address: 3, token: 4 }));
  metrics.watchKeyedLimits(() => 5);
  metrics.ingest(() => ({ operations: 0, bytes: 0, oldestMs: 0 }));
  return metrics;
}

/** What the access log is told of one request. */
type Told = readonly [HttpResponse, RequestRecord, Timings];

function answer(status: number, change: (record: RequestRecord) => void = () => undefined): Told {
  const record = startRecord(
    { method: 'POST', url: '/flags', headers: {}, body: new Uint8Array(), peer: '' },
    false,
    0,
  );
  change(record);
  return [{ status, headers: {}, body: null }, record, TIMINGS];
}

const TIMINGS = { durationMs: 3, bodyReadMs: 1, concurrencyWaitMs: 0.2 };

describe('Metrics', () => {
  it('counts answers by status, faults and time-outs, and hands each answer on', async () => {
    const metrics = watched();
    const seen: number[] = [];
    const log = metrics.counting(({ status }) => seen.push(status));
    log(...answer(200));
    log(...answer(200));
    log(
      ...answer(503, (record) => {
        record.errorCode = 'request_timeout';
      }),
    );
    const text = await metrics.text();
    expect(text).toContain('flags_requests_total{status="200"} 2');
    expect(text).toContain('flags_request_faults_total 1');
    expect(text).toContain('flags_request_timeout_total 1');
    expect(text).toContain('flags_requests_duration_ms_count 3');
    expect(seen).toEqual([200, 200, 503]);
  });

  it('H230: tells what evaluations needed, whom limits and quotas met, and which flags failed', async () => {
    const metrics = watched();
    const log = metrics.counting(() => undefined);
    log(
      ...answer(200, (record) => {
        Object.assign(record, {
          teamId: 7,
          teamHeld: true,
          factsAsked: true,
          failureCodes: ['timeout', 'timeout'],
          usage: 'decide',
          kludges: ['padding_needed'],
          continuityFlags: 1,
        });
      }),
    );
    log(...answer(200, ({ notes }) => Object.assign(notes, { rateLimited: true })));
    const bot = answer(200, ({ notes }) => Object.assign(notes, { botCategory: 'ai', botSource: 'ip' }));
    log(...bot);
    const denied = answer(429, ({ notes }) => Object.assign(notes, { rateLimited: true }));
    denied[1].errorCode = 'rate_limit_exceeded';
    log(...denied);
    log(
      ...answer(401, (record) => {
        record.errorCode = 'authentication_failed';
        record.teamHeld = true;
      }),
    );
    log(...answer(200, (record) => void Object.assign(record, { teamId: 7, teamHeld: false })));
    log(
      ...answer(409, (record) => {
        record.batch = { persons: 250 };
        record.errorCode = 'version_conflict';
      }),
    );
    const text = await metrics.text();
    for (const line of [
      'flags_team_cache_hit_total 1',
      'flags_db_operations_per_request_sum 1',
      'flags_evaluation_time_count 1',
      'flags_pre_handler_time_ms_count 7',
      'flags_flag_evaluation_error_total{reason="timeout"} 2',
      'flags_team_negative_cache_hit_total 1',
      'flags_definitions_inmem_cache_hit_total 1',
      'flags_definitions_inmem_cache_miss_total 1',
      'flags_request_kludge_total{type="padding_needed"} 1',
      'flags_experience_continuity_requests_total 1',
      'flags_experience_continuity_optimized_total{status="skipped"} 1',
      'flags_batch_eval_requests_total{outcome="version_conflict"} 1',
      'flags_batch_eval_persons_total 250',
      'flags_billing_records_total{request_type="decide"} 1',
      'flags_rate_limiter_ip_entries 3',
      'flags_rate_limiter_token_entries 4',
      'flags_rate_limiter_definitions_entries 5',
      'flags_rate_limit_exceeded_total{mode="log_only",action="blocked"} 1',
      'flags_rate_limit_exceeded_total{mode="enforcing",action="blocked"} 1',
      'flags_bot_detected_total{bot_category="ai",bot_source="ip",mode="enforced"} 1',
      'flags_token_validation_errors_total 1',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('H230: tells how definitions are asked for', async () => {
    const metrics = watched();
    const log = metrics.counting(() => undefined);
    const asked = (status: number, definitions: NonNullable<RequestRecord['definitions']>): void =>
      log(
        ...answer(status, (record) => {
          record.definitions = { auth: 'personal_api_key', ...definitions };
          record.routine = status === 304;
        }),
      );
    asked(200, { held: false, etag: 'none' });
    asked(304, { held: true, etag: 'hit', limited: { budget: 'conditional', bypassed: true } });
    asked(429, { limited: { budget: 'full', bypassed: false } });
    const text = await metrics.text();
    for (const line of [
      'flags_flag_definitions_requests_total 3',
      'flags_flag_definitions_auth_total{method="personal_api_key"} 3',
      'flags_flag_definitions_rate_limited_total{budget="full"} 1',
      'flags_flag_definitions_rate_limit_bypassed_total{budget="conditional"} 1',
      'flags_flag_definitions_cache_hit_total{source="memory"} 1',
      'flags_flag_definitions_cache_miss_total{reason="cache_miss"} 1',
      'flags_flag_definitions_etag_total{result="hit"} 1',
      'flags_flag_definitions_etag_total{result="none"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('H230: tells how the counting of usage fares', async () => {
    const metrics = watched();
    metrics.usage.hooks.onFlush({ ms: 3, requests: 40, error: null });
    metrics.usage.hooks.onFlush({ ms: 3, requests: 0, error: 'timeout' });
    metrics.usage.hooks.onUnflushed('redis_error', 12);
    const text = await metrics.text();
    for (const line of [
      'flags_billing_entries_flushed_total 40',
      'flags_billing_flush_errors_total{error_type="timeout"} 1',
      'flags_billing_unflushed_requests_total{cause="redis_error"} 12',
      'flags_billing_flush_duration_ms_count 2',
      'flags_billing_pending_entries 2',
      'flags_billing_pending_records 9',
      'flags_billing_seconds_since_successful_flush 4',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('leaves probes out', async () => {
    const metrics = watched();
    metrics.counting(() => undefined)(
      ...answer(200, (record) => {
        record.routine = true;
      }),
    );
    expect(await metrics.text()).not.toContain('flags_requests_total{');
  });

  it('tells every pool by its names, and the age of stale definitions', async () => {
    const metrics = watched();
    metrics.statement({ pool: 'persons reader', acquireMs: 0, totalMs: 2, attempts: 1, failure: 'timeout' });
    const text = await metrics.text();
    expect(text).toContain('flags_pool_utilization_ratio{pool="persons writer"} 0.75');
    expect(text).toContain('halyard_statements_total{pool="persons reader",outcome="timeout"} 1');
    expect(text).toContain('halyard_definitions_stale_seconds 42');
    expect(text).toContain('halyard_projects{state="stale"} 1');
  });

  it('H230, D39: whatever begins with flags_ has a name that dashboards of the reference know', async () => {
    const rules = ['http', 'data'].map((name) =>
      readFileSync(new URL(`../../../../../docs/spec/${name}.md`, import.meta.url), 'utf8'),
    );
    const known = new Set([...rules.join('\n').matchAll(/`(flags_[a-z_]+)/g)].map(([, name]) => name));
    const ours = [...(await watched().text()).matchAll(/^# TYPE (flags_\w+) /gm)].map(([, name]) => name);
    expect(ours.length).toBeGreaterThan(5);
    expect(ours.filter((name) => !known.has(name))).toEqual([]);
  });

  it('docs/metrics.md lists exactly the metrics there are', async () => {
    const page = readFileSync(new URL('../../../../../docs/metrics.md', import.meta.url), 'utf8');
    const [alone = ''] = page.split('## With several workers');
    const listed = [...alone.matchAll(/^\| `([a-z_]+)` \| (\w+)/gm)].map(([, name, kind]) => `${name} ${kind}`);
    const text = await watched().text();
    const real = [...text.matchAll(/^# TYPE ((?:flags|halyard)_\w+) (\w+)$/gm)].map(
      ([, name, kind]) => `${name} ${kind}`,
    );
    expect(listed.sort()).toEqual(real.sort());
  });
});
