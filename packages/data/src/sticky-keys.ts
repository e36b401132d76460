import type { StickyKeyPlan } from '@halyard/engine';

/** A stored hash key with this text counts as none (D53). */
export const cookielessSentinel = '$posthog_cookieless';

/** One stored override of one of the resolved persons. */
export interface StickyKeyRow {
  /** Belongs to the person of the request's own distinct id, not only to that of the anonymous id. */
  readonly own: boolean;
  readonly flagKey: string;
  readonly hashKey: string;
}

/** Flag key → hash key; where both persons have one, that of the distinct id's person wins (D51, E157). */
export function mergeStickyKeys(rows: readonly StickyKeyRow[]): ReadonlyMap<string, string> {
  const merged = new Map<string, string>();
  for (const { own, flagKey, hashKey } of rows) {
    if (own || !merged.has(flagKey)) merged.set(flagKey, hashKey);
  }
  return merged;
}

/** Whether some flag of the plan has no stored key on any of the resolved persons (D50). */
export function lacksStickyKey(
  write: NonNullable<StickyKeyPlan['write']>,
  rows: readonly { readonly flagKey: string }[],
): boolean {
  const stored = new Set(rows.map((row) => row.flagKey));
  return write.flagKeys.some((key) => !stored.has(key));
}
