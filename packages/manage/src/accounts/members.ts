import {
  lockAccountsStatement,
  membersStatement,
  removeMembershipStatement,
  setMembershipStatement,
  type Work,
} from '@halyard/data/management';
import { Refusal } from '../refusal.ts';
import { type CallingUser, levels, userFromRow } from './caller.ts';
import { denied } from './denied.ts';
import type { Organization } from './places.ts';

export interface Member {
  readonly id: string;
  readonly level: number;
  /** As the database writes it. */
  readonly joinedAt: string | null;
  readonly user: CallingUser;
}

/** Members of an organization, longest first (M146). */
export function* membersOf({ id }: Organization): Work<readonly Member[]> {
  return (yield membersStatement(id)).map((row) => {
    const found = JSON.parse(row['found'] ?? '{}') as {
      readonly id: string;
      readonly level: number;
      readonly joined_at: string | null;
      readonly user: Record<string, unknown>;
    };
    return { id: found.id, level: found.level, joinedAt: found.joined_at, user: userFromRow(found.user) };
  });
}

/**
 * Gives a member another level. Nobody gives more than it has, and an organization keeps an owner.
 *
 * @throws {Refusal}
 */
export function* changeMember(organization: Organization, userUuid: string, level: number): Work<Member> {
  const member = yield* reachable(organization, userUuid, level);
  yield setMembershipStatement(organization.id, member.user.id, level);
  return { ...member, level };
}

/** @throws {Refusal} */
export function* removeMember(organization: Organization, userUuid: string): Work<void> {
  const member = yield* reachable(organization, userUuid, 0);
  yield removeMembershipStatement(organization.id, member.user.id);
}

function* reachable(organization: Organization, userUuid: string, level: number): Work<Member> {
  yield lockAccountsStatement;
  const all = yield* membersOf(organization);
  const member = all.find(({ user }) => user.uuid === userUuid.toLowerCase());
  if (member === undefined) throw Refusal.notFound();
  if (Math.max(level, member.level) > organization.level) {
    throw denied('You cannot change somebody above your own level, or give more than it.');
  }
  const owners = all.filter((each) => each.level >= levels.owner);
  if (member.level >= levels.owner && level < levels.owner && owners.length === 1) {
    throw Refusal.invalid('invalid_input', 'An organization needs an owner. Make somebody else one first.', 'level');
  }
  return member;
}
