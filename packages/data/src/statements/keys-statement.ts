import { type Statement, statementName } from './statement.ts';
import type { MainFeatures } from './table-features.ts';

/** Scopes that open definitions and remote configuration (H166). */
const openingScopes = `array['*', 'feature_flag:read', 'feature_flag:write']`;

/** Its use was not noted within the last hour (D63). */
const isStampDue = `coalesce(k.last_used_at < now() - interval '1 hour', true)::text`;

/**
 * The project that a secret token, current or rotated out, or a project secret key belongs to (D61): rows
 * `kind key_id team_id token digest stamp_due`, the token's before the key's; one of nulls when it is nobody's.
 *
 * @param digest SHA-256 of the text, in lower-case hex
 */
export function secretKeyStatement(text: string, digest: string, features: MainFeatures, ticket: string): Statement {
  const sources: string[] = [];
  if (features.secretTokens) {
    for (const column of ['secret_api_token', 'secret_api_token_backup']) {
      sources.push(`select 1 as rank, t.id as number, null::text as key_id, t.id::text as team_id, t.api_token as token,
    encode(sha256(convert_to(t.${column}, 'UTF8')), 'hex') as digest, 'false' as stamp_due
  from posthog_team t where t.${column} = $1`);
    }
  }
  if (features.projectKeys) {
    sources.push(`select 2, t.id, k.id::text, t.id::text, t.api_token, substr(k.secure_value, 8), ${isStampDue}
  from posthog_projectsecretapikey k join posthog_team t on t.id = k.team_id
 where k.secure_value = 'sha256$' || $2 and (k.scopes is null or k.scopes::text[] && ${openingScopes})`);
  }
  if (sources.length === 0) return { text: `select $1::text as asked, null as team_id`, values: [ticket] };
  const written = `select a.asked, g.* from (select $3::text as asked) a left join lateral (
  ${sources.join('\n  union all ')}
  order by 1, 2) g on $1::text is not null and $2::text is not null`;
  return { name: statementName('secret_key', written), text: written, values: [text, digest, ticket] };
}

/**
 * The person whom a personal key belongs to and what the key is restricted to (D62): one row
 * `key_id digest opens_flags organizations scoped_teams scoped_organizations stamp_due`, lists as JSON; of nulls when it is
 * nobody's or the person is not active. A use that opens nothing is not noted.
 */
export function personalKeyStatement(digest: string, { personalKeys }: MainFeatures, ticket: string): Statement {
  if (!personalKeys) return { text: `select $1::text as asked, null as key_id`, values: [ticket] };
  // The oldest keys are from before there were scopes, and open everything.
  const scopes = `(not to_jsonb(k) ? 'scopes'
    or exists (select from jsonb_array_elements_text(nullif(to_jsonb(k) -> 'scopes', 'null')) s where s = any (${openingScopes})))`;
  const list = (column: string) => `(to_jsonb(k) -> '${column}')::text as ${column}`;
  const text = `select a.asked, g.* from (select $2::text as asked) a left join lateral (
  select k.id::text as key_id, substr(k.secure_value, 8) as digest, ${scopes}::text as opens_flags, ${list('scoped_teams')}, ${list('scoped_organizations')},
    (select json_agg(m.organization_id)::text from posthog_organizationmembership m where m.user_id = k.user_id)
      as organizations, case when ${scopes} then ${isStampDue} else 'false' end as stamp_due
  from posthog_personalapikey k join posthog_user u on u.id = k.user_id and u.is_active
 where k.secure_value = 'sha256$' || $1) g on true`;
  return { name: statementName('personal_key', text), text, values: [digest, ticket] };
}

/** Notes that a key was used, unless that was noted within the last hour (D63). One row. */
export function stampKeyStatement(kind: 'personal' | 'project', id: string, ticket: string): Statement {
  const table = kind === 'personal' ? 'posthog_personalapikey' : 'posthog_projectsecretapikey';
  return {
    text: `with stamped as (
  update ${table} set last_used_at = now()
   where id::text = $1 and (last_used_at is null or last_used_at < now() - interval '1 hour'))
select $2::text as asked`,
    values: [id, ticket],
  };
}

/** The public token of a project by its id: one row `token`, null when there is none. */
export function tokenOfTeamStatement(teamId: number, ticket: string): Statement {
  return {
    text: `select $2::text as asked, (select t.api_token from posthog_team t where t.id = $1) as token`,
    values: [teamId, ticket],
  };
}

/**
 * The remote configurations of a project (H187): one row `configs`, a JSON list of `[id, key, encrypted, payload]`, each payload as
 * the JSON text that is stored for `true`.
 */
export function remoteConfigsStatement(teamId: number, ticket: string): Statement {
  return {
    text: `select $2::text as asked, coalesce(json_agg(json_build_array(id, key, encrypted, payload) order by id), '[]')::text as configs
from (
  select f.id, f.key, coalesce((row ->> 'has_encrypted_payloads')::boolean, false) as encrypted,
    (f.filters -> 'payloads' -> 'true')::text as payload
  from posthog_featureflag f cross join lateral (select to_jsonb(f) as row offset 0) r
 where f.team_id = $1 and not f.deleted and coalesce((row ->> 'is_remote_configuration')::boolean, false)
) configs`,
    values: [teamId, ticket],
  };
}
