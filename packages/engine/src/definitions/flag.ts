import { ExactNumber, type JsonObject, type JsonValue, member } from '@halyard/json';
import type { FiltersV2 } from '../rules/definition.ts';
import { parseRules } from '../rules/parse-rules.ts';
import { type FiltersV1, parseFiltersV1 } from './filters-v1.ts';
import { booleanAt, DefinitionError, int32At, listAt, objectAt, optional, stringAt } from './reader.ts';

/** A configuration that is recognised but cannot be evaluated here: the flag fails (E171). */
export interface UnsupportedFilters {
  readonly version: 'unsupported';
  /** What it says it is: 2 ordered rules; 1 also for a format that is not known. */
  readonly configVersion: 1 | 2;
  readonly problem: string;
}

/** A flag as defined (section 1.1), every field checked. */
export interface FlagDefinition {
  readonly id: number;
  readonly key: string;
  readonly version: number;
  readonly active: boolean;
  readonly experienceContinuity: boolean;
  /** Lower-cased; anything but `client` and `server` restricts nothing (E167). */
  readonly runtime: 'client' | 'server' | null;
  readonly contexts: readonly string[];
  readonly bucketsOnDevice: boolean;
  readonly hasExperiment: boolean;
  readonly filters: FiltersV1 | FiltersV2 | UnsupportedFilters;
}

/** Reads one flag; throws `DefinitionError` when it is malformed (E9). */
export function parseFlag(value: JsonValue): FlagDefinition {
  const flag = objectAt(value, '');
  return {
    id: int32At(member(flag, 'id'), 'id'),
    key: stringAt(member(flag, 'key'), 'key'),
    version: optional(member(flag, 'version'), 'version', int32At) ?? 0,
    active: switchAt(flag, 'active'),
    experienceContinuity: switchAt(flag, 'ensure_experience_continuity'),
    runtime: runtimeOf(optional(member(flag, 'evaluation_runtime'), 'evaluation_runtime', stringAt)),
    contexts: contextsOf(flag),
    bucketsOnDevice: optional(member(flag, 'bucketing_identifier'), 'bucketing_identifier', stringAt) === 'device_id',
    hasExperiment: switchAt(flag, 'has_experiment'),
    filters: parseFilters(objectAt(member(flag, 'filters'), 'filters')),
  };
}

/** Whether a row is no flag for evaluation: deleted (E136), or encrypted remote configuration (E11). Others miss it. */
export function isOutside(value: JsonValue): boolean {
  const flag = objectAt(value, '');
  if (member(flag, 'deleted') === true) return true;
  return member(flag, 'has_encrypted_payloads') === true && member(flag, 'is_remote_configuration') === true;
}

/** E4: `filters.version` selects the configuration format; `null` where it is none that is known. */
export function configVersion(filters: JsonObject): 1 | 2 | null {
  const version = member(filters, 'version');
  const number = version instanceof ExactNumber ? version.value : version;
  if (number === undefined || number === 1) return 1;
  return number === 2 ? 2 : null;
}

function parseFilters(filters: JsonObject): FlagDefinition['filters'] {
  switch (configVersion(filters)) {
    case 1:
      return parseFiltersV1(filters);
    case 2:
      return parseFiltersV2(filters);
    case null:
      return { version: 'unsupported', configVersion: 1, problem: 'unsupported feature flag configuration format' };
  }
}

/** E171: ordered rules that cannot be used fail their flag instead of leaving it out. */
function parseFiltersV2(filters: JsonObject): FiltersV2 | UnsupportedFilters {
  try {
    return parseRules(filters);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return { version: 'unsupported', configVersion: 2, problem: `${error.path} ${error.message}` };
  }
}

function switchAt(flag: JsonObject, key: string): boolean {
  return optional(member(flag, key), key, booleanAt) ?? false;
}

function runtimeOf(name: string | null): 'client' | 'server' | null {
  const lower = name?.toLowerCase();
  return lower === 'client' || lower === 'server' ? lower : null;
}

/** Evaluation contexts, which older stores call evaluation tags (D12). */
function contextsOf(flag: JsonObject): readonly string[] {
  const key = Object.hasOwn(flag, 'evaluation_contexts') ? 'evaluation_contexts' : 'evaluation_tags';
  const list = optional(member(flag, key), key, listAt) ?? [];
  return list.map((item, i) => stringAt(item, `${key}[${i}]`));
}
