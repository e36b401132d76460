import type { Statement } from '../statements/statement.ts';

/*
 * Signing in (M185). A session is known by the digest of its cookie; the table is ours (M193).
 */

/** Whoever has this address: one row `id password`, none when nobody active has it. */
export function passwordOfAddressStatement(email: string): Statement {
  return {
    text: `select id::text, password from posthog_user where lower(email) = lower($1) and is_active order by id limit 1`,
    values: [email],
  };
}

/** The same by the user's id. */
export function passwordOfUserStatement(userId: number): Statement {
  return { text: `select id::text, password from posthog_user where id = $1 and is_active`, values: [userId] };
}

/** Begins a session, and forgets those whose time is over. */
export function beginSessionStatement(digest: string, userId: number, seconds: number): Statement {
  return {
    text: `with over as (delete from halyard_session where expires_at < now()), seen as (
  update posthog_user set last_login = now() where id = $2
)
insert into halyard_session (digest, user_id, expires_at) values ($1, $2, now() + make_interval(secs => $3::int))`,
    values: [digest, userId, seconds],
  };
}

/** Lets a session that is used live on. */
export function keepSessionStatement(digest: string, seconds: number): Statement {
  return {
    text: `update halyard_session set last_seen_at = now(), expires_at = now() + make_interval(secs => $2::int) where digest = $1`,
    values: [digest, seconds],
  };
}

/** Notes that the password was given again. */
export function confirmSessionStatement(digest: string): Statement {
  return { text: `update halyard_session set confirmed_at = now() where digest = $1`, values: [digest] };
}

export function endSessionStatement(digest: string): Statement {
  return { text: `delete from halyard_session where digest = $1`, values: [digest] };
}

/** Ends all sessions of a user but one; null: all. */
export function endSessionsStatement(userId: number, but: string | null): Statement {
  return {
    text: `delete from halyard_session where user_id = $1 and digest is distinct from $2`,
    values: [userId, but],
  };
}

/** Whether somebody can sign in: one row `found`. */
export const hasPasswordStatement: Statement = {
  text: `select exists (select from posthog_user where is_active and password not in ('', '!'))::text as found`,
  values: [],
};

const SETUP = 'setup_link';

/** Keeps the digest of the link with which the first user is made; the former one is good no more. */
export function keepSetupLinkStatement(digest: string, seconds: number): Statement {
  return {
    text: `insert into halyard_setting (name, value)
values ('${SETUP}', jsonb_build_object('digest', $1::text, 'expires_at', now() + make_interval(secs => $2::int)))
on conflict (name) do update set value = excluded.value, updated_at = now()`,
    values: [digest, seconds],
  };
}

/** Uses the link up: one row when it was this one, and in time. */
export function takeSetupLinkStatement(digest: string): Statement {
  return {
    text: `delete from halyard_setting where name = '${SETUP}' and value ->> 'digest' = $1
  and (value ->> 'expires_at')::timestamptz > now() returning name`,
    values: [digest],
  };
}
