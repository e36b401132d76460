import type { Statement } from '../statements/statement.ts';

/** Whether there are approval policies here that may be read: one row `policies`. Tables of our own have none. */
export const hasApprovalPoliciesStatement: Statement = {
  text: `select coalesce(has_table_privilege(to_regclass('posthog_approvalpolicy'), 'SELECT'), false)::text as policies`,
  values: [],
};

/** Whose change, and what it does. */
export interface ApprovalQuestion {
  readonly teamId: number;
  /** `null`: no user. */
  readonly userId: number | null;
  /** PostHog's names, such as `feature_flag.enable`. */
  readonly actions: readonly string[];
}

/**
 * The policy of each of these actions, the project's before the organization's: rows `action`, `conditions` (JSON) and `bypassed`, whether the
 * user's level in the organization is one that needs no approval. Asked where the table is. Roles that need none are not looked at.
 */
export function approvalPoliciesStatement({ teamId, userId, actions }: ApprovalQuestion): Statement {
  return {
    text: `select distinct on (p.action_key) p.action_key as action, p.conditions::text as conditions, exists (
    select from posthog_organizationmembership m cross join jsonb_array_elements_text(p.bypass_org_membership_levels) free
     where m.organization_id = p.organization_id and m.user_id = $2 and m.level::text = free)::text as bypassed
  from posthog_approvalpolicy p join posthog_team t on t.organization_id = p.organization_id
 where t.id = $1 and (p.team_id = t.id or p.team_id is null) and p.enabled and p.action_key = any ($3::text[])
 order by p.action_key, p.team_id nulls last`,
    values: [teamId, userId, actions],
  };
}
