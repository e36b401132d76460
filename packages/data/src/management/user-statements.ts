import type { Statement } from '../statements/statement.ts';

/** What is stored of a new user. */
export interface NewUserRow {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** In Django's form (M191). */
  readonly password: string;
}

/** Nobody makes or counts users, members or organizations at the same time. */
export const lockAccountsStatement: Statement = {
  text: `select pg_advisory_xact_lock(hashtext('halyard_accounts'))`,
  values: [],
};

/** Makes a user: one row `id`, none when the address is taken. Addresses are told apart without regard to case. */
export function addUserStatement({ email, firstName, lastName, password }: NewUserRow): Statement {
  return {
    text: `insert into posthog_user (email, first_name, last_name, password)
select $1::varchar, $2, $3, $4 where not exists (select from posthog_user where lower(email) = lower($1::varchar)) returning id::text`,
    values: [email, firstName, lastName, password],
  };
}

/** Changes a password: one row when there is such a user. */
export function setPasswordStatement(userId: number, password: string): Statement {
  return {
    text: `update posthog_user set password = $2 where id = $1 returning id::text`,
    values: [userId, password],
  };
}

/** Names, and where the user works; null: as it was. */
export function setUserStatement(
  userId: number,
  { firstName, lastName, teamId }: { firstName: string | null; lastName: string | null; teamId: number | null },
): Statement {
  return {
    text: `update posthog_user set first_name = coalesce($2, first_name), last_name = coalesce($3, last_name),
  current_team_id = coalesce($4::int, current_team_id),
  current_organization_id = coalesce((select organization_id from posthog_team where id = $4::int), current_organization_id)
 where id = $1`,
    values: [userId, firstName, lastName, teamId],
  };
}

/** All organizations, oldest first: rows `id name`. */
export const everyOrganizationStatement: Statement = {
  text: `select id::text, name from posthog_organization order by created_at, id`,
  values: [],
};

/** Makes an organization: one row `id`. */
export function addOrganizationStatement(name: string): Statement {
  return {
    text: `insert into posthog_organization (name) values ($1) returning id::text`,
    values: [name],
  };
}

/** Makes somebody a member, or gives a member another level. */
export function setMembershipStatement(organizationId: string, userId: number, level: number): Statement {
  return {
    text: `insert into posthog_organizationmembership (organization_id, user_id, level) values ($1::uuid, $2, $3)
on conflict (organization_id, user_id) do update set level = excluded.level, updated_at = now()`,
    values: [organizationId, userId, level],
  };
}

export function removeMembershipStatement(organizationId: string, userId: number): Statement {
  return {
    text: `delete from posthog_organizationmembership where organization_id = $1::uuid and user_id = $2`,
    values: [organizationId, userId],
  };
}

/** Members, longest first: rows `found` with `{id, level, joined_at, user}`. */
export function membersStatement(organizationId: string): Statement {
  return {
    text: `select jsonb_build_object('id', m.id, 'level', coalesce((to_jsonb(m) ->> 'level')::int, 1),
    'joined_at', to_jsonb(m) ->> 'joined_at', 'user', to_jsonb(u) - 'password')::text as found
  from posthog_organizationmembership m join posthog_user u on u.id = m.user_id
 where m.organization_id::text = $1 and u.is_active order by to_jsonb(m) ->> 'joined_at', m.id`,
    values: [organizationId],
  };
}
