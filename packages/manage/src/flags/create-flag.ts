import type { Work } from '@halyard/data/management';
import type { JsonObject } from '@halyard/json';
import type { CommandContext } from '../command.ts';
import { type Flag, type FlagFields, newFlagFields } from './flag.ts';
import { readFlagInput } from './flag-input.ts';
import { refuseCombinations } from './guards.ts';
import { fullyRolledOut, judgeFilters, refuseWithoutGroups } from './judge-filters.ts';
import { freeKey } from './keys.ts';
import { refuseSecrets, sealedFilters } from './secret-payloads.ts';
import { insertFlag, lockFlags, type WriteReason } from './write-flag.ts';

/**
 * Makes a flag (M40).
 *
 * @param body as it was sent; only `key` is needed
 * @throws {Refusal}
 */
export function* createFlag(context: CommandContext, body: JsonObject): Work<Flag> {
  const { changes, note } = readFlagInput(body, { needsKey: true });
  const { timezone } = yield* lockFlags(context);
  return yield* addFlag(context, { key: '', ...changes }, timezone, { note });
}

/** The same with fields that are read, under the project's lock. */
export function* addFlag(
  context: CommandContext,
  given: Partial<FlagFields> & { readonly key: string },
  timezone: string,
  reason: WriteReason,
): Work<Flag> {
  const fields = yield* judgedNew(context, given, timezone);
  yield* freeKey(context, fields.key, null);
  const filters = sealedFilters(context, fields, null);
  return yield* insertFlag(context, { ...fields, filters }, reason);
}

/** What a new flag would be stored as, but for sealing its secrets. Nothing is written, and whether its key is free is not asked. @throws {Refusal} */
export function* judgedNew(
  context: CommandContext,
  given: Partial<FlagFields> & { readonly key: string },
  timezone: string,
): Work<FlagFields> {
  let fields: FlagFields = { ...newFlagFields, ...given, deleted: false };
  refuseCombinations(fields, null);
  refuseSecrets(context, fields, null);
  if (fields.is_remote_configuration === true) {
    fields = { ...fields, filters: fullyRolledOut({ groups: [], ...fields.filters }) };
  } else if (given.filters !== undefined) {
    refuseWithoutGroups(fields.filters);
  }
  const judged = { id: null, key: fields.key, stored: {}, timezone };
  return { ...fields, filters: yield* judgeFilters(context, judged, fields.filters) };
}
