import {
  flagsByIdStatement,
  insertFlagsStatement,
  keyHoldersStatement,
  lockedFlagsStatement,
  newFlagIdsStatement,
  setContextsOfFlagsStatement,
  setTagsOfFlagsStatement,
  type Statement,
  storableJson,
  updateFlagsStatement,
  type Work,
} from '@halyard/data/management';
import { ask, type CommandContext, timeOf } from '../command.ts';
import { type Entry, recordAll } from '../history/record.ts';
import { type Flag, type FlagFields, flagFieldNames, flagFromRow } from './flag.ts';
import { freeKey } from './keys.ts';
import {
  changedFields,
  keyTaken,
  refusingTakenKeys,
  tellCreated,
  tellWritten,
  type WriteReason,
} from './write-flag.ts';

/** Flags of one statement: its text stays small beside what a flag may hold (M52). */
const AT_ONCE = 500;

/** Ids for flags that are to be made: so they can name each other before any of them is there. */
export function* newFlagIds(count: number): Work<readonly number[]> {
  const rows = yield* ask(newFlagIdsStatement(count));
  return rows.map((row) => Number(row['id']));
}

/** The same as `freeKey` for many new flags. @throws {Refusal} naming the first key that a living flag has */
export function* freeKeys(context: CommandContext, keys: readonly string[]): Work<void> {
  for (const part of parts(keys)) {
    const holders = yield* ask(keyHoldersStatement(context.teamId, part));
    if (holders.some(({ deleted }) => deleted !== 'true')) throw keyTaken();
    for (const { key } of holders) yield* freeKey(context, key ?? '', null);
  }
}

/** Flags of the project, deleted ones too, locked. */
export function* lockedFlags({ teamId }: CommandContext, ids: readonly number[]): Work<readonly Flag[]> {
  const flags: Flag[] = [];
  for (const part of parts(ids)) flags.push(...(yield* ask(lockedFlagsStatement(teamId, part))).map(flagFromRow));
  return flags;
}

/** Writes many new flags with the ids that `newFlagIds` gave, and their entries, in few statements. */
export function* insertFlags(
  context: CommandContext,
  flags: readonly (FlagFields & { readonly id: number })[],
  reason: WriteReason,
): Work<void> {
  const { teamId, actor } = context;
  for (const part of parts(flags)) {
    const rows = part.map((flag) => rowOf(flag.id, flag, columns));
    const insert = insertFlagsStatement(teamId, actor.userId, timeOf(context), columns, listOf(rows));
    yield* refusingTakenKeys(ask(insert));
    yield* setNames(context, part, part);
    const written = yield* writtenFlags(context, part);
    yield* recordAll(
      context,
      written.map((flag) => ({ ...tellCreated(flag), ...reason })),
    );
  }
}

/** A stored, locked flag, and what it shall be. */
export interface FlagWrite {
  readonly stored: Flag;
  readonly next: FlagFields;
}

/** Writes what differs between many stored flags and what they shall be, as `writeFlag` does for one. */
export function* writeFlags(context: CommandContext, writes: readonly FlagWrite[], reason: WriteReason): Work<void> {
  const { actor } = context;
  for (const part of parts(writes.filter(({ stored, next }) => changedFields(stored, next).length > 0))) {
    // What changes in one of them is written to all: the others keep their values.
    const touched = new Set(part.flatMap(({ stored, next }) => changedFields(stored, next)));
    const changed = columns.filter((name) => touched.has(name));
    const rows = part.map(({ stored, next }) => rowOf(stored.id, next, changed));
    yield* refusingTakenKeys(ask(updateFlagsStatement(actor.userId, timeOf(context), changed, listOf(rows))));
    const named = (name: 'tags' | 'evaluation_contexts') =>
      part.flatMap(({ stored, next }) =>
        changedFields(stored, next).includes(name) ? [{ ...next, id: stored.id }] : [],
      );
    yield* setNames(context, named('tags'), named('evaluation_contexts'));
    const before = new Map(part.map(({ stored }) => [stored.id, stored]));
    const written = yield* writtenFlags(
      context,
      part.map(({ stored }) => stored),
    );
    const entries = written.flatMap((flag): Entry[] => {
      const stored = before.get(flag.id);
      return stored === undefined ? [] : [{ ...tellWritten(stored, flag), ...reason }];
    });
    yield* recordAll(context, entries);
  }
}

/** The fields that are columns of the flag's own row. */
const columns = flagFieldNames.filter((name) => name !== 'tags' && name !== 'evaluation_contexts');

/** JSON text of a row. Filters keep the text that storing gives them, numbers above all. */
function rowOf(id: number, fields: FlagFields, names: readonly (typeof columns)[number][]): string {
  const plain = names.filter((name) => name !== 'filters').map((name) => [name, fields[name]]);
  const row = JSON.stringify({ id, ...(Object.fromEntries(plain) as object) });
  return names.includes('filters') ? `${row.slice(0, -1)},"filters":${storableJson(fields.filters)}}` : row;
}

function listOf(rows: readonly string[]): string {
  return `[${rows.join(',')}]`;
}

type Named = Pick<FlagFields, 'tags' | 'evaluation_contexts'> & { readonly id: number };

function* setNames(context: CommandContext, tagged: readonly Named[], inContexts: readonly Named[]): Work<void> {
  const { teamId } = context;
  const statements: Statement[] = [];
  if (tagged.length > 0) {
    const names = tagged.map(({ id, tags }) => ({ id, names: tags }));
    statements.push(setTagsOfFlagsStatement(teamId, names));
  }
  if (inContexts.length > 0) {
    const names = inContexts.map(({ id, evaluation_contexts }) => ({ id, names: evaluation_contexts }));
    statements.push(setContextsOfFlagsStatement(teamId, names, timeOf(context)));
  }
  for (const statement of statements) yield* ask(statement);
}

function* writtenFlags({ teamId }: CommandContext, flags: readonly { readonly id: number }[]): Work<readonly Flag[]> {
  const rows = yield* ask(
    flagsByIdStatement(
      teamId,
      flags.map(({ id }) => id),
    ),
  );
  return rows.map(flagFromRow);
}

function parts<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / AT_ONCE);
  return Array.from({ length: count }, (_, at) => items.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
}
