import type { LoadedFacts } from 'halyard/host';
import type { HttpResponse } from '../../http/messages.ts';
import { stickyKeyStatus } from '../../http/loaded-facts.ts';
import type { RequestNotes, RequestRecord } from '../../http/request-record.ts';

/** What the listener measured. Milliseconds; undefined: the request did not get there. */
export interface Timings {
  readonly durationMs: number;
  readonly bodyReadMs: number | undefined;
  readonly concurrencyWaitMs: number | undefined;
}

/** Told of every answer. */
export type AccessLog = (response: HttpResponse, record: RequestRecord, timings: Timings) => void;

export interface AccessLogOptions {
  /** Takes one finished line. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The level of `LOG_LEVEL` lets lines of this level through. */
  readonly enabled: (level: 'debug' | 'info') => boolean;
  /** Write distinct, device and anonymous ids (H232). */
  readonly ids: boolean;
  /** Write the client's address (H232). */
  readonly address: boolean;
  /** Which of several processes writes. */
  readonly worker?: number | undefined;
}

const MAX_USER_AGENT = 512;

/** Numbers of the levels, as in all other lines. */
const LEVEL = { debug: 20, info: 30 };

/**
 * One line per request, with the field names of H231. It is put together by hand, in the format of all other lines:
 * going through the logger's general serializer would cost as much as evaluating ten flags.
 */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const { write, clock, enabled, ids, address } = options;
  const worker = number('worker', options.worker);
  return (response, record, timings) => {
    const level = record.routine ? 'debug' : 'info';
    if (!enabled(level)) return;
    write(
      `{"level":${LEVEL[level]},"time":${clock()}${worker},"request_id":"${record.requestId}","http_status":${response.status}` +
        text('error_code', record.errorCode) +
        number('duration_ms', timings.durationMs) +
        number('body_read_ms', timings.bodyReadMs) +
        number('concurrency_limit_wait_ms', timings.concurrencyWaitMs) +
        preHandler(timings) +
        number('queue_time_ms', record.queueTimeMs) +
        number('team_id', record.teamId) +
        (ids ? identity(record) : '') +
        (address ? text('ip', record.clientAddress) : '') +
        text('user_agent', record.userAgent?.slice(0, MAX_USER_AGENT)) +
        text('lib', record.lib) +
        text('lib_version', record.libVersion) +
        number('api_version', record.apiVersion) +
        number('flags_evaluated', record.flagsEvaluated) +
        number('flags_errored', record.flagsErrored) +
        number('flags_experience_continuity', record.continuityFlags) +
        number('flags_device_id_bucketing', record.deviceFlags) +
        text('hash_key_override_status', stickyKeyStatus(record)) +
        sources(record) +
        (record.flagsDisabled === true ? ',"flags_disabled":true' : '') +
        noted(record.notes) +
        ',"msg":"canonical_log_line"}\n',
    );
  };
}

const HELD = ',"team_cache_source":"memory","flags_cache_source":"memory"';
const READ = ',"team_cache_source":"store","flags_cache_source":"store"';
const HELD_ALONE = `${HELD},"db_property_fetches":0`;

/** Where the project came from, and whether stored facts were asked for. */
function sources({ teamHeld, factsAsked, loaded }: RequestRecord): string {
  if (teamHeld === undefined) return '';
  // The usual case is one piece.
  if (teamHeld && factsAsked === false) return HELD_ALONE;
  const source = teamHeld ? HELD : READ;
  if (factsAsked === undefined) return source;
  return `${source},"db_property_fetches":${factsAsked ? 1 : 0}${loaded === undefined ? '' : queries(loaded)}`;
}

/** What the one statement asked for, as if each part were one of its own. */
function queries({ plan, ms }: LoadedFacts): string {
  const asked = (name: string, wanted: boolean): string => (wanted ? `,"${name}":1` : '');
  return (
    asked('person_queries', plan.person !== null) +
    asked('group_queries', plan.groups.length > 0) +
    asked('static_cohort_queries', plan.staticCohorts.length > 0) +
    number('person_query_time_ms', ms)
  );
}

/** From the headers to the turn of the request. */
function preHandler({ bodyReadMs, concurrencyWaitMs }: Timings): string {
  if (bodyReadMs === undefined || concurrencyWaitMs === undefined) return '';
  return number('pre_handler_duration_ms', bodyReadMs + concurrencyWaitMs);
}

function identity(record: RequestRecord): string {
  return (
    text('distinct_id', record.distinctId) +
    text('device_id', record.deviceId) +
    text('anon_distinct_id', record.anonDistinctId)
  );
}

/** What is there only when something out of the ordinary was switched on, or happened. */
function noted(notes: RequestNotes): string {
  let fields = '';
  // Most requests have none, for which a list of names would be made in vain.
  for (const name in notes) {
    const key = name as keyof RequestNotes;
    fields += `,"${NOTES[key]}":${JSON.stringify(notes[key])}`;
  }
  return notes.botCategory === undefined ? fields : `${fields},"is_bot":true`;
}

const NOTES: Readonly<Record<keyof RequestNotes, string>> = {
  rateLimited: 'rate_limited',
  rateLimitWarned: 'rate_limit_warned',
  botCategory: 'bot_category',
  botSource: 'bot_source',
  quotaLimited: 'quota_limited',
  flagsOverridden: 'flags_overridden',
  dependencyErrors: 'dependency_graph_errors',
  geoipDiffers: 'geoip_properties_differ_from_lookup',
};

function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

/** To a microsecond: more digits say nothing. */
function number(name: string, value: number | undefined): string {
  if (value === undefined) return '';
  const micros = Math.round(value * 1000);
  // NaN as well.
  if (!(micros >= 0 && micros <= Number.MAX_SAFE_INTEGER)) return `,"${name}":${JSON.stringify(micros / 1000)}`;
  const whole = Math.floor(micros / 1000);
  // Whole numbers are written many times as fast as others.
  return `,"${name}":${whole}${THOUSANDTHS[micros - whole * 1000]}`;
}

/** What follows the whole part of a number with so many thousandths. */
const THOUSANDTHS = Array.from({ length: 1000 }, (_, i) => String(i / 1000).slice(1));
