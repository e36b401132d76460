/** SQL for a time as the API writes it (M24): UTC with microseconds, or null. */
export function timeText(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** SQL for what is shown of the user with this id (M25): a JSON object, or null. Columns that a schema lacks are null. */
export function userBrief(id: string): string {
  return `(select json_build_object('id', u.id, 'uuid', r -> 'uuid', 'distinct_id', r -> 'distinct_id',
    'first_name', coalesce(r ->> 'first_name', ''), 'last_name', coalesce(r ->> 'last_name', ''), 'email', u.email,
    'is_email_verified', r -> 'is_email_verified', 'hedgehog_config', null,
    'role_at_organization', r -> 'role_at_organization')
  from posthog_user u cross join lateral (select to_jsonb(u) as r) x where u.id = ${id})`;
}
