import type { Statement } from '../statements/statement.ts';

/** What is stored of a key (D15 to D17): enough to recognise it, not enough to send it. */
export interface StoredKey {
  readonly id: string;
  readonly label: string;
  /** Its first and last characters, for people. */
  readonly mask: string;
  /** `sha256$` and the digest. */
  readonly secureValue: string;
  readonly scopes: readonly string[];
}

/** Rows `team_id name token has_secret`, oldest first; those that the text names by id or public token, `null`: all. */
export function projectRowsStatement(named: string | null): Statement {
  return {
    text: `select id::text as team_id, name, api_token as token, (secret_api_token is not null)::text as has_secret
  from posthog_team where $1::text is null or api_token = $1 or id::text = $1 order by id`,
    values: [named],
  };
}

/** Renews the secret token and keeps the former one as its backup: one row when there is such a project. */
export function renewSecretStatement(teamId: number, secret: string): Statement {
  return {
    text: `update posthog_team set secret_api_token_backup = secret_api_token, secret_api_token = $2
 where id = $1 returning id::text as team_id`,
    values: [teamId, secret],
  };
}

/** Gives a project a secret token unless it has one: one row when it had none. */
export function firstSecretStatement(token: string, secret: string): Statement {
  return {
    text: `update posthog_team set secret_api_token = $2 where api_token = $1 and secret_api_token is null
 returning id::text as team_id`,
    values: [token, secret],
  };
}

/** Ends the backup of the secret token. */
export function dropBackupStatement(teamId: number): Statement {
  return {
    text: `update posthog_team set secret_api_token_backup = null where id = $1 returning id::text as team_id`,
    values: [teamId],
  };
}

/** Renews the public token; the former one is nobody's at once. */
export function renewTokenStatement(teamId: number, token: string): Statement {
  return {
    text: `update posthog_team set api_token = $2 where id = $1 returning id::text as team_id`,
    values: [teamId, token],
  };
}

/** Adds a project secret key: one row, none when the label is taken. */
export function addProjectKeyStatement(teamId: number, key: StoredKey): Statement {
  return {
    text: `insert into posthog_projectsecretapikey (id, team_id, label, mask_value, secure_value, scopes)
values ($1, $2, $3, $4, $5, $6) on conflict (team_id, label) do nothing returning id`,
    values: [key.id, teamId, key.label, key.mask, key.secureValue, key.scopes],
  };
}

/**
 * Adds a personal key of the person with this address, who is made a member of the project's organization if need be: one row, none when nobody has the
 * address and nobody is made.
 *
 * @param isScoped whether the key opens this project only
 * @param makes whether a person is made where nobody has the address
 */
export function addPersonalKeyStatement(
  teamId: number,
  email: string,
  key: StoredKey,
  isScoped: boolean,
  makes: boolean,
): Statement {
  return {
    text: `with known as (
  select id from posthog_user where lower(email) = lower($3)
), made as (
  insert into posthog_user (email) select $3 where $9 and not exists (select from known) returning id
), owner as (
  select id from known union all select id from made
), membership as (
  insert into posthog_organizationmembership (user_id, organization_id)
  select owner.id, t.organization_id from owner, posthog_team t where t.id = $2
  on conflict (organization_id, user_id) do nothing
)
insert into posthog_personalapikey (id, user_id, label, mask_value, secure_value, scopes, scoped_teams)
select $1, owner.id, $4, $5, $6, $7, case when $8 then array[$2::int] end from owner returning id`,
    values: [key.id, teamId, email, key.label, key.mask, key.secureValue, key.scopes, isScoped, makes],
  };
}

/** All keys, oldest first: rows `id kind label mask scopes owner projects created_at last_used_at`, lists as JSON. */
export function keyRowsStatement(teamId: number | null): Statement {
  const times = `k.created_at as made_at, to_char(k.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
  to_char(k.last_used_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last_used_at`;
  return {
    text: `select * from (
select k.id, 'project' as kind, k.label, k.mask_value as mask, to_json(k.scopes)::text as scopes, null as owner,
  json_build_array(k.team_id)::text as projects, ${times}
from posthog_projectsecretapikey k where $1::int is null or k.team_id = $1
union all
select k.id, 'personal', k.label, k.mask_value, to_json(k.scopes)::text, u.email,
  coalesce(to_json(k.scoped_teams), '[]')::text, ${times}
from posthog_personalapikey k join posthog_user u on u.id = k.user_id
where $1::int is null or $1 = any (k.scoped_teams) or (coalesce(cardinality(k.scoped_teams), 0) = 0 and exists (
  select from posthog_organizationmembership m join posthog_team t on t.organization_id = m.organization_id
   where m.user_id = k.user_id and t.id = $1))
) keys order by made_at, id`,
    values: [teamId],
  };
}

/** Deletes the key with this id, of whichever kind: one row `kind` when there was one. */
export function revokeKeyStatement(id: string): Statement {
  return {
    text: `with project as (delete from posthog_projectsecretapikey where id = $1 returning 'project' as kind),
personal as (delete from posthog_personalapikey where id = $1 returning 'personal' as kind)
select kind from project union all select kind from personal`,
    values: [id],
  };
}
