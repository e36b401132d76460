import { dependentsStatement, flagNamesStatement, type Row, type Work } from '@halyard/data/management';
import { isList, isObject, type JsonObject, member } from '@halyard/json';
import { ask } from '../command.ts';
import { variantKeys } from '../filters/cross-field.ts';
import { targetIds } from '../filters/walk.ts';
import { Refusal } from '../refusal.ts';
import type { Flag, FlagFields } from './flag.ts';
import { flagsInExperiments, flagUses } from './flag-uses.ts';

/** Up to five flags for a sentence (M47). */
function named(rows: readonly Row[]): string {
  const names = rows.slice(0, 5).map((row) => `${row['key']} (ID: ${row['id']})`);
  return rows.length > 5 ? `${names.join(', ')} and ${rows.length - 5} more` : names.join(', ');
}

/** M47: no active flag may lose the flag that it asks about. */
export function* refuseWhileNeeded(flag: Flag, what: 'disable' | 'delete', alsoGoing: ReadonlySet<number>): Work<void> {
  const rows = yield* ask(dependentsStatement(flag.team_id, [flag.id]));
  const others = rows.filter((row) => row['id'] !== String(flag.id) && !alsoGoing.has(Number(row['id'])));
  if (others.length === 0) return;
  throw Refusal.invalid('invalid_input', `Cannot ${what} this flag while active flags depend on it: ${named(others)}`);
}

/** M47: a flag is on only while those that it asks about are. */
export function* refuseWhileTargetsAreOff(flag: Flag, filters: JsonObject): Work<void> {
  const ids = targetIds(filters);
  if (ids.length === 0) return;
  const rows = yield* ask(flagNamesStatement(flag.team_id, ids));
  const off = rows.filter((row) => row['active'] !== 'true' || row['deleted'] === 'true');
  if (off.length === 0 && rows.length === ids.length) return;
  const missing = ids.filter((id) => !rows.some((row) => row['id'] === String(id)));
  const what = off.length > 0 ? named(off) : missing.map((id) => `ID: ${id}`).join(', ');
  throw Refusal.invalid('invalid_input', `Cannot enable this flag while flags that it depends on are off: ${what}`);
}

/** M50: why a flag cannot be deleted, the first that applies. */
export function* refuseDeletion(flag: Flag, alsoGoing: ReadonlySet<number>): Work<void> {
  if (flag.features.length > 0) {
    const detail = 'Cannot delete a flag that an early access feature uses. Delete the feature first.';
    throw Refusal.invalid('invalid_input', detail);
  }
  const use = (yield* flagUses(flag.team_id, [flag.id])).get(flag.id);
  if (use === 'experiment') {
    throw Refusal.invalid('invalid_input', 'Cannot delete a flag that a running experiment uses. End it first.');
  }
  yield* refuseWhileNeeded(flag, 'delete', alsoGoing);
  if (use === 'replay') {
    const detail = 'Cannot delete a flag that decides which sessions are recorded. Change the replay settings first.';
    throw Refusal.invalid('invalid_input', detail);
  }
}

/** M70: whoever takes part in a running experiment keeps the variant that they have. */
export function* refuseLostVariants(flag: Flag, filters: JsonObject): Work<void> {
  const left = new Set(variantKeys(filters));
  const lost = (variantKeys(flag.filters) ?? []).filter((key) => !left.has(key));
  if (lost.length === 0 || (yield* flagsInExperiments(flag.team_id, [flag.id])).length === 0) return;
  const detail = `multivariate.variants: A running experiment uses ${lost.map((key) => `"${key}"`).join(', ')}.`;
  throw Refusal.invalid('invalid_input', detail, 'filters');
}

/** M48, M49: fields that do not go together after a write. */
export function refuseCombinations(next: FlagFields, stored: FlagFields | null): void {
  if (next.archived && next.active) {
    const wasArchived = stored?.archived === true;
    const detail = wasArchived
      ? 'An archived flag cannot be enabled. Unarchive it first.'
      : 'Only a disabled flag can be archived.';
    throw Refusal.invalid('invalid_input', detail, wasArchived ? 'active' : 'archived');
  }
  if (next.has_encrypted_payloads === true && next.is_remote_configuration !== true) {
    const detail = 'Only remote configuration flags can have encrypted payloads.';
    throw Refusal.invalid('invalid_input', detail, 'has_encrypted_payloads');
  }
  const onDevice = (fields: FlagFields | null) =>
    fields?.bucketing_identifier === 'device_id' && fields.ensure_experience_continuity === true;
  if (onDevice(next) && !onDevice(stored)) {
    const detail = 'Bucketing by device cannot be combined with experience continuity.';
    throw Refusal.invalid('invalid_input', detail, 'ensure_experience_continuity');
  }
}

/** M70, M131: what an early access feature does not allow its flag. */
export function refuseAgainstEarlyAccess(flag: Flag, next: FlagFields): void {
  if (flag.features.length === 0) return;
  if (next.key !== flag.key) {
    const detail = 'Cannot change the key of a flag that an early access feature uses: people are enrolled under it.';
    throw Refusal.invalid('invalid_input', detail, 'key');
  }
  if (aggregatesByGroup(next.filters)) {
    const detail = 'groups: A flag of an early access feature cannot target groups.';
    throw Refusal.invalid('invalid_input', detail, 'filters');
  }
}

/** Whether the flag or one of its conditions is about groups. */
export function aggregatesByGroup(filters: JsonObject): boolean {
  if (typeof member(filters, 'aggregation_group_type_index') === 'number') return true;
  const groups = member(filters, 'groups');
  return (
    isList(groups) &&
    groups.some((group) => isObject(group) && typeof member(group, 'aggregation_group_type_index') === 'number')
  );
}
