import { denied, type Refusal } from '@halyard/manage';

/** What an endpoint changes, for databases on which not everything may be (M200, M203). */
export type Changes = 'nothing' | 'definitions' | 'accounts';

/** What may be written to this database (M200 to M203). */
export interface WritePolicy {
  /** The tables are PostHog's own. */
  readonly belongsToPostHog: boolean;
  /** What the setting says about such a database. */
  readonly onPostHog: 'refuse' | 'forward' | 'direct';
  /** Where PostHog itself is, for people. */
  readonly posthogUrl: string | undefined;
  readonly readOnly: boolean;
}

/** Why this must not be changed here; null: it may. */
export function refusedWrite(changes: Changes, policy: WritePolicy): Refusal | null {
  if (changes === 'nothing') return null;
  if (policy.readOnly) return denied('HALYARD_READ_ONLY is set, so nothing can be changed here.', 'read_only');
  if (!policy.belongsToPostHog) return null;
  const where = policy.posthogUrl === undefined ? 'in PostHog' : `in PostHog at ${policy.posthogUrl}`;
  if (changes === 'accounts') {
    const detail = `PostHog manages users, projects and keys of this database. Change them ${where}.`;
    return denied(detail, 'managed_by_posthog');
  }
  if (policy.onPostHog !== 'refuse') return null;
  return denied(
    `PostHog manages the flags of this database. Change them ${where}, or see HALYARD_POSTHOG_WRITES.`,
    'managed_by_posthog',
  );
}

/** Whether a change is PostHog's to carry out (M201). */
export function isForwarded(changes: Changes, { belongsToPostHog, onPostHog }: WritePolicy): boolean {
  return changes === 'definitions' && belongsToPostHog && onPostHog === 'forward';
}
