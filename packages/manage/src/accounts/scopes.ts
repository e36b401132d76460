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

/** The first of some scopes that is none; undefined: all are. */
export function invalidScope(scopes: readonly string[], further: readonly string[]): string | undefined {
  return scopes.find((scope) => {
    const [object = '', action, ...rest] = scope.split(':');
    const known = (scopeObjects as readonly string[]).includes(object) && rest.length === 0;
    return !further.includes(scope) && !(known && (action === 'read' || action === 'write'));
  });
}
