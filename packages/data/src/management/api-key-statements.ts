import type { Statement } from '../statements/statement.ts';

/** What is stored of a new key (D15 to D17): enough to recognise it, not enough to send it. */
export interface NewApiKeyRow {
  readonly id: string;
  readonly label: string;
  readonly mask: string;
  readonly secureValue: string;
  readonly scopes: readonly string[];
}

/** Personal keys of a user, newest first: rows `found`; one of them alone when its id is given. Locked, so that two do not become eleven. */
export function personalKeysStatement(userId: number, id: string | null = null): Statement {
  return {
    text: `select (to_jsonb(k) - 'value' - 'secure_value')::text as found from posthog_personalapikey k
 where k.user_id = $1 and ($2::text is null or k.id = $2) order by k.created_at desc, k.id`,
    values: [userId, id],
  };
}

/** Makes whoever writes the keys of this user wait for each other. */
export function lockUserStatement(userId: number): Statement {
  return { text: `select id::text from posthog_user where id = $1 for update`, values: [userId] };
}

export function insertPersonalKeyStatement(
  userId: number,
  key: NewApiKeyRow,
  teams: readonly number[],
  organizations: readonly string[],
): Statement {
  return {
    text: `insert into posthog_personalapikey
  (id, user_id, label, mask_value, secure_value, scopes, scoped_teams, scoped_organizations)
values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [key.id, userId, key.label, key.mask, key.secureValue, key.scopes, teams, organizations],
  };
}

/** Members that are null stay as they are. */
export interface KeyChange {
  readonly label: string | null;
  readonly scopes: readonly string[] | null;
  readonly teams: readonly number[] | null;
  readonly organizations: readonly string[] | null;
}

export function updatePersonalKeyStatement(userId: number, id: string, change: KeyChange): Statement {
  return {
    text: `update posthog_personalapikey set label = coalesce($3, label), scopes = coalesce($4, scopes),
  scoped_teams = coalesce($5, scoped_teams), scoped_organizations = coalesce($6, scoped_organizations)
 where user_id = $1 and id = $2`,
    values: [userId, id, change.label, change.scopes, change.teams, change.organizations],
  };
}

/** Puts a new value in the place of the old one, which opens nothing any more. */
export function rollPersonalKeyStatement(userId: number, id: string, mask: string, secureValue: string): Statement {
  return {
    text: `update posthog_personalapikey set mask_value = $3, secure_value = $4, value = null, last_rolled_at = now()
 where user_id = $1 and id = $2`,
    values: [userId, id, mask, secureValue],
  };
}

export function deletePersonalKeyStatement(userId: number, id: string): Statement {
  return { text: `delete from posthog_personalapikey where user_id = $1 and id = $2`, values: [userId, id] };
}

/** Secret keys of a project, newest first: rows `found`. */
export function projectKeysStatement(teamId: number, id: string | null = null): Statement {
  return {
    text: `select (to_jsonb(k) - 'secure_value')::text as found from posthog_projectsecretapikey k
 where k.team_id = $1 and ($2::text is null or k.id = $2) order by k.created_at desc, k.id`,
    values: [teamId, id],
  };
}

export function lockTeamStatement(teamId: number): Statement {
  return { text: `select id::text from posthog_team where id = $1 for update`, values: [teamId] };
}

/** One row `id`, none when the label is taken. */
export function insertProjectKeyStatement(teamId: number, userId: number, key: NewApiKeyRow): Statement {
  return {
    text: `insert into posthog_projectsecretapikey (id, team_id, created_by_id, label, mask_value, secure_value, scopes)
values ($1, $2, $3, $4, $5, $6, $7) on conflict (team_id, label) do nothing returning id`,
    values: [key.id, teamId, userId, key.label, key.mask, key.secureValue, key.scopes],
  };
}

/** One row `id`, none when another key has the label. */
export function updateProjectKeyStatement(
  teamId: number,
  id: string,
  label: string | null,
  scopes: readonly string[] | null,
): Statement {
  return {
    text: `update posthog_projectsecretapikey k set label = coalesce($3, label), scopes = coalesce($4, scopes)
 where team_id = $1 and id = $2
   and not exists (select from posthog_projectsecretapikey o where o.team_id = $1 and o.label = $3 and o.id <> $2) returning id`,
    values: [teamId, id, label, scopes],
  };
}

export function rollProjectKeyStatement(teamId: number, id: string, mask: string, secureValue: string): Statement {
  return {
    text: `update posthog_projectsecretapikey set mask_value = $3, secure_value = $4, last_rolled_at = now()
 where team_id = $1 and id = $2`,
    values: [teamId, id, mask, secureValue],
  };
}

export function deleteProjectKeyStatement(teamId: number, id: string): Statement {
  return { text: `delete from posthog_projectsecretapikey where team_id = $1 and id = $2`, values: [teamId, id] };
}
