import { ignoredProperties, integer, oneOf, upstreamUrl } from './parsers.ts';
import { optional, required } from './setting.ts';

/** What becomes of the events that SDKs send. */
export const ingestSettings = {
  ingest: required(
    'HALYARD_INGEST',
    'server',
    oneOf(['auto', 'on', 'off']),
    'auto',
    "Store persons, groups and counts of flag calls from SDKs' events, never the events: auto where the tables are Halyard's own and may be written; off accepts and drops them.",
  ),
  ingestForward: optional(
    'HALYARD_INGEST_FORWARD',
    'server',
    upstreamUrl,
    'Where every request with events is sent on to, such as https://eu.i.posthog.com, also where nothing is stored here.',
  ),
  ingestPoolSize: required(
    'HALYARD_INGEST_POOL_SIZE',
    'server',
    integer(1, 100),
    '2',
    'Connections on which events are stored, which nobody else uses.',
  ),
  ingestBatch: required(
    'HALYARD_INGEST_BATCH',
    'server',
    integer(1, 10_000),
    '500',
    'Events that are stored in one transaction at most.',
  ),
  ingestQueueMb: required(
    'HALYARD_INGEST_QUEUE_MB',
    'server',
    integer(1, 100_000),
    '64',
    'MiB of events that may wait to be stored, in each process; then 503.',
  ),
  ingestHoldMs: required(
    'HALYARD_INGEST_HOLD_MS',
    'server',
    integer(0, 86_400_000),
    '8000',
    'How long a request with events waits for a database that is away, in milliseconds; then 503. Some SDKs give up after 10 s.',
  ),
  ingestBodyMb: required(
    'HALYARD_INGEST_BODY_MB',
    'server',
    integer(6, 1_000),
    '20',
    'MiB of a request with events as it arrives, and half of what it may be unpacked; then 413.',
  ),
  ingestDedupeHours: required(
    'HALYARD_INGEST_DEDUPE_HOURS',
    'server',
    integer(1, 8_760),
    '48',
    'For how many hours an event that is sent again is recognised.',
  ),
  ingestIgnoreProperties: optional(
    'HALYARD_INGEST_IGNORE_PROPERTIES',
    'server',
    ignoredProperties,
    'Properties that are never stored, with commas between them; a star at the end stands for all that begin so: email,$initial_*.',
  ),
};
