/** What keys may be allowed to read or write (M14). */
export const scopeObjects = [
  'activity_log',
  'cohort',
  'early_access_feature',
  'feature_flag',
  'group',
  'organization',
  'person',
  'project',
  'user',
] as const;

export type ScopeObject = (typeof scopeObjects)[number];
export type Scope = `${ScopeObject}:read` | `${ScopeObject}:write`;

/** Whether scopes of a key include one: write includes read, `*` everything (M14). A key without scopes has none. */
export function includesScope(scopes: readonly string[], wanted: Scope): boolean {
  if (scopes.includes('*') || scopes.includes(wanted)) return true;
  return wanted.endsWith(':read') && scopes.includes(wanted.replace(/:read$/, ':write'));
}
