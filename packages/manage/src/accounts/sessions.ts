import {
  beginSessionStatement,
  confirmSessionStatement,
  endSessionsStatement,
  endSessionStatement,
  keepSessionStatement,
  passwordOfAddressStatement,
  passwordOfUserStatement,
  setPasswordStatement,
  setUserStatement,
  type Work,
  digestOf,
  randomText,
} from '@halyard/data/management';
import { Refusal } from '../refusal.ts';
import type { Caller } from './caller.ts';
import { denied } from './denied.ts';

/** How long a browser stays signed in that does not come back (M185). */
export const SESSION_SECONDS = 14 * 86_400;

/** The use of a session is noted this often. */
const KEEP_MS = 300_000;

/** After this long, what matters most asks for the password again. */
const FRESH_MS = 3_600_000;

/** Whose password is to be checked. */
export interface PasswordOwner {
  readonly userId: number;
  readonly password: string;
}

/** The active user with this address; null: nobody. */
export function* ownerOfAddress(email: string): Work<PasswordOwner | null> {
  const [row] = yield passwordOfAddressStatement(email);
  return row === undefined ? null : { userId: Number(row['id']), password: row['password'] ?? '' };
}

/** The same of a user who is signed in. */
export function* ownerOfSession({ user }: Caller): Work<PasswordOwner | null> {
  const [row] = yield passwordOfUserStatement(user.id);
  return row === undefined ? null : { userId: user.id, password: row['password'] ?? '' };
}

/** Signs a user in: the text of the cookie, of which only the digest is stored. */
export function* beginSession(userId: number): Work<string> {
  const cookie = randomText();
  yield beginSessionStatement(digestOf(cookie), userId, SESSION_SECONDS);
  return cookie;
}

/** Whether the use of the caller's session is to be noted. */
export function isSessionDue({ via }: Caller, now: number): boolean {
  return via.kind === 'session' && now - via.lastSeenAt > KEEP_MS;
}

/** Lets the caller's session live on. */
export function* keepSession({ via }: Caller): Work<void> {
  if (via.kind === 'session') yield keepSessionStatement(via.digest, SESSION_SECONDS);
}

/** The password was given again. */
export function* confirmSession({ via }: Caller): Work<void> {
  if (via.kind === 'session') yield confirmSessionStatement(via.digest);
}

export function* endSession({ via }: Caller): Work<void> {
  if (via.kind === 'session') yield endSessionStatement(via.digest);
}

/** @throws {Refusal} when the password was given too long ago for keys, members and passwords (M185) */
export function requireFresh({ via }: Caller, now: number): void {
  if (via.kind === 'session' && now - via.confirmedAt > FRESH_MS) {
    throw denied('Give your password again: it was last asked for more than an hour ago.', 'confirmation_required');
  }
}

/** What people change of themselves; absent members stay. */
export interface ProfileInput {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  /** Where they work from now on. */
  readonly teamId?: number | undefined;
  readonly passwordHash?: string | undefined;
}

/** Changes the caller's own profile. A new password ends its other sessions. */
export function* changeProfile({ user, via }: Caller, input: ProfileInput): Work<void> {
  yield setUserStatement(user.id, {
    firstName: input.firstName ?? null,
    lastName: input.lastName ?? null,
    teamId: input.teamId ?? null,
  });
  if (input.passwordHash === undefined) return;
  yield setPasswordStatement(user.id, input.passwordHash);
  yield endSessionsStatement(user.id, via.kind === 'session' ? via.digest : null);
}

/** What whoever cannot sign in hears, whatever the reason (M185). */
export function invalidCredentials(): Refusal {
  return Refusal.invalid('invalid_credentials', 'Invalid email or password.');
}
