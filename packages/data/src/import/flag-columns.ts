import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import type { JsonCodec } from '../ports.ts';
import { canBeStored, isDatabaseText, isInteger32 } from '../stored-text.ts';
import { type IdMaps, remapFlagFilters } from './remap-ids.ts';
import { storableJson } from './storable-json.ts';

/** A flag of a document, checked as far as storing it goes; what it means is for the engine to judge. */
export interface ImportFlag {
  /** The id in the document, if it has a usable one. */
  readonly id: number | null;
  readonly key: string;
  readonly row: JsonObject;
}

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
  if (!canBeStored(key)) return { key, refused: 'its key is too long or holds characters that cannot be stored' };
  if (!isObject(member(value, 'filters'))) return { key, refused: 'its filters are not an object' };
  const id = member(value, 'id');
  return { id: isUsableId(id) ? id : null, key, row: value };
}

/** Ids beyond this are not kept: a sequence that had to go past them would have nowhere to go. */
const highestKept = 1_500_000_000;

export function isUsableId(id: JsonValue | undefined): id is number {
  return typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= highestKept;
}

/** The columns of `posthog_featureflag` that an import writes, as one JSON object per flag; or why it cannot be. */
export function flagColumns(flag: ImportFlag, id: number, maps: IdMaps, text: JsonCodec['text']): string | RefusedFlag {
  const { row, key } = flag;
  const filters = storableJson(remapFlagFilters(member(row, 'filters') ?? {}, maps), text);
  if (filters === null) return { key, refused: 'its filters hold characters that cannot be stored' };
  const runtime = member(row, 'evaluation_runtime');
  if (typeof runtime === 'string' && runtime.length > 10) return { key, refused: 'its evaluation_runtime is unknown' };
  const version = member(row, 'version');
  const columns = {
    id,
    key,
    name: textOr(member(row, 'name'), ''),
    active: member(row, 'active') === true,
    deleted: member(row, 'deleted') === true,
    ensure_experience_continuity: member(row, 'ensure_experience_continuity') === true,
    version: typeof version === 'number' && isInteger32(version) ? version : null,
    evaluation_runtime: shortText(runtime, 10),
    bucketing_identifier: shortText(member(row, 'bucketing_identifier'), 50),
    is_remote_configuration: member(row, 'is_remote_configuration') === true,
    has_encrypted_payloads: member(row, 'has_encrypted_payloads') === true,
    has_experiment: member(row, 'has_experiment') === true,
    contexts: contextNames(row),
  };
  return `${JSON.stringify(columns).slice(0, -1)},"filters":${filters}}`;
}

/** Newer documents say `evaluation_contexts`, older ones `evaluation_tags` (D12). */
function contextNames(row: JsonObject): string[] {
  const names = member(row, 'evaluation_contexts') ?? member(row, 'evaluation_tags');
  if (!isList(names)) return [];
  return [...new Set(names.filter((name) => typeof name === 'string'))].filter(
    (name) => name !== '' && name.length <= 255 && isDatabaseText(name),
  );
}

function textOr(value: JsonValue | undefined, fallback: string): string {
  return typeof value === 'string' && isDatabaseText(value) ? value : fallback;
}

function shortText(value: JsonValue | undefined, longest: number): string | null {
  return typeof value === 'string' && value.length <= longest && isDatabaseText(value) ? value : null;
}
