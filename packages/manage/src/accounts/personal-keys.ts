import {
  deletePersonalKeyStatement,
  insertPersonalKeyStatement,
  lockUserStatement,
  personalKeysStatement,
  rollPersonalKeyStatement,
  updatePersonalKeyStatement,
  type Work,
} from '@halyard/data/management';
import { Refusal } from '../refusal.ts';
import { type Caller, type CallingKey, keyFromRow } from './caller.ts';
import { visibleProjects } from './places.ts';
import { newKeyRow, newSecret } from './secrets.ts';
import { invalidScope } from './scopes.ts';

/** Most personal keys of one user (M150). */
const MOST = 10;

/** What a personal key may do, as somebody asks for it; absent members of a change stay. */
export interface PersonalKeyInput {
  readonly label?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly scopedTeams?: readonly number[] | undefined;
  readonly scopedOrganizations?: readonly string[] | undefined;
}

/** A key and its text, which nobody can be told a second time. */
export interface ShownKey {
  readonly key: CallingKey;
  readonly value: string;
}

/** Personal keys of the caller, newest first. */
export function* personalKeys({ user }: Caller): Work<readonly CallingKey[]> {
  const rows = yield personalKeysStatement(user.id);
  return rows.map((row) => keyFromRow(JSON.parse(row['found'] ?? '{}') as Record<string, unknown>));
}

/**
 * One of them.
 *
 * @throws {Refusal} 404 for one of somebody else's, too
 */
export function* personalKey({ user }: Caller, id: string): Work<CallingKey> {
  const [row] = yield personalKeysStatement(user.id, id);
  if (row === undefined) throw Refusal.notFound();
  return keyFromRow(JSON.parse(row['found'] ?? '{}') as Record<string, unknown>);
}

/** Makes a key of the caller (M150). @throws {Refusal} */
export function* createPersonalKey(
  caller: Caller,
  input: PersonalKeyInput & { readonly label: string },
): Work<ShownKey> {
  yield* checkRestrictions(caller, input);
  yield lockUserStatement(caller.user.id);
  const known = yield personalKeysStatement(caller.user.id);
  if (known.length >= MOST) {
    throw Refusal.invalid(
      'invalid_input',
      `You can only have ${MOST} personal API keys. Remove an existing key first.`,
    );
  }
  const { value, row } = newKeyRow('phx_', input.label, input.scopes ?? []);
  yield insertPersonalKeyStatement(caller.user.id, row, input.scopedTeams ?? [], input.scopedOrganizations ?? []);
  return { key: yield* personalKey(caller, row.id), value };
}

/** Changes what a key may do. @throws {Refusal} */
export function* changePersonalKey(caller: Caller, id: string, input: PersonalKeyInput): Work<CallingKey> {
  yield* checkRestrictions(caller, input);
  yield* personalKey(caller, id);
  yield updatePersonalKeyStatement(caller.user.id, id, {
    label: input.label ?? null,
    scopes: input.scopes ?? null,
    teams: input.scopedTeams ?? null,
    organizations: input.scopedOrganizations ?? null,
  });
  return yield* personalKey(caller, id);
}

/** Gives a key a new value; the old one opens nothing from then on. @throws {Refusal} */
export function* rollPersonalKey(caller: Caller, id: string): Work<ShownKey> {
  yield* personalKey(caller, id);
  const { value, mask, secureValue } = newSecret('phx_');
  yield rollPersonalKeyStatement(caller.user.id, id, mask, secureValue);
  return { key: yield* personalKey(caller, id), value };
}

/** @throws {Refusal} 404 */
export function* deletePersonalKey(caller: Caller, id: string): Work<void> {
  yield* personalKey(caller, id);
  yield deletePersonalKeyStatement(caller.user.id, id);
}

function* checkRestrictions(caller: Caller, input: PersonalKeyInput): Work<void> {
  const unknown = invalidScope(input.scopes ?? [], ['*']);
  if (unknown !== undefined) throw Refusal.invalid('invalid_input', `Invalid scope: ${unknown}`, 'scopes');
  const known = (yield* visibleProjects(caller)).map(({ teamId }) => teamId);
  const foreign = input.scopedTeams?.find((id) => !known.includes(id));
  if (foreign !== undefined) {
    throw Refusal.invalid('invalid_input', `You are not a member of a project ${foreign}.`, 'scoped_teams');
  }
  const organizations = caller.user.memberships.map(({ organizationId }) => organizationId);
  const other = input.scopedOrganizations?.find((id) => !organizations.includes(id));
  if (other !== undefined) {
    throw Refusal.invalid(
      'invalid_input',
      'You are not a member of one of these organizations.',
      'scoped_organizations',
    );
  }
}
