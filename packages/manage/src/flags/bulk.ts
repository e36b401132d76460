import {
  dependentsStatement,
  flagNamesStatement,
  flagsByIdStatement,
  type Row,
  type Work,
} from '@halyard/data/management';
import { isList, isObject, type JsonObject, type JsonValue, jsonText, member, textOf } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { shown } from '../coercions.ts';
import { FieldReader } from '../field-reader.ts';
import { Refusal, refuseIf } from '../refusal.ts';
import { type Flag, flagFromRow } from './flag.ts';
import { flagUses } from './flag-uses.ts';
import { readTags } from './flag-input.ts';
import { flagId } from '../filters/walk.ts';
import { matchingIds } from './list-flags.ts';
import { type ListParameters, selectionNames } from './list-query.ts';
import { rolloutState } from './status.ts';
import { changeFlag } from './update-flag.ts';
import { lockFlags, writeFlag } from './write-flag.ts';

const refused = (detail: string): Refusal => Refusal.invalid('invalid_input', detail);

/** Ids among a list's items: numbers and texts of digits. The rest, as they were sent. */
function readIds(value: JsonValue | undefined): { ids: readonly number[]; others: readonly JsonValue[] } {
  if (!isList(value)) throw refused('ids must be a list of flag ids.');
  const ids = value.map((item) => flagId(typeof item === 'number' ? String(item) : item));
  return {
    ids: [...new Set(ids.filter((id) => id !== null))],
    others: value.filter((_, i) => ids[i] === null),
  };
}

const mostAtOnce = 500;

/** Such ids of a body, no more than may be changed at once. */
function readFewIds(body: JsonObject): ReturnType<typeof readIds> {
  const read = readIds(member(body, 'ids'));
  if (read.ids.length + read.others.length <= mostAtOnce) return read;
  throw refused(`Up to ${mostAtOnce} flags can be changed at once.`);
}

/** Keys of flags by id, without deleted and unknown ones (M96). @throws {Refusal} when no id is one */
export function* bulkKeys({ teamId }: CommandContext, body: JsonObject): Work<JsonObject> {
  const { ids, others } = readIds(member(body, 'ids'));
  if (ids.length === 0 && others.length > 0) throw refused('No valid flag ids were given.');
  const rows = yield* ask(flagNamesStatement(teamId, ids));
  const alive = rows.filter((row) => row['deleted'] !== 'true');
  const keys = Object.fromEntries(alive.map((row) => [row['id'] ?? '', row['key'] ?? '']));
  if (others.length === 0) return { keys };
  return { keys, warning: `These are no flag ids and were left out: ${others.map(shown).join(', ')}` };
}

/**
 * Deletes many flags (M98), those of `ids` or those that `filters` choose; what cannot be deleted is told and the rest goes. Flags that go
 * in the same call do not hold each other.
 */
export function* bulkDelete(context: CommandContext, body: JsonObject): Work<JsonObject> {
  const hasIds = Object.hasOwn(body, 'ids');
  if (hasIds === Object.hasOwn(body, 'filters')) throw refused('Give either ids or filters.');
  const { timezone } = yield* lockFlags(context);
  const { ids, others } = hasIds
    ? readIds(member(body, 'ids'))
    : { ids: yield* matchingIds(context, readFilters(member(body, 'filters'))), others: [] };
  const flags = yield* liveFlags(context, ids);
  const going = yield* whoMayGo(context, flags);
  const { done, left } = yield* each(ids, flags, others, function* remove(flag) {
    yield* changeFlag(context, flag, { deleted: true }, timezone, { note: null }, going);
    const { state, variant } = rolloutState(flag);
    return { id: flag.id, key: flag.key, rollout_state: state, active_variant: variant };
  });
  return { deleted: done, errors: left };
}

/**
 * Turns many flags off and puts them away; what cannot be is told, and the rest goes (M186). Flags that go in the same call do not hold
 * each other.
 */
export function* bulkArchive(context: CommandContext, body: JsonObject): Work<JsonObject> {
  const reader = new FieldReader(body);
  reader.require('ids');
  const note = reader.text('change_note', { mayBeNull: true, mayBeBlank: true }) || null;
  refuseIf(reader.problems);
  const { ids, others } = readFewIds(body);
  const { timezone } = yield* lockFlags(context);
  const flags = yield* liveFlags(context, ids);
  const dependents = yield* ask(dependentsStatement(context.teamId, ids));
  const going = keptTogether(new Set(flags.keys()), dependents);
  const { done, left } = yield* each(ids, flags, others, function* putAway(flag) {
    yield* changeFlag(context, flag, { archived: true, active: false }, timezone, { note }, going);
    return { id: flag.id, key: flag.key };
  });
  return { archived: done, errors: left };
}

