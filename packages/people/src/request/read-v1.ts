import { ExactNumber, isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { unmergeable } from '../person-ids.ts';
import { byteLength, idText } from '../text.ts';
import type { EventRequest } from './event-request.ts';
import { eventTime, readRfc3339 } from './event-time.ts';
import { readJson } from './read-json.ts';
import type { Entry, Received } from './received.ts';
import { Refusal } from './refusal.ts';
import { objectOf, type SdkEvent, unsetOf, uuidOf } from './sdk-event.ts';
import { checkedToken } from './token.ts';
import { mediaType, type Unpacking, unpackV1 } from './unpack.ts';

const defaultMostEvents = 10_000;

/** Most bytes of a name and of an id (I43). */
const mostBytes = 200;

/** The events of a v1 request (I40–I43), with an entry of the answer for each. */
export function* readV1(request: EventRequest): Unpacking<Received | Refusal> {
  const head = readHead(request);
  if (head instanceof Refusal) return head;
  const text = yield* unpackV1(request);
  if (typeof text !== 'string') return text;
  const body = readJson(text);
  if (body instanceof Refusal) return body;
  const batch = isObject(body) ? member(body, 'batch') : undefined;
  if (!isObject(body) || !isList(batch)) return new Refusal(400, 'The body needs batch, a list of events.');
  if (batch.length === 0) return new Refusal(400, 'The batch is empty.');
  if (readRfc3339(member(body, 'created_at')) === undefined)
    return new Refusal(400, 'created_at must be a time such as 2026-11-30T09:00:01Z.');
  const uuids = uuidsOf(batch);
  if (uuids instanceof Refusal) return uuids;
  const most = request.limits?.events ?? defaultMostEvents;
  const read = batch.map((event, i) =>
    i < most ? readEvent(event as JsonObject, uuids[i] as string, head.sentAt, request.now) : 'too_many_events',
  );
  const events = read.filter((event) => typeof event !== 'string');
  const entries = read.map((event, i) => entryOf(event, uuids[i] as string));
  return { token: head.token, events, entries, invalid: read.length - events.length, repeated: 0 };
}

/** I40. */
function readHead({ header, ...request }: EventRequest): { token: string; sentAt: number } | Refusal {
  const bearer = /^Bearer\s+(.*)$/i.exec(header('authorization') ?? '')?.[1];
  if (bearer === undefined) return new Refusal(401, 'Authorization must be Bearer and the token of the project.');
  const token = checkedToken(bearer);
  if (token instanceof Refusal) return token;
  if (mediaType({ header, ...request }) !== 'application/json')
    return new Refusal(415, 'Content-Type must be application/json.');
  const sentAt = readRfc3339(header('posthog-request-timestamp'));
  const checks: [string, boolean][] = [
    ['User-Agent', (header('user-agent') ?? '') !== ''],
    ['PostHog-Sdk-Info', (header('posthog-sdk-info') ?? '') !== ''],
    ['PostHog-Attempt', /^0*[1-9]\d{0,8}$/.test(header('posthog-attempt') ?? '')],
    ['PostHog-Request-Id', uuidOf(header('posthog-request-id')) !== null],
    ['PostHog-Request-Timestamp', sentAt !== undefined],
  ];
  const missing = checks.find(([, isGood]) => !isGood)?.[0];
  if (missing !== undefined || sentAt === undefined)
    return new Refusal(400, `The header ${missing} is missing or bad.`);
  return { token, sentAt };
}

/** I42. */
function uuidsOf(batch: readonly JsonValue[]): readonly string[] | Refusal {
  const uuids = batch.map((event) => (isObject(event) ? uuidOf(member(event, 'uuid')) : null));
  const bad = uuids.indexOf(null);
  if (bad >= 0) return new Refusal(400, `Event ${bad} of the batch has no uuid, or none that is one.`);
  if (new Set(uuids).size < uuids.length) return new Refusal(400, 'Two events of the batch have the same uuid.');
  return uuids as string[];
}

function entryOf(event: SdkEvent | string, uuid: string): Entry {
  if (typeof event === 'string') return { uuid, result: 'drop', details: event };
  return unmergeable(event.distinctId)
    ? { uuid, result: 'warning', details: 'person_processing_disabled' }
    : { uuid, result: 'ok' };
}

/** An event, or why it is dropped (I43). */
function readEvent(event: JsonObject, uuid: string, sentAt: number, now: number): SdkEvent | string {
  const name = member(event, 'event');
  if (typeof name !== 'string' || name.trim() === '') return 'missing_event_name';
  if (byteLength(name) > mostBytes) return 'event_name_too_long';
  const id = member(event, 'distinct_id') ?? null;
  const distinctId = id === null ? '' : idText(id).trim();
  if (distinctId === '') return 'missing_distinct_id';
  if (byteLength(distinctId) > mostBytes) return 'distinct_id_too_large';
  const timestamp = member(event, 'timestamp');
  if (readRfc3339(timestamp) === undefined) return 'invalid_event_timestamp';
  const given = member(event, 'properties') ?? {};
  if (!isObject(given)) return 'malformed_event_properties';
  const options = readOptions(member(event, 'options') ?? {});
  if (options === undefined) return 'invalid_options';
  const properties = { ...given, ...options.properties };
  return {
    name,
    distinctId,
    properties,
    set: objectOf(given, '$set'),
    setOnce: objectOf(given, '$set_once'),
    unset: unsetOf(given),
    uuid,
    text: null,
    time: eventTime({ timestamp, offset: undefined, sentAt: options.ignoresSentAt ? undefined : sentAt }, now),
  };
}

interface Options {
  /** As v0 says the same (I41). */
  readonly properties: JsonObject;
  readonly ignoresSentAt: boolean;
}

/** Options of an event, undefined if one is no boolean. */
function readOptions(options: JsonValue): Options | undefined {
  if (!isObject(options)) return undefined;
  const names = ['process_person_profile', 'cookieless_mode', 'disable_skew_correction'];
  const values = names.map((name) => booleanOf(member(options, name)));
  if (values.includes(null)) return undefined;
  const [profile, cookieless, noCorrection] = values as (boolean | undefined)[];
  return {
    properties: {
      ...(profile !== undefined && { $process_person_profile: profile }),
      ...(cookieless !== undefined && { $cookieless_mode: cookieless }),
    },
    ignoresSentAt: noCorrection === true,
  };
}

/** Booleans may come as text or numbers; null: it is none. */
function booleanOf(value: JsonValue | undefined): boolean | null | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (value instanceof ExactNumber) return value.value !== 0;
  if (typeof value !== 'string') return null;
  const text = value.trim().toLowerCase();
  if (['true', '1', 'yes'].includes(text)) return true;
  return ['false', '0', 'no'].includes(text) ? false : null;
}
