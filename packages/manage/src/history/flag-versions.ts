import { itemHistoryStatement, type Work } from '@halyard/data/management';
import { isList, isObject, type JsonObject, type JsonValue, member, parseStored } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { creatorId, type Flag, type FlagFields, flagFieldNames } from '../flags/flag.ts';
import { readFlag } from '../flags/read-flag.ts';
import { flagScope } from '../flags/write-flag.ts';
import { Refusal } from '../refusal.ts';

/**
 * A flag as it was at a version (M165): what it is now, with the changes since undone.
 *
 * @throws {Refusal} 404 for a version that there is none of, 422 where history lacks entries, 400 where payloads are or were encrypted
 */
export function* readFlagVersion(context: CommandContext, id: number, version: number): Work<JsonObject> {
  const flag = yield* readFlag(context, id);
  if (version < 1 || version > flag.version) throw Refusal.notFound();
  const made = versionsMade(yield* entriesOf(flag));
  return versionBody(flag, fieldsAt(flag, made, version), version, made.get(version));
}

/**
 * A flag as it was at a moment; `null`: it was not there yet.
 *
 * @param at milliseconds since the epoch
 * @throws {Refusal} as `readFlagVersion`, 404 for a flag that there is none of
 */
export function* readFlagAt(context: CommandContext, id: number, at: number): Work<Flag | null> {
  const flag = yield* readFlag(context, id);
  if (Date.parse(flag.created_at) > at) return null;
  const entries = yield* entriesOf(flag);
  const since = entries.filter((entry) => timeOfEntry(entry) > at).map(versionOf);
  // Something that wrote no history changed it since then.
  if (since.length === 0 && Date.parse(flag.updated_at ?? flag.created_at) > at) throw incomplete(flag.version);
  const version = since.length === 0 ? flag.version : Math.min(...since) - 1;
  if (!(version >= 1)) throw incomplete(1);
  return { ...flag, ...(fieldsAt(flag, versionsMade(entries), version) as unknown as FlagFields), version };
}

function* entriesOf(flag: Flag): Work<readonly JsonObject[]> {
  const rows = yield* ask(itemHistoryStatement(flag.team_id, flagScope, String(flag.id)));
  return rows.map((row) => parseStored(row['entry'] ?? '{}') as JsonObject);
}

/** Entries by the version that they made. */
function versionsMade(entries: readonly JsonObject[]): ReadonlyMap<number, JsonObject> {
  return new Map(entries.map((entry) => [versionOf(entry), entry]));
}

function fieldsAt(flag: Flag, made: ReadonlyMap<number, JsonObject>, version: number): Record<string, JsonValue> {
  const fields: Record<string, JsonValue> = {};
  for (const name of flagFieldNames) fields[name] = flag[name];
  refuseEncrypted(fields);
  for (let at = flag.version; at > version; at -= 1) {
    const entry = made.get(at);
    if (entry === undefined) throw incomplete(at);
    for (const change of changesOf(entry)) undo(fields, change);
    refuseEncrypted(fields);
  }
  return fields;
}

function versionBody(
  flag: Flag,
  fields: Record<string, JsonValue>,
  version: number,
  entry: JsonObject | undefined,
): JsonObject {
  const filters = fields['filters'] ?? null;
  return {
    id: flag.id,
    ...fields,
    // Entries of an older time may lack them.
    filters: isObject(filters) && !Object.hasOwn(filters, 'groups') ? { ...filters, groups: [] } : filters,
    version,
    created_at: flag.created_at,
    created_by: creatorId(flag),
    is_historical: version < flag.version,
    version_timestamp:
      (entry === undefined ? null : member(entry, 'created_at')) ?? (version === 1 ? flag.created_at : null),
    modified_by: (entry === undefined ? null : member(entry, 'user_id')) ?? null,
  };
}

function changesOf(entry: JsonObject): readonly JsonObject[] {
  const detail = member(entry, 'detail');
  const changes = isObject(detail) ? member(detail, 'changes') : undefined;
  return isList(changes) ? changes.filter(isObject) : [];
}

/** Milliseconds since the epoch. */
function timeOfEntry(entry: JsonObject): number {
  const at = member(entry, 'created_at');
  return typeof at === 'string' ? Date.parse(at) : Number.NaN;
}

/** The version that an entry made; the creation made the first. */
function versionOf(entry: JsonObject): number {
  if (member(entry, 'activity') === 'created') return 1;
  const change = changesOf(entry).find((one) => member(one, 'field') === 'version');
  const after = change === undefined ? undefined : member(change, 'after');
  return typeof after === 'number' ? after : Number.NaN;
}

function undo(fields: Record<string, JsonValue>, change: JsonObject): void {
  const name = member(change, 'field');
  if (typeof name === 'string' && Object.hasOwn(fields, name)) fields[name] = member(change, 'before') ?? null;
}

function incomplete(version: number): Refusal {
  const detail = `The history of this flag lacks version ${version}.`;
  return new Refusal(422, [{ type: 'invalid_request', code: 'incomplete_history', detail, attr: null }]);
}

function refuseEncrypted(fields: Record<string, JsonValue>): void {
  if (fields['has_encrypted_payloads'] !== true) return;
  throw Refusal.invalid('encrypted', 'Earlier versions of a flag with encrypted payloads cannot be read.');
}
