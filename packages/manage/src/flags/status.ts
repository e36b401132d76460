import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import type { Flag } from './flag.ts';

export type FlagStatus = 'active' | 'stale' | 'archived' | 'deleted' | 'unknown';

/** What `status/` answers (M87). */
export interface StatusReport {
  readonly status: FlagStatus;
  readonly reason: string;
  /** The reason speaks of the rollout. */
  readonly reason_states_rollout: boolean;
  readonly rollout: {
    readonly effectively_full_rollout: boolean;
    readonly has_targeting_conditions: boolean;
    readonly max_rollout_percentage: number | null;
    readonly is_multivariate: boolean;
  };
}

const day = 24 * 60 * 60 * 1000;

/** Unused for longer than this is stale. */
export const staleAfterMs = 30 * day;

/**
 * Whether a flag is still of use (M87), the first that applies.
 *
 * @param now milliseconds since the epoch
 * @param countedSince since when calls are counted; `null`: they are not, so that "never called" says nothing
 */
export function statusOf(flag: Flag, now: number, countedSince: number | null): StatusReport {
  const report = (status: FlagStatus, reason: string, states = false): StatusReport => ({
    status,
    reason,
    reason_states_rollout: states,
    rollout: rolloutOf(flag.filters),
  });
  if (flag.deleted) return report('deleted', 'The flag is deleted.');
  if (flag.archived) return report('archived', 'The flag is archived.');
  if (!flag.active) return report('active', 'The flag is off, and not counted as stale.');
  const called = flag.last_called_at === null ? null : Date.parse(flag.last_called_at);
  if (called !== null && now - called > staleAfterMs) {
    return report('stale', `The flag was last called ${Math.floor((now - called) / day)} days ago.`);
  }
  const known = countedSince === null ? now : Math.max(countedSince, Date.parse(flag.created_at));
  if (called === null && now - known > staleAfterMs && isFullyRolledOut(flag.filters)) {
    return report('stale', 'The flag is rolled out to everybody and has not been called in 30 days.', true);
  }
  return report('active', called === null ? 'The flag is on.' : 'The flag was called in the last 30 days.');
}

/** Fully rolled out (M87): a boolean flag without conditions counts, too. */
function isFullyRolledOut(filters: JsonObject): boolean {
  const groups = conditionsOf(filters);
  return groups.length === 0 ? variantsOf(filters).length === 0 : hasFullGroup(filters);
}

function hasFullGroup(filters: JsonObject): boolean {
  const variants = variantsOf(filters);
  const oneForAll = variants.some((variant) => member(variant, 'rollout_percentage') === 100);
  return conditionsOf(filters).some((group) => {
    const isFull = member(group, 'rollout_percentage') === 100 && propertiesIn(group).length === 0;
    const pinned = member(group, 'variant');
    return isFull && (variants.length === 0 || oneForAll || (typeof pinned === 'string' && pinned !== ''));
  });
}

function rolloutOf(filters: JsonObject): StatusReport['rollout'] {
  const groups = conditionsOf(filters);
  const shares = groups.map((group) => {
    const share = member(group, 'rollout_percentage') ?? 100;
    return typeof share === 'number' ? share : 100;
  });
  return {
    effectively_full_rollout: isFullyRolledOut(filters),
    has_targeting_conditions: groups.some((group) => propertiesIn(group).length > 0),
    max_rollout_percentage: shares.length === 0 ? null : Math.max(...shares),
    is_multivariate: variantsOf(filters).length > 0,
  };
}

export type RolloutState = 'fully_rolled_out' | 'not_rolled_out' | 'partial';

/** What a flag did when it was deleted (M98), and the variant that everybody had. */
export function rolloutState({ filters, active }: Flag): { state: RolloutState; variant: string | null } {
  const groups = conditionsOf(filters);
  const isOff = groups.every((group) => member(group, 'rollout_percentage') === 0);
  if (!active || isOff) return { state: 'not_rolled_out', variant: null };
  if (!hasFullGroup(filters)) return { state: 'partial', variant: null };
  return { state: 'fully_rolled_out', variant: variantForAll(filters) };
}

function variantForAll(filters: JsonObject): string | null {
  for (const group of conditionsOf(filters)) {
    const pinned = member(group, 'variant');
    if (member(group, 'rollout_percentage') === 100 && propertiesIn(group).length === 0 && typeof pinned === 'string') {
      return pinned;
    }
  }
  const full = variantsOf(filters).find((variant) => member(variant, 'rollout_percentage') === 100);
  const key = full === undefined ? null : (member(full, 'key') ?? null);
  return typeof key === 'string' ? key : null;
}

export function conditionsOf(filters: JsonObject): readonly JsonObject[] {
  return objectsIn(member(filters, 'groups'));
}

export function variantsOf(filters: JsonObject): readonly JsonObject[] {
  const multivariate = member(filters, 'multivariate');
  return isObject(multivariate) ? objectsIn(member(multivariate, 'variants')) : [];
}

function propertiesIn(group: JsonObject): readonly JsonObject[] {
  return objectsIn(member(group, 'properties'));
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}
