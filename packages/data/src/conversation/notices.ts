import { definitionsChannel } from '../statements/definitions-channel.ts';
import type { Store } from './store.ts';
import { askTables } from './tables.ts';
import { type Conversation, rowsIn } from './wish.ts';

/**
 * Whether notices are to be relied on. That a server took `LISTEN` proves nothing: a pooler in transaction mode takes it and delivers
 * none. So a text is sent on the channel by way of the pool, and only when it arrives are notices believed in, for a while.
 */
export interface NoticesRecord {
  /** Looks may be rare. */
  believed: boolean;
  /** Begins every text of this listener. */
  readonly nonce: string;
  sent: number;
  /** The text that was sent last and has not been judged yet. */
  awaited: string | null;
  arrived: boolean;
  /** The schema announces changes, said the answer to the last sending; null: there is none yet. */
  announces: boolean | null;
  /** When the host has to tell `due`. */
  wakeAt: number;
  /** How long the host waits before it connects again, in milliseconds. */
  pauseMs: number;
}

/**
 * - `began`: the server has taken `LISTEN`.
 * - `ended`: the connection has gone.
 * - `sent`: the text is on its way; the detail says whether the schema announces changes.
 * - `failed`: it could not be sent.
 * - `heard`: a text arrived, and which. What names a team is none of ours, and changes nothing here.
 * - `due`: it is `wakeAt`.
 */
export type NoticesEvent = 'began' | 'ended' | 'sent' | 'failed' | 'heard' | 'due';

/** `send`: send `awaited` and tell what became of it. `believe`, `doubt`: notices arrive from now on, or not any more. */
export type NoticesAction = 'send' | 'believe' | 'doubt';

/** A text that takes longer does not arrive. */
const patienceMs = 5_000;
/** How long what was found out is good for, and how long a failure to send is. */
const againMs = 30_000;
const retryMs = 5_000;

/** While nobody is there, one waits twice as long each time (D118). */
const shortestPauseMs = 100;
const longestPauseMs = 5_000;

/** The pause in milliseconds before listening is tried again, behind one of that many; behind none where it had begun. */
export function pauseAfter(pauseMs: number): number {
  return Math.min(Math.max(pauseMs * 2, shortestPauseMs), longestPauseMs);
}

/** The team whose definitions a text on the channel announces as changed; null: it is another kind of text. */
export function teamAnnounced(text: string): number | null {
  return /^-?\d+$/.test(text) ? Number(text) : null;
}

/** @param chance from 0 to 1: others on the channel must not have the same texts */
export function silence(chance: number): NoticesRecord {
  return {
    believed: false,
    nonce: `halyard-${Math.floor(chance * 2 ** 48).toString(36)}`,
    sent: 0,
    awaited: null,
    arrived: false,
    announces: null,
    wakeAt: Number.POSITIVE_INFINITY,
    pauseMs: 0,
  };
}

/** Changes the record; the actions are for the host to do. */
export function advanceNotices(
  record: NoticesRecord,
  event: NoticesEvent,
  now: number,
  detail: { readonly text?: string; readonly announces?: boolean } = {},
): readonly NoticesAction[] {
  switch (event) {
    case 'began':
      record.pauseMs = 0;
      return send(record, now);
    case 'ended':
      record.pauseMs = pauseAfter(record.pauseMs);
      return judge(record, false, Number.POSITIVE_INFINITY);
    case 'sent':
      record.announces = detail.announces === true;
      if (!record.announces) return judge(record, false, now + againMs);
      return record.arrived ? judge(record, true, now + againMs) : [];
    case 'failed':
      return judge(record, false, now + retryMs);
    case 'heard':
      if (record.awaited === null || detail.text !== record.awaited) return [];
      record.arrived = true;
      return record.announces === true ? judge(record, true, now + againMs) : [];
    case 'due':
      if (now < record.wakeAt) return [];
      return record.awaited === null ? send(record, now) : judge(record, false, now + againMs);
  }
}

function send(record: NoticesRecord, now: number): readonly NoticesAction[] {
  record.sent += 1;
  record.awaited = `${record.nonce}-${record.sent}`;
  record.arrived = false;
  record.announces = null;
  record.wakeAt = now + patienceMs;
  return ['send'];
}

function judge(record: NoticesRecord, believed: boolean, wakeAt: number): readonly NoticesAction[] {
  record.awaited = null;
  record.wakeAt = wakeAt;
  if (record.believed === believed) return [];
  record.believed = believed;
  return [believed ? 'believe' : 'doubt'];
}

/**
 * Sends a text on the channel of notices by way of the pool. Whether the schema announces changes by now: its triggers may come and go
 * with migrations.
 *
 * @throws {StoreError}
 */
export function* sendNotice(store: Store, text: string): Conversation<boolean> {
  const pool = 'non-persons writer';
  store.tables(pool).lookedAt = Number.NEGATIVE_INFINITY;
  const [sent] = yield* askTables(store, pool, () => {
    const ticket = store.ticket();
    const statement = {
      text: 'select pg_notify($1, $2)::text as sent, $3::text as asked',
      values: [definitionsChannel, text, ticket],
    };
    return [{ pool, statement, ticket }];
  });
  rowsIn(sent);
  return store.tables(pool).features?.announcesChanges === true;
}
