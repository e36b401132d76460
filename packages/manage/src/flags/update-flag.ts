import type { Work } from '@halyard/data/management';
import type { JsonObject } from '@halyard/json';
import type { CommandContext } from '../command.ts';
import { cycleThrough } from '../filters/references.ts';
import { Refusal } from '../refusal.ts';
import { approvalPolicies, mayNeedApproval, refuseWithoutApproval } from './approvals.ts';
import { mergedEdit, sameField } from './conflict.ts';
import type { Flag, FlagFields } from './flag.ts';
import { readFlagInput } from './flag-input.ts';
import {
  refuseAgainstEarlyAccess,
  refuseCombinations,
  refuseDeletion,
  refuseLostVariants,
  refuseWhileNeeded,
  refuseWhileTargetsAreOff,
} from './guards.ts';
import { judgeFilters } from './judge-filters.ts';
import { formerKey, freeKey, nextFreeKey } from './keys.ts';
import { maskedFilters, refuseSecrets, sealedFilters, shownFlag } from './secret-payloads.ts';
import { lockedFlag, lockFlags, writeFlag, type WriteReason } from './write-flag.ts';

/**
 * Changes the members of a flag that a body names (M45, M46); deletes and restores, too (M50, M51).
 *
 * @param needsKey PUT: the body must name the key
 * @throws {Refusal}; 409 where somebody else changed the same fields since `version` (M81)
 */
export function* updateFlag(
  context: CommandContext,
  id: number,
  body: JsonObject,
  { needsKey = false }: { readonly needsKey?: boolean } = {},
): Work<Flag> {
  const input = readFlagInput(body, { needsKey });
  const { timezone } = yield* lockFlags(context);
  const stored = yield* lockedFlag(context, id);
  return yield* changeFlag(context, stored, mergedEdit(shownFlag(context, stored), input), timezone, {
    note: input.note,
  });
}

const nobodyElse: ReadonlySet<number> = new Set();

/**
 * The same with fields that are read, under the project's lock.
 *
 * @param alsoGoing flags that are deleted in the same call: they need this one no longer (M98)
 */
export function* changeFlag(
  context: CommandContext,
  stored: Flag,
  changes: Partial<FlagFields>,
  timezone: string,
  reason: WriteReason,
  alsoGoing: ReadonlySet<number> = nobodyElse,
): Work<Flag> {
  const next = yield* judgedChange(context, stored, changes, timezone, alsoGoing);
  if (next.key !== stored.key) yield* freeKey(context, next.key, stored.id);
  const filters = sealedFilters(context, next, stored);
  return yield* writeFlag(context, stored, { ...next, filters }, reason);
}

/** What a changed flag would be stored as, but for sealing its secrets. Nothing is written, and whether a new key is free is not asked. @throws {Refusal} */
export function* judgedChange(
  context: CommandContext,
  stored: Flag,
  changes: Partial<FlagFields>,
  timezone: string,
  alsoGoing: ReadonlySet<number> = nobodyElse,
): Work<FlagFields> {
  const filters = { ...maskedFilters(stored), ...changes.filters };
  let next: FlagFields = { ...stored, ...changes, filters };
  refuseCombinations(next, stored);
  refuseSecrets(context, next, stored);
  if (Object.keys(changes.filters ?? {}).length > 0) {
    const judged = { id: stored.id, key: next.key, stored: stored.filters, timezone };
    next = { ...next, filters: yield* judgeFilters(context, judged, filters) };
    yield* refuseLostVariants(stored, next.filters);
  }
  refuseAgainstEarlyAccess(stored, next);
  if (next.deleted && !stored.deleted) yield* refuseDeletion(stored, alsoGoing);
  else if (stored.active && !next.active && !stored.deleted) yield* refuseWhileNeeded(stored, 'disable', alsoGoing);
  const counted = stored.active && !stored.deleted;
  if (next.active && !next.deleted && !counted) yield* refuseWhileTargetsAreOff(stored, next.filters);
  if (mayNeedApproval(stored, next)) refuseWithoutApproval(yield* approvalPolicies(context), stored, next);
  return stored.deleted && !next.deleted ? yield* restored(stored, next) : next;
}

/** M51: a flag that comes back gets its key back, or one like it. */
function* restored(stored: Flag, next: FlagFields): Work<FlagFields> {
  const way = yield* cycleThrough(stored.team_id, stored, next.filters);
  if (way !== null) {
    const detail = `groups: Flags would depend on each other: ${way.join(' → ')}`;
    throw Refusal.invalid('invalid_input', detail, 'filters');
  }
  const former = sameField('key', stored.key, next.key) ? formerKey(stored.key, stored.id) : null;
  return former === null ? next : { ...next, key: yield* nextFreeKey(stored.team_id, former) };
}
