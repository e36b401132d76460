import type { Statement } from '../statements/statement.ts';

/*
 * Who asks, and what belongs to them (sections 2 and 14 of the management rules). Rows are read whole, as JSON: a column that another age
 * of PostHog's schema lacks is then absent, and no error (D1, M205). Passwords and keys' own texts leave the database for nobody.
 */

/** A user without what may not leave the database, with memberships `{organization_id, level}`, oldest first. */
const userJson = `to_jsonb(u) - 'password' - 'temporary_token' - 'pending_email' || jsonb_build_object(
  'has_password', coalesce(to_jsonb(u) ->> 'password', '') not in ('', '!'),
  'memberships', coalesce((select jsonb_agg(jsonb_build_object('organization_id', m.organization_id,
      'level', coalesce((to_jsonb(m) ->> 'level')::int, 1)) order by to_jsonb(m) ->> 'joined_at', m.id)
    from posthog_organizationmembership m where m.user_id = u.id), '[]'))`;

/** The active owner of a personal key, and the key: one row `found`, none when it is nobody's (M10, D17). */
export function keyOwnerStatement(digest: string): Statement {
  return {
    text: `select jsonb_build_object('key', to_jsonb(k) - 'value' - 'secure_value', 'user', ${userJson})::text as found
  from posthog_personalapikey k join posthog_user u on u.id = k.user_id
 where k.secure_value = 'sha256$' || $1 and u.is_active`,
    values: [digest],
  };
}

/** Notes the use of a personal key, at most hourly (M10). */
export function stampPersonalKeyStatement(id: string): Statement {
  return {
    text: `update posthog_personalapikey set last_used_at = now()
 where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 hour')`,
    values: [id],
  };
}

/** The signed-in user of a live session: one row `found`. Sessions slide: the use is noted every few minutes (M185). */
export function sessionOwnerStatement(digest: string): Statement {
  return {
    text: `select jsonb_build_object('user', ${userJson}, 'session', to_jsonb(s) - 'digest')::text as found
  from halyard_session s join posthog_user u on u.id = s.user_id
 where s.digest = $1 and s.expires_at > now() and u.is_active`,
    values: [digest],
  };
}

const projectJson = `to_jsonb(t) - 'secret_api_token' - 'secret_api_token_backup' || jsonb_build_object(
  'project_name', (select p.name from posthog_project p where p.id = t.project_id))`;

/** The project that a path names by its id (M2): one row `found`. Of old data that keeps several teams in one project, equal numbers win. */
export function projectStatement(id: number): Statement {
  return {
    text: `select (${projectJson})::text as found from posthog_team t
 where t.project_id = $1 or t.id = $1 order by (t.id = $1) desc, t.id limit 1`,
    values: [id],
  };
}

/** Projects of organizations, oldest first: rows `found`, and one row `count` when asked from the start. */
export function projectsStatement(organizations: readonly string[], teams: readonly number[] | null): Statement {
  return {
    text: `select (${projectJson})::text as found from posthog_team t
 where t.organization_id::text = any ($1::text[]) and ($2::int[] is null or t.id = any ($2::int[])) order by t.id`,
    values: [organizations, teams],
  };
}

/** Organizations by their ids, oldest first: rows `found`. */
export function organizationsStatement(ids: readonly string[]): Statement {
  return {
    text: `select to_jsonb(o)::text as found from posthog_organization o
 where o.id::text = any ($1::text[]) order by o.created_at, o.id`,
    values: [ids],
  };
}
