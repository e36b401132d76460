import {
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  parseTokens,
  RepeatedMember,
  sourceText,
} from '@halyard/json';
import { canBeStored, isDatabaseText } from '../stored-text.ts';
import { ColumnReader } from './column-reader.ts';
import { type IdMaps, remapFlagFilters } from './remap-ids.ts';
import { storableJson } from './storable-json.ts';

/** A flag of a document, checked as far as storing it goes; what its filters mean is for the engine to judge. */
export interface ImportFlag {
  /** The id in the document, if it can be kept. */
  readonly id: number | null;
  readonly key: string;
  /** The row as the document has it. */
  readonly filters: JsonObject;
  /** What `posthog_featureflag` takes besides. */
  readonly columns: FlagColumns;
}

type FlagColumns = ReturnType<typeof readColumns>;

/** Why a flag of a document cannot be stored. */
export interface RefusedFlag {
  readonly refused: string;
  /** The key as far as it can be told, else the place in the document, such as `flags[3]`. */
  readonly key: string;
}

export function readFlag(value: JsonValue, place: string): ImportFlag | RefusedFlag {
  if (!isObject(value)) return { key: place, refused: 'not an object' };
  const key = member(value, 'key');
  if (typeof key !== 'string' || key === '') return { key: place, refused: 'has no key' };
  if (!isDatabaseText(key)) return { key, refused: 'its key holds characters that cannot be stored' };
  if (!canBeStored(key)) return { key, refused: 'its key is longer than 400 characters' };
  const filters = member(value, 'filters');
  if (!isObject(filters)) return { key, refused: 'its filters are not an object' };
  const ambiguity = ambiguityOf(filters);
  if (ambiguity !== null) return { key, refused: `its filters are ambiguous: ${ambiguity}` };
  const reader = new ColumnReader(value);
  const id = reader.id('id');
  const columns = readColumns(reader, value);
  if (reader.problems.length > 0) return { key, refused: reader.problems.join(', ') };
  return { id: isUsableId(id) ? id : null, key, filters, columns };
}

/** Stored, a member that stands twice would be one, and ordered rules that fail for it would hold (E175). Others are read so anyway. */
function ambiguityOf(filters: JsonObject): string | null {
  if (member(filters, 'return_type') === undefined) return null;
  try {
    parseTokens(sourceText(filters));
    return null;
  } catch (error) {
    if (error instanceof RepeatedMember) return error.message;
    throw error;
  }
}

function readColumns(reader: ColumnReader, row: JsonObject) {
  return {
    name: reader.text('name') ?? '',
    active: reader.boolean('active'),
    deleted: reader.boolean('deleted'),
    ensure_experience_continuity: reader.boolean('ensure_experience_continuity'),
    version: reader.integer('version'),
    evaluation_runtime: reader.text('evaluation_runtime', 10),
    bucketing_identifier: reader.text('bucketing_identifier', 50),
    is_remote_configuration: reader.boolean('is_remote_configuration'),
    has_encrypted_payloads: reader.boolean('has_encrypted_payloads'),
    has_experiment: reader.boolean('has_experiment'),
    // Newer documents say `evaluation_contexts`, older ones `evaluation_tags` (D12).
    contexts: reader.names(isGiven(row, 'evaluation_contexts') ? 'evaluation_contexts' : 'evaluation_tags', 255),
  };
}

function isGiven(row: JsonObject, key: string): boolean {
  return (member(row, key) ?? null) !== null;
}

/** Ids beyond this are not kept: a sequence that had to go past them would have nowhere to go. */
const highestKept = 1_500_000_000;

export function isUsableId(id: number | null): id is number {
  return id !== null && Number.isInteger(id) && id > 0 && id <= highestKept;
}

/** The columns of `posthog_featureflag` that an import writes, as one JSON object per flag; or why it cannot be. */
export function flagColumns(flag: ImportFlag, id: number, maps: IdMaps): string | RefusedFlag {
  const { key } = flag;
  const filters = storableJson(remapFlagFilters(flag.filters, maps));
  if (filters === null) return { key, refused: 'its filters hold characters that cannot be stored' };
  return `${JSON.stringify({ id, key, ...flag.columns }).slice(0, -1)},"filters":${filters}}`;
}
