import {
  advanceNotices,
  type Conversation,
  type NoticesEvent,
  type NoticesRecord,
  sendNotice,
  silence,
  StoreError,
} from '@halyard/data/conversation';
import { type JsonObject, jsonText } from '@halyard/json';
import { begin } from './conversations.ts';
import { numberOf, parseObject, required, stringOf } from './request.ts';
import { type HostStore, storeOf } from './stores.ts';

/**
 * Tells the machine that judges whether notices arrive an event. The call: `{"record", "event", "now", "detail"}`; the record is that of the
 * last answer, or absent at first. Answer: `=` and `{"record", "actions", "believed", "awaited", "wakeAt"}`, the last in the host's
 * milliseconds or `null` for never.
 */
export function tellNotices(text: string): string {
  const call = parseObject(text);
  const given = call['record'] as unknown as NoticesRecord | undefined;
  const record = given === undefined ? silence(Math.random()) : { ...given };
  record.wakeAt ??= Number.POSITIVE_INFINITY;
  const event = stringOf(call, 'event') as NoticesEvent;
  const actions = advanceNotices(record, event, numberOf(call, 'now'), call['detail'] as JsonObject | undefined);
  const wakeAt = Number.isFinite(record.wakeAt) ? record.wakeAt : null;
  const { believed, awaited } = record;
  return `=${jsonText({ record: { ...record, wakeAt }, actions, believed, awaited, wakeAt })}`;
}

/**
 * Sends a text on the channel of notices. The call: `{"store", "text"}`. Answer: as `begin`, at last `=` and `{"event", "detail"}`, which
 * the machine is to be told.
 */
export function sendToChannel(text: string): string {
  const call = parseObject(text);
  return begin(sent(required(call, 'store') as unknown as HostStore, stringOf(call, 'text')));
}

function* sent(store: HostStore, text: string): Conversation<string> {
  try {
    const announces = yield* sendNotice(storeOf(store), text);
    return `=${jsonText({ event: 'sent', detail: { announces } })}`;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return `=${jsonText({ event: 'failed', detail: {}, message: error.message })}`;
  }
}
