import {
  type FlagColumns,
  insertFlagStatement,
  lockedFlagStatement,
  lockFlagsStatement,
  setContextsStatement,
  setTagsStatement,
  storableJson,
  StoreError,
  updateFlagStatement,
  type Work,
} from '@halyard/data/management';
import type { JsonObject } from '@halyard/json';
import { ask, type CommandContext, timeOf } from '../command.ts';
import { type Change, change } from '../history/changes.ts';
import { type Activity, record } from '../history/record.ts';
import { Refusal } from '../refusal.ts';
import { sameField } from './conflict.ts';
import { type Flag, type FlagFields, flagFieldNames, flagFromRow } from './flag.ts';
import { maskedFilters } from './secret-payloads.ts';

/** The scope of flags in history (M160). */
export const flagScope = 'FeatureFlag';

/** Why a write happens, for its entry in history. */
export interface WriteReason {
  readonly note: string | null;
  readonly trigger?: JsonObject;
}

/** Waits until no other command writes flags of the project: its time zone. */
export function* lockFlags({ teamId }: CommandContext): Work<{ readonly timezone: string }> {
  const [row] = yield* ask(lockFlagsStatement(teamId));
  const timezone = row?.['timezone'] ?? null;
  if (timezone === null) throw Refusal.notFound('Project not found.');
  return { timezone };
}

/** A flag of the project, deleted ones too, locked. @throws {Refusal} 404 (M4) */
export function* lockedFlag({ teamId }: CommandContext, id: number): Work<Flag> {
  const [row] = yield* ask(lockedFlagStatement(teamId, id));
  if (row === undefined) throw Refusal.notFound();
  return flagFromRow(row);
}

/** Writes a new flag and its entry: the flag as it is stored then. */
export function* insertFlag(context: CommandContext, fields: FlagFields, reason: WriteReason): Work<Flag> {
  const { teamId, actor } = context;
  const at = timeOf(context);
  const columns = { ...columnsOf(fields, flagFieldNames), key: fields.key };
  const [row] = yield* refusingTakenKeys(ask(insertFlagStatement(teamId, actor.userId, at, columns)));
  const id = Number(row?.['id']);
  if (fields.tags.length > 0) yield* ask(setTagsStatement(teamId, id, fields.tags));
  if (fields.evaluation_contexts.length > 0) {
    yield* ask(setContextsStatement(teamId, id, fields.evaluation_contexts, at));
  }
  const written = yield* lockedFlag(context, id);
  yield* record(context, { ...tellCreated(written), ...reason });
  return written;
}

/**
 * Writes what differs between a stored flag and what it shall be, as its next version, and its entry. Where nothing differs nothing is
 * written (M45).
 */
export function* writeFlag(context: CommandContext, stored: Flag, next: FlagFields, reason: WriteReason): Work<Flag> {
  const changed = changedFields(stored, next);
  if (changed.length === 0) return stored;
  const { teamId, actor } = context;
  const at = timeOf(context);
  yield* refusingTakenKeys(ask(updateFlagStatement(stored.id, actor.userId, at, columnsOf(next, changed))));
  if (changed.includes('tags')) yield* ask(setTagsStatement(teamId, stored.id, next.tags));
  if (changed.includes('evaluation_contexts')) {
    yield* ask(setContextsStatement(teamId, stored.id, next.evaluation_contexts, at));
  }
  const written = yield* lockedFlag(context, stored.id);
  yield* record(context, { ...tellWritten(stored, written), ...reason });
  return written;
}

/** The fields in which a flag is not what it shall be. */
export function changedFields(stored: FlagFields, next: FlagFields): readonly (keyof FlagFields)[] {
  return flagFieldNames.filter((name) => !sameField(name, stored[name], next[name]));
}

/** What history says of a new flag (M161). */
export function tellCreated(flag: Flag) {
  return entryOf(flag, 'created', []);
}

/** What history says of a flag as it was and as it is now. */
export function tellWritten(stored: Flag, written: Flag) {
  const changes = changedFields(stored, written).map((name) => changeOf(name, stored, written));
  changes.push(change(flagScope, 'version', stored.version, written.version));
  const activity = stored.deleted === written.deleted ? 'updated' : written.deleted ? 'deleted' : 'restored';
  return entryOf(written, activity, changes);
}

function entryOf(flag: Flag, activity: Activity, changes: readonly Change[]) {
  return { activity, scope: flagScope, itemId: String(flag.id), name: flag.key, changes };
}

function changeOf(name: keyof FlagFields, stored: Flag, written: Flag): Change {
  if (name !== 'filters') return change(flagScope, name, stored[name], written[name]);
  // M162: what is encrypted in the row does not stand in history.
  return change(flagScope, name, maskedFilters(stored), maskedFilters(written));
}

function columnsOf(fields: FlagFields, names: readonly (keyof FlagFields)[]): FlagColumns {
  const columns: Record<string, unknown> = {};
  for (const name of names) {
    if (name === 'tags' || name === 'evaluation_contexts') continue;
    columns[name] = name === 'filters' ? storableJson(fields.filters) : fields[name];
  }
  return columns;
}

export const keyTaken = (): Refusal =>
  Refusal.invalid('unique', 'There is already a feature flag with this key.', 'key');

/** The index has the last word on who has a key (M41): something that does not take turns may have been faster. */
export function* refusingTakenKeys<Result>(work: Work<Result>): Work<Result> {
  try {
    return yield* work;
  } catch (error) {
    if (error instanceof StoreError && error.code === '23505') throw keyTaken();
    throw error;
  }
}
