import {
  advanceNotices,
  type Conversation,
  definitionsChannel,
  type NoticesEvent,
  type NoticesRecord,
  sendNotice,
  silence,
  StoreError,
  teamAnnounced,
} from '@halyard/data/conversation';
import { jsonText } from '@halyard/json';
import { begin } from './conversations.ts';
import { parseObject, required, stringOf } from './request.ts';
import { type HostStore, storeOf } from './stores.ts';

interface NoticesCall {
  readonly record?: NoticesRecord;
  readonly event: NoticesEvent;
  readonly now: number;
  readonly detail?: { readonly text?: string; readonly announces?: boolean };
}

/**
 * Tells the machine that judges whether notices arrive an event. The call: `{"record", "event", "now", "detail"}`; the record is that of the
 * last answer, or absent at first. Answer: `=` and `{"record", "actions", "believed", "awaited", "wakeAt", "pauseMs", "channel", "team"}`:
 * when it is `due` in the host's milliseconds or `null` for never, how long to wait before connecting again, where to listen, and the team
 * whose definitions a text that was heard announces as changed or `null`.
 */
export function tellNotices(text: string): string {
  // What the host wrote; a number is a double here, however it is written.
  const { record: given, event, now, detail } = JSON.parse(text) as NoticesCall;
  const record = given === undefined ? silence(Math.random()) : { ...given };
  record.wakeAt ??= Number.POSITIVE_INFINITY;
  const actions = advanceNotices(record, event, now, detail);
  const { believed, awaited, wakeAt, pauseMs } = record;
  const team = event === 'heard' && detail?.text !== undefined ? teamAnnounced(detail.text) : null;
  return `=${JSON.stringify({ record, actions, believed, awaited, wakeAt, pauseMs, channel: definitionsChannel, team })}`;
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
