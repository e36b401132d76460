import { Counter, type Registry } from 'prom-client';
import type { RequestRecord } from '../../http/request-record.ts';
import { plainCounter } from './plain-counter.ts';

/** How definitions for local evaluation are asked for (H230); gives the function that counts a request. */
export function definitionsMetrics(registry: Registry): (record: RequestRecord) => void {
  const counter = <Label extends string>(name: string, help: string, label: Label): Counter<Label> =>
    new Counter({ name, help, labelNames: [label], registers: [registry] });
  const requests = plainCounter(
    registry,
    'flags_flag_definitions_requests_total',
    'Requests for definitions whose key opened a project.',
  );
  const limited = counter('flags_flag_definitions_rate_limited_total', 'Of these, refused as too many.', 'budget');
  const bypassed = counter(
    'flags_flag_definitions_rate_limit_bypassed_total',
    'Of these, too many, but of projects without a limit.',
    'budget',
  );
  const hits = counter('flags_flag_definitions_cache_hit_total', 'Documents that were there already.', 'source');
  const misses = counter('flags_flag_definitions_cache_miss_total', 'Documents that had to be made.', 'reason');
  const tags = counter(
    'flags_flag_definitions_etag_total',
    'Answers by the tag sent along: the current one (hit, 304), another one (miss), none.',
    'result',
  );
  const auth = counter('flags_flag_definitions_auth_total', 'Requests by kind of key.', 'method');
  return ({ definitions }) => {
    if (definitions === undefined) return;
    requests.inc();
    const { auth: method, limited: over, held, etag } = definitions;
    if (method !== undefined) auth.inc({ method });
    if (over !== undefined) (over.bypassed ? bypassed : limited).inc({ budget: over.budget });
    if (held === true) hits.inc({ source: 'memory' });
    if (held === false) misses.inc({ reason: 'cache_miss' });
    if (etag !== undefined) tags.inc({ result: etag });
  };
}
