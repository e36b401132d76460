import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import type { EventRequest } from './event-request.ts';
import { eventTime, readTime } from './event-time.ts';
import { readJson } from './read-json.ts';
import type { Received } from './received.ts';
import { Refusal } from './refusal.ts';
import { readV0Event, type SdkEvent } from './sdk-event.ts';
import { tokenOf } from './token.ts';

const defaultMostEvents = 10_000;
const noMembers: JsonObject = {};

/** The events of a v0 request (I23–I26) from its JSON text. What is no event is counted, not refused. */
export function readV0(text: string, request: EventRequest): Received | Refusal {
  const body = readJson(text);
  if (body instanceof Refusal) return body;
  const shape = shapeOf(body);
  if (shape === undefined) return new Refusal(400, 'The body is neither an event, nor a list of them, nor a batch.');
  const { list, beside } = shape;
  if (list.length === 0) return new Refusal(400, 'The request has no events.');
  const token = tokenOf(beside, list);
  if (token instanceof Refusal) return token;
  const read = list
    .slice(0, request.limits?.events ?? defaultMostEvents)
    .map((event) => readV0Event(event, request.path === 'engage' ? '$identify' : null, clockOf(beside, request)))
    .filter((event) => event !== null);
  if (read.length === 0) return new Refusal(400, 'No event of the request has both a name and a distinct_id.');
  const events = firstOfEachUuid(read);
  return { token, events, entries: [], invalid: list.length - read.length, repeated: read.length - events.length };
}

function shapeOf(body: JsonValue): { list: readonly JsonValue[]; beside: JsonObject } | undefined {
  if (isList(body)) return { list: body, beside: noMembers };
  if (!isObject(body)) return undefined;
  const batch = member(body, 'batch');
  return isList(batch)
    ? { list: batch, beside: body }
    : { list: [body], beside: { sent_at: member(body, 'sent_at') ?? null } };
}

/** What reads the time of an event of this request (I120). */
function clockOf(beside: JsonObject, request: EventRequest): (event: JsonObject, properties: JsonObject) => number {
  const sentAt = readTime(member(beside, 'sent_at')) ?? queryClock(request.query);
  return (event, properties) =>
    eventTime(
      {
        timestamp: member(event, 'timestamp'),
        offset: member(event, 'offset'),
        sentAt: member(properties, '$ignore_sent_at') === true ? undefined : sentAt,
      },
      request.now,
    );
}

const firstUsableYear = Date.UTC(2021, 0);

/** The client's clock in the query, if it is one (I12). */
function queryClock(query: URLSearchParams): number | undefined {
  const clock = Number(query.get('sent_at') ?? query.get('_') ?? Number.NaN);
  return clock >= firstUsableYear ? clock : undefined;
}

/** Of events with one uuid the first counts (I151). */
function firstOfEachUuid(events: readonly SdkEvent[]): readonly SdkEvent[] {
  const seen = new Set<string>();
  return events.filter(({ uuid }) => uuid === null || (!seen.has(uuid) && seen.add(uuid)));
}
