import {
  keyOwnerStatement,
  type Row,
  sessionOwnerStatement,
  stampPersonalKeyStatement,
  type Work,
} from '@halyard/data/management';
import { type Caller, keyFromRow, userFromRow } from './caller.ts';

const HOUR_MS = 3_600_000;

/**
 * The active owner of a personal key (M10); null: it is nobody's. That it was used is noted at most hourly.
 *
 * @param digest SHA-256 of the key, in lower-case hex (D17)
 * @param now milliseconds since the epoch
 */
export function* callerOfKey(digest: string): Work<Caller | null> {
  const [row] = yield keyOwnerStatement(digest);
  if (row === undefined) return null;
  const { user, key } = foundIn(row);
  return { user: userFromRow(user), via: keyFromRow(key) };
}

/** Whether the use of a key is to be noted: not within the last hour (M10). */
export function isStampDue(lastUsedAt: string | null, now: number): boolean {
  return lastUsedAt === null || !(Date.parse(lastUsedAt) > now - HOUR_MS);
}

/** Notes that a key was used. */
export function* stampKey(id: string): Work<void> {
  yield stampPersonalKeyStatement(id);
}

/**
 * Who is signed in with a session that lives (M11); null: nobody.
 *
 * @param digest SHA-256 of the cookie, in lower-case hex
 * @param csrfToken what unsafe requests of this session have to bring
 */
export function* callerOfSession(digest: string, csrfToken: string): Work<Caller | null> {
  const [row] = yield sessionOwnerStatement(digest);
  if (row === undefined) return null;
  const { user, session } = foundIn(row);
  const confirmedAt = Date.parse(String(session['confirmed_at']));
  const lastSeenAt = Date.parse(String(session['last_seen_at']));
  return { user: userFromRow(user), via: { kind: 'session', digest, confirmedAt, lastSeenAt, csrfToken } };
}

type Json = Readonly<Record<string, unknown>>;

function foundIn(row: Row): Readonly<Record<'user' | 'key' | 'session', Json>> {
  return JSON.parse(row['found'] ?? '{}') as Readonly<Record<'user' | 'key' | 'session', Json>>;
}
