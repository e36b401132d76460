import type { JsonObject, JsonValue } from '@halyard/json';
import { FieldReader } from '../field-reader.ts';
import { refuseIf } from '../refusal.ts';
import type { FlagFields } from './flag.ts';

/** What a body asks to change; an absent field stays as it is. `filters` is as it was sent. */
export interface FlagInput {
  readonly changes: Partial<FlagFields>;
  /** The version that the writer started from (M80); `null`: none is named. */
  readonly version: number | null;
  /** What the writer's editor started from (M81). */
  readonly original: JsonObject | null;
  /** For history (M163). */
  readonly note: string | null;
}

const runtimes = ['all', 'client', 'server'] as const;
const identifiers = ['distinct_id', 'device_id'] as const;
const keyCharacters = /^[A-Za-z0-9_-]+$/;

export const longestKey = 400;

/**
 * Reads the writable fields of M30 with the coercions of M6. Unknown members are ignored (M5).
 *
 * @throws {Refusal} naming every field that cannot be read
 */
export function readFlagInput(body: JsonObject, { needsKey }: { readonly needsKey: boolean }): FlagInput {
  const reader = new FieldReader(body);
  if (needsKey) reader.require('key');
  const changes = readChanges(reader);
  const version = reader.integer('version') ?? -1;
  const original = reader.raw('original_flag') ?? null;
  const input = {
    changes,
    version: version < 0 ? null : version,
    original: original === null ? null : (reader.object('original_flag') ?? null),
    note: reader.text('change_note', { mayBeNull: true, mayBeBlank: true, longest: 1000 }) ?? null,
  };
  refuseIf(reader.problems);
  return input;
}

function readChanges(reader: FieldReader): Partial<FlagFields> {
  const key = reader.plainText('key', { longest: longestKey });
  if (key !== undefined && !keyCharacters.test(key)) {
    reader.refuse('key', 'invalid_key', 'A flag key has only letters, digits, hyphens and underscores.');
  }
  const contexts = reader.has('evaluation_contexts') ? 'evaluation_contexts' : 'evaluation_tags';
  return withoutAbsent({
    key,
    name: reader.plainText('name', { mayBeBlank: true }),
    filters: reader.object('filters'),
    active: reader.boolean('active'),
    archived: reader.boolean('archived'),
    deleted: reader.boolean('deleted'),
    ensure_experience_continuity: reader.nullableBoolean('ensure_experience_continuity'),
    is_remote_configuration: reader.nullableBoolean('is_remote_configuration'),
    has_encrypted_payloads: reader.nullableBoolean('has_encrypted_payloads'),
    evaluation_runtime: reader.choice('evaluation_runtime', runtimes),
    bucketing_identifier: reader.choice('bucketing_identifier', identifiers),
    tags: readTags(reader, 'tags'),
    evaluation_contexts: reader.names(contexts, { longest: 255, most: 50 })?.toSorted(byText),
  });
}

/** M43: each trimmed and in lower case, none twice, sorted. */
export function readTags(reader: FieldReader, field: string): readonly string[] | undefined {
  const names = reader.names(field, { longest: 255 });
  return names === undefined ? undefined : normalTags(names);
}

export function normalTags(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))].toSorted(byText);
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Loose<Fields> = { [Name in keyof Fields]: Fields[Name] | undefined };

function withoutAbsent(fields: Loose<FlagFields>): Partial<FlagFields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** One field of a body as it would be stored, for comparing what editors sent; `undefined`: it cannot be read. */
export function readOneField(name: keyof FlagFields, value: JsonValue): JsonValue | undefined {
  const reader = new FieldReader({ [name]: value });
  const read = readChanges(reader)[name];
  return reader.problems.length > 0 ? undefined : read;
}
