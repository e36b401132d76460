import type { Statement } from '../statements/statement.ts';

/**
 * The policies of what is done to flags, for each action the project's before the organization's: rows `action` (PostHog's name, such as
 * `feature_flag.enable`) and `conditions` (JSON). Asked where the table is. Those from which the user's level in the organization frees him
 * (`null`: no user) are left out; roles that do are not looked at.
 */
export function approvalPoliciesStatement(teamId: number, userId: number | null): Statement {
  return {
    text: `select action, conditions from (
  select distinct on (p.action_key) p.action_key as action, p.conditions::text as conditions, exists (
    select from posthog_organizationmembership m cross join jsonb_array_elements_text(p.bypass_org_membership_levels) free
     where m.organization_id = p.organization_id and m.user_id = $2 and m.level::text = free) as bypassed
  from posthog_approvalpolicy p join posthog_team t on t.organization_id = p.organization_id
 where t.id = $1 and (p.team_id = t.id or p.team_id is null) and p.enabled and p.action_key like 'feature_flag.%'
 order by p.action_key, p.team_id nulls last) policy where not bypassed`,
    values: [teamId, userId],
  };
}
