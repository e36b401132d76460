import {
  addOrganizationStatement,
  addUserStatement,
  endSessionsStatement,
  everyOrganizationStatement,
  hasPasswordStatement,
  keepSetupLinkStatement,
  lockAccountsStatement,
  passwordOfAddressStatement,
  setMembershipStatement,
  setPasswordStatement,
  takeSetupLinkStatement,
  type Work,
  digestOf,
  randomText,
} from '@halyard/data/management';
import { Refusal } from '../refusal.ts';
import { levels } from './caller.ts';

/** Who is made. The password is hashed already (M191): that takes longer than a transaction should. */
export interface NewUser {
  readonly email: string;
  readonly firstName: string;
  readonly passwordHash: string;
}

/** How long the link for the first user is good. */
const SETUP_SECONDS = 86_400;

/** The secret of a link with which the first user is made (M185); null: somebody can sign in already. */
export function* newSetupSecret(): Work<string | null> {
  yield lockAccountsStatement;
  if (yield* canSomebodySignIn()) return null;
  const secret = randomText();
  yield keepSetupLinkStatement(digestOf(secret), SETUP_SECONDS);
  return secret;
}

/** Whether any user has a password. */
export function* canSomebodySignIn(): Work<boolean> {
  const [row] = yield hasPasswordStatement;
  return row?.['found'] === 'true';
}

/**
 * Makes the first user, who owns every organization that there is, or a new one (M185). The link is used up.
 *
 * @returns the user's id
 * @throws {Refusal} for a link that is wrong, late, or used, and when somebody can sign in already
 */
export function* setUp(secret: string, user: NewUser, organizationName: string): Work<number> {
  yield lockAccountsStatement;
  const wrong = Refusal.invalid(
    'invalid_link',
    'This link is not good any more. Start Halyard again for a new one.',
    'secret',
  );
  if (yield* canSomebodySignIn()) throw wrong;
  if ((yield takeSetupLinkStatement(digestOf(secret))).length === 0) throw wrong;
  const id = yield* userWithPassword(user);
  yield* own(id, organizationName);
  return id;
}

/**
 * Makes a user who can sign in, or gives one without a password one: a member of every organization, on the given level.
 *
 * @throws {Refusal} when the address is taken by somebody with a password
 */
export function* createUser(user: NewUser, level: number, organizationName: string): Work<number> {
  yield lockAccountsStatement;
  const id = yield* userWithPassword(user);
  yield* own(id, organizationName, level);
  return id;
}

/** Changes the password of the active user with this address, who is signed out everywhere; false: there is none. */
export function* resetPassword(email: string, passwordHash: string): Work<boolean> {
  const [row] = yield passwordOfAddressStatement(email);
  if (row === undefined) return false;
  const id = Number(row['id']);
  yield setPasswordStatement(id, passwordHash);
  yield endSessionsStatement(id, null);
  return true;
}

function* userWithPassword({ email, firstName, passwordHash }: NewUser): Work<number> {
  const [row] = yield addUserStatement({ email, firstName, lastName: '', password: passwordHash });
  if (row !== undefined) return Number(row['id']);
  // Whoever was made with a key alone has no password yet.
  const [known] = yield passwordOfAddressStatement(email);
  if (known === undefined || !['', '!', null].includes(known['password'] ?? null)) {
    throw Refusal.invalid('unique', 'There is already a user with this email address.', 'email');
  }
  yield setPasswordStatement(Number(known['id']), passwordHash);
  return Number(known['id']);
}

function* own(userId: number, organizationName: string, level: number = levels.owner): Work<void> {
  const known = (yield everyOrganizationStatement).map((row) => row['id'] ?? '');
  const made = known.length > 0 ? known : [(yield addOrganizationStatement(organizationName))[0]?.['id'] ?? ''];
  for (const id of made) yield setMembershipStatement(id, userId, level);
}
