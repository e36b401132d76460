import type { Statement, StatementValue } from '../statements/statement.ts';
import { timeText } from './shared-sql.ts';

/** One entry of a project's history (M160). */
export interface HistoryRow {
  readonly id: string;
  readonly teamId: number;
  readonly organizationId: string | null;
  readonly userId: number | null;
  readonly isSystem: boolean;
  readonly activity: string;
  readonly scope: string;
  readonly itemId: string;
  /** JSON text. */
  readonly detail: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Adds entries, in the order in which they are told. */
export function addHistoryStatement(rows: readonly HistoryRow[]): Statement {
  return {
    text: `insert into posthog_activitylog (id, team_id, organization_id, user_id, was_impersonated, is_system, activity, scope,
  item_id, detail, created_at)
select r.id, r."teamId", r."organizationId", r."userId", false, r."isSystem", r.activity, r.scope, r."itemId", r.detail::jsonb, r.at
  from jsonb_to_recordset($1::jsonb) as r (id uuid, "teamId" int, "organizationId" uuid, "userId" int, "isSystem" boolean,
    activity text, scope text, "itemId" text, detail text, at timestamptz)`,
    values: [JSON.stringify(rows)],
  };
}

export interface HistoryPage {
  readonly teamId: number;
  /** Of what: flags, cohorts … */
  readonly scopes: readonly string[];
  /** Null: of every item. */
  readonly itemId: string | null;
  readonly limit: number;
  readonly offset: number;
  /** Part of the name that the thing had. */
  readonly search?: string | null;
  /** Who did it. */
  readonly userId?: number | null;
  readonly activity?: string | null;
  /** Not before, ISO 8601. */
  readonly since?: string | null;
  /** Before, ISO 8601. */
  readonly until?: string | null;
}

const told = `a.team_id = $1 and a.scope = any ($2::text[]) and ($3::text is null or a.item_id = $3)
   and ($4::text is null or strpos(lower(coalesce(a.detail ->> 'name', '')), lower($4)) > 0)
   and ($5::int is null or a.user_id = $5) and ($6::text is null or a.activity = $6)
   and ($7::timestamptz is null or a.created_at >= $7) and ($8::timestamptz is null or a.created_at < $8)`;

function toldValues(page: HistoryPage): StatementValue[] {
  const { teamId, scopes, itemId, search, userId, activity, since, until } = page;
  return [teamId, scopes, itemId, search ?? null, userId ?? null, activity ?? null, since ?? null, until ?? null];
}

/** A page of history, newest first: rows `entry`, JSON, and `total`. */
export function historyStatement(page: HistoryPage): Statement {
  return {
    text: `select json_build_object('id', a.id, 'user_id', a.user_id, 'first_name', to_jsonb(u) ->> 'first_name',
    'email', u.email, 'is_system', coalesce(a.is_system, false), 'activity', a.activity, 'scope', a.scope, 'item_id', a.item_id,
    'created_at', ${timeText('a.created_at')}, 'detail', a.detail)::text as entry
  from posthog_activitylog a left join posthog_user u on u.id = a.user_id
 where ${told} order by a.created_at desc, a.id desc limit $9 offset $10`,
    values: [...toldValues(page), page.limit, page.offset],
  };
}

/** How many entries there are: one row `total`. */
export function historyCountStatement(page: HistoryPage): Statement {
  return {
    text: `select count(*)::text as total from posthog_activitylog a where ${told}`,
    values: toldValues(page),
  };
}

/** All entries of one item, newest first: rows `entry`. */
export function itemHistoryStatement(teamId: number, scope: string, itemId: string): Statement {
  return {
    text: `select json_build_object('activity', a.activity, 'user_id', a.user_id, 'created_at', ${timeText('a.created_at')},
    'detail', a.detail)::text as entry
  from posthog_activitylog a where a.team_id = $1 and a.scope = $2 and a.item_id = $3
 order by a.created_at desc, a.id desc`,
    values: [teamId, scope, itemId],
  };
}
