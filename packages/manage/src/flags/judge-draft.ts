import { newestPropertyKeys, type PropertyKeys, timezoneStatement, type Work } from '@halyard/data/management';
import { type FlagWarning, flagWarnings, type PropertyKnowledge } from '@halyard/engine/review';
import { isObject, type JsonObject, type JsonValue } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { type Problem, Refusal } from '../refusal.ts';
import { mergedEdit } from './conflict.ts';
import { judgedNew } from './create-flag.ts';
import { type Flag, type FlagFields, newFlagFields } from './flag.ts';
import { readFlagInput } from './flag-input.ts';
import { refuseTakenKey } from './keys.ts';
import { readFlag } from './read-flag.ts';
import { shownFlag } from './secret-payloads.ts';
import { judgedChange } from './update-flag.ts';

/** What became of a draft that was judged as if it were written. */
export interface JudgedDraft {
  /** The flag that it would change; `null`: it would make one. */
  readonly stored: Flag | null;
  /** What would be stored. Where there are problems: what the draft asks for, as far as it can be read. */
  readonly fields: FlagFields;
  /** Why it would not be written; none: it would. */
  readonly problems: readonly Problem[];
}

/**
 * Judges a draft by the very steps of a write (M180), without lock and without writing, so that it also works where nothing may be written.
 *
 * @param id of the flag that the draft changes; `null`: it makes one
 * @param draft the body of a write
 * @throws {Refusal} 404 for a flag that the project does not have
 */
export function* judgeDraft(context: CommandContext, id: number | null, draft: JsonObject): Work<JudgedDraft> {
  const stored = id === null ? null : yield* readFlag(context, id);
  const [row] = yield* ask(timezoneStatement(context.teamId));
  const timezone = row?.['timezone'] ?? 'UTC';
  try {
    const fields = yield* stored === null
      ? judgeNew(context, draft, timezone)
      : judgeEdit(context, stored, draft, timezone);
    return { stored, fields, problems: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { stored, fields: wanted(stored, draft), problems: error.problems };
  }
}

function* judgeNew(context: CommandContext, draft: JsonObject, timezone: string): Work<FlagFields> {
  const { changes } = readFlagInput(draft, { needsKey: true });
  const fields = yield* judgedNew(context, { key: '', ...changes }, timezone);
  yield* refuseTakenKey(context, fields.key, null);
  return fields;
}

function* judgeEdit(context: CommandContext, stored: Flag, draft: JsonObject, timezone: string): Work<FlagFields> {
  const changes = mergedEdit(shownFlag(context, stored), readFlagInput(draft, { needsKey: false }));
  const fields = yield* judgedChange(context, stored, changes, timezone);
  if (fields.key !== stored.key) yield* refuseTakenKey(context, fields.key, stored.id);
  return fields;
}

function wanted(stored: Flag | null, draft: JsonObject): FlagFields {
  const base = stored ?? { ...newFlagFields, key: '' };
  const { filters } = draft;
  const key = typeof draft['key'] === 'string' ? draft['key'] : base.key;
  return { ...base, key, filters: isObject(filters) ? { ...base.filters, ...filters } : base.filters };
}

/** A flag's row in definitions, as the engine compiles it. */
export function definitionRow(id: number, version: number, fields: FlagFields): JsonObject {
  return { ...fields, id, version };
}

/** What is known of people's properties, for warnings (K14). */
export interface DraftKnowledge {
  /** Properties that recent requests sent. */
  readonly sent: { readonly requests: number; readonly has: (key: string) => boolean };
  /** Words that may have been meant, nearest first. */
  readonly nearest: (key: string, among: readonly string[]) => readonly string[];
}

/** What the author of a draft hardly meant (K14). None of it holds a write up. */
export function* draftWarnings(
  context: CommandContext,
  { stored, fields }: JudgedDraft,
  { sent, nearest }: DraftKnowledge,
): Work<readonly FlagWarning[]> {
  const known = yield* newestPropertyKeys(context.teamId);
  const row = definitionRow(stored?.id ?? 0, 0, fields);
  const before: JsonValue | null = stored === null ? null : definitionRow(stored.id, 0, stored);
  if (known.persons === 0 && sent.requests === 0) return flagWarnings(row, { before });
  return flagWarnings(row, { before, properties: knowledge(known, sent, nearest) });
}

function knowledge(
  { persons, keys }: PropertyKeys,
  sent: DraftKnowledge['sent'],
  nearest: DraftKnowledge['nearest'],
): PropertyKnowledge {
  const stored = new Set(keys);
  const who = [
    ...(persons === 0 ? [] : [`of the ${persons} newest persons`]),
    ...(sent.requests === 0 ? [] : [`of the ${sent.requests} recent requests`]),
  ];
  return {
    who: `none ${who.join(' and ')}`,
    has: (key) => stored.has(key) || sent.has(key),
    nearest: (key) => nearest(key, keys),
  };
}
