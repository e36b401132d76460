import type { JsonObject } from '@halyard/json';
import {
  type Caller,
  callerOfKey,
  callerOfSession,
  digestOf,
  isStampDue,
  stampKey,
  type Transactions,
} from '@halyard/manage';
import { type Headers, header } from '../../http/messages.ts';
import { unauthenticated } from './api-error.ts';
import { csrfTokenOf, sessionCookie } from './session-cookie.ts';

/** Where a credential may stand. */
export interface Presented {
  readonly headers: Headers;
  readonly members: JsonObject;
  readonly query: URLSearchParams;
}

export interface CredentialOptions {
  readonly database: Transactions;
  /** Take a key from the query, too, where logs of proxies and browsers keep it (M10 (R)). */
  readonly keysInQuery: boolean;
  /** There is a table of sessions. */
  readonly sessions: boolean;
  /** Nothing may be written, not even that a key was used. */
  readonly readOnly: boolean;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

const LONGEST_KEY = 200;

/**
 * Finds out who asks (M10 to M12): by the first key that is there – header, body, query – else by the cookie.
 *
 * @throws {ApiError} 401, as M13 says
 */
export async function authenticate(presented: Presented, options: CredentialOptions): Promise<Caller> {
  const key = presentedKey(presented, options.keysInQuery);
  if (key !== null) return ownerOf(key, options);
  const cookie = options.sessions ? sessionCookie(presented.headers) : null;
  const caller =
    cookie === null ? null : await options.database.read(() => callerOfSession(digestOf(cookie), csrfTokenOf(cookie)));
  if (caller === null) {
    throw unauthenticated('not_authenticated', 'Authentication credentials were not provided.');
  }
  return caller;
}

interface PresentedKey {
  readonly text: string;
  readonly place: string;
}

function presentedKey({ headers, members, query }: Presented, keysInQuery: boolean): PresentedKey | null {
  const bearer = /^Bearer\s+(\S.*)$/i.exec(header(headers, 'authorization') ?? '')?.[1]?.trim();
  if (bearer !== undefined) return { text: bearer, place: 'Authorization header' };
  const inBody = Object.hasOwn(members, 'personal_api_key') ? members['personal_api_key'] : undefined;
  if (typeof inBody === 'string' && inBody !== '') return { text: inBody, place: 'body' };
  const inQuery = keysInQuery ? query.get('personal_api_key') : null;
  return inQuery === null || inQuery === '' ? null : { text: inQuery, place: 'query string' };
}

async function ownerOf({ text, place }: PresentedKey, options: CredentialOptions): Promise<Caller> {
  const refused = unauthenticated('authentication_failed', `Personal API key found in request ${place} is invalid.`);
  // M12: secret keys open definitions only.
  if (text.startsWith('phs_') || text.length > LONGEST_KEY) throw refused;
  const caller = await options.database.read(() => callerOfKey(digestOf(text)));
  if (caller === null) throw refused;
  const { via } = caller;
  if (!options.readOnly && via.kind === 'personal_key' && isStampDue(via.lastUsedAt, options.clock())) {
    // A key that cannot be stamped opens all the same.
    await options.database.write(() => stampKey(via.id)).catch(() => undefined);
  }
  return caller;
}
