import { Counter, type Registry } from 'prom-client';
import type { RequestRecord } from '../../http/request-record.ts';

/** Counters of what stands in front of an evaluation (H230); gives the function that counts a request. */
export function guardMetrics(registry: Registry): (record: RequestRecord) => void {
  const registers = [registry];
  const limited = new Counter({
    name: 'flags_rate_limit_exceeded_total',
    help: 'Requests over a rate limit, that were refused (enforcing) or would have been (log_only).',
    labelNames: ['mode', 'action'],
    registers,
  });
  const bots = new Counter({
    name: 'flags_bot_detected_total',
    help: 'Requests of crawlers, by what they crawl for, what told, and whether they were served (log_only) or not (enforced).',
    labelNames: ['bot_category', 'bot_source', 'mode'],
    registers,
  });
  const tokens = new Counter({
    name: 'flags_token_validation_errors_total',
    help: 'Requests without a token, or with one that belongs to no project.',
    registers,
  });
  const batches = new Counter({
    name: 'flags_batch_eval_requests_total',
    help: 'Pages of persons that were asked for, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const persons = new Counter({
    name: 'flags_batch_eval_persons_total',
    help: 'Persons for whom a flag was evaluated in pages.',
    registers,
  });
  return ({ notes, errorCode, teamId, definitions, batch }) => {
    if (batch !== undefined) {
      batches.inc({ outcome: errorCode ?? 'success' });
      persons.inc(batch.persons);
    }
    if (errorCode === 'not_authenticated' || errorCode === 'authentication_failed') tokens.inc();
    // Definitions have metrics of their own.
    if (notes.rateLimited === true && definitions === undefined) {
      limited.inc({ mode: errorCode === 'rate_limit_exceeded' ? 'enforcing' : 'log_only', action: 'blocked' });
    }
    if (notes.botCategory !== undefined) {
      // A bot that is not served never gets to a project.
      const mode = teamId === undefined && errorCode === undefined ? 'enforced' : 'log_only';
      bots.inc({ bot_category: notes.botCategory, bot_source: notes.botSource ?? '', mode });
    }
  };
}