/** Those of a list's ids whose flags are not deleted, by id. */
function* liveFlags({ teamId }: CommandContext, ids: readonly number[]): Work<ReadonlyMap<number, Flag>> {
  const rows = yield* ask(flagsByIdStatement(teamId, ids));
  const flags = rows.map(flagFromRow).filter(({ deleted }) => !deleted);
  return new Map(flags.map((flag) => [flag.id, flag]));
}

/** Changes flags one by one, in the order of their ids; what is no flag or cannot be changed is left, with the reason. */
function* each(
  ids: readonly number[],
  flags: ReadonlyMap<number, Flag>,
  others: readonly JsonValue[],
  change: (flag: Flag) => Work<JsonObject>,
): Work<{ readonly done: JsonObject[]; readonly left: JsonObject[] }> {
  const done: JsonObject[] = [];
  const left: JsonObject[] = others.map((id) => ({ id, reason: 'Not a flag id.' }));
  for (const id of ids) {
    const flag = flags.get(id);
    if (flag === undefined) {
      left.push({ id, reason: 'Flag not found.' });
      continue;
    }
    try {
      done.push(yield* change(flag));
    } catch (error) {
      // A refusal comes before anything of this flag is written.
      if (!(error instanceof Refusal)) throw error;
      left.push({ id, key: flag.key, reason: error.message });
    }
  }
  return { done, left };
}

/** Of flags that shall go together those that do: one that a remaining flag needs stays, and so does what that one needs. */
function* whoMayGo({ teamId }: CommandContext, flags: ReadonlyMap<number, Flag>): Work<ReadonlySet<number>> {
  const ids = [...flags.keys()];
  const going = new Set(ids);
  const dependents = yield* ask(dependentsStatement(teamId, ids));
  for (const flag of flags.values()) if (flag.features.length > 0) going.delete(flag.id);
  for (const id of (yield* flagUses(teamId, ids)).keys()) going.delete(id);
  return keptTogether(going, dependents);
}

function keptTogether(going: Set<number>, dependents: readonly Row[]): ReadonlySet<number> {
  for (let before = -1; before !== going.size; ) {
    before = going.size;
    for (const row of dependents) {
      if (going.has(Number(row['id']))) continue;
      for (const target of JSON.parse(row['targets'] ?? '[]') as unknown[]) going.delete(Number(target));
    }
  }
  return going;
}

function readFilters(filters: JsonValue | undefined): ListParameters {
  if (!isObject(filters)) throw refused('filters must be an object.');
  const unknown = Object.keys(filters).filter((name) => !selectionNames.has(name));
  if (unknown.length > 0) throw refused(`Unknown filter keys: ${unknown.join(', ')}`);
  const entries = Object.entries(filters).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, isList(value) ? jsonText(value) : textOf(value)]));
}

const actions = ['add', 'remove', 'set'] as const;

/** Adds, removes or replaces tags of up to 500 flags (M99). */
export function* bulkUpdateTags(context: CommandContext, body: JsonObject): Work<JsonObject> {
  const reader = new FieldReader(body);
  for (const field of ['ids', 'action', 'tags']) reader.require(field);
  const action = reader.choice('action', actions);
  const tags = readTags(reader, 'tags');
  refuseIf(reader.problems);
  const { ids, others } = readFewIds(body);
  yield* lockFlags(context);
  const flags = yield* liveFlags(context, ids);
  const { done, left } = yield* each(ids, flags, others, function* tag(flag) {
    const next = combined(flag.tags, tags ?? [], action ?? 'set');
    const { tags: written } = yield* writeFlag(context, flag, { ...flag, tags: next }, { note: null });
    return { id: flag.id, tags: written };
  });
  return { updated: done, skipped: left };
}

function combined(had: readonly string[], given: readonly string[], action: (typeof actions)[number]) {
  if (action === 'set') return given;
  if (action === 'remove') return had.filter((name) => !given.includes(name));
  return [...new Set([...had, ...given])].toSorted();
}
