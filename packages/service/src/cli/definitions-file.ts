import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { isList, isObject, type JsonObject, type JsonValue, member, parseDefinitions } from '@halyard/json';
import { DefinitionError, type Definitions, fromLocalEvaluation } from 'halyard/host';
import { oneLine, UserError } from './problem-line.ts';

/** A filter on a flag that the file has not: what depends on it is off for everybody (E140). */
export interface LostDependency {
  readonly flag: string;
  /** Such as `filters.groups[0].properties[1].key`. */
  readonly path: string;
  /** The key by which the flag is named. */
  readonly named: string;
}

export interface DefinitionsFile {
  readonly definitions: Definitions;
  readonly lost: readonly LostDependency[];
}

/**
 * Reads a file of definitions as PostHog's /flags/definitions serves them.
 *
 * @throws {UserError} with one line that says what is wrong with the file as a whole; single flags and cohorts are for the import
 *   to judge
 */
export async function readDefinitions(file: string): Promise<DefinitionsFile> {
  return definitionsIn(await readDocument(file), file);
}

/**
 * Reads a file of JSON, with what ordered rules are judged by.
 *
 * @throws {UserError}
 */
export async function readDocument(file: string): Promise<JsonValue> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}.`);
  }
  const text = decode(bytes, file);
  try {
    return parseDefinitions(text);
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${oneLine((error as Error).message)}.`);
  }
}

/**
 * A document as PostHog's /flags/definitions serves it, as definitions.
 *
 * @throws {UserError}
 */
export function definitionsIn(document: JsonValue, file: string): DefinitionsFile {
  const problem = problemOfWhole(document);
  if (problem !== null) throw notDefinitions(file, problem);
  try {
    return { definitions: fromLocalEvaluation(document), lost: lostDependencies(document) };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw notDefinitions(file, `${error.path === '' ? '' : `${error.path}: `}${error.message}`);
  }
}

/** Filters that name a flag by a key that no flag of the file with an id has. An id may be one of the database. */
function lostDependencies(document: JsonValue): readonly LostDependency[] {
  const flags = listIn(document, 'flags').filter(isObject);
  const keys = new Set(
    flags.filter((flag) => typeof member(flag, 'id') === 'number').map((flag) => member(flag, 'key')),
  );
  return flags.flatMap((flag) =>
    listIn(member(flag, 'filters'), 'groups').flatMap((condition, i) =>
      listIn(condition, 'properties').flatMap((filter, j) => {
        if (!isObject(filter) || member(filter, 'type') !== 'flag') return [];
        const named = member(filter, 'key');
        if (typeof named !== 'string' || /^\d+$/.test(named) || keys.has(named)) return [];
        return [{ flag: keyOf(flag), path: `filters.groups[${i}].properties[${j}].key`, named }];
      }),
    ),
  );
}

function keyOf(flag: JsonObject): string {
  const key = member(flag, 'key');
  return typeof key === 'string' ? key : 'a flag without a key';
}

function listIn(value: JsonValue | undefined, name: string): readonly JsonValue[] {
  const list = isObject(value) ? member(value, name) : undefined;
  return isList(list) ? list : [];
}

function notDefinitions(file: string, problem: string): UserError {
  return new UserError(`${file} is not what PostHog's /flags/definitions serves: ${problem}.`);
}

/** UTF-8 with or without a byte order mark. Anything else would be stored as other letters than those of the file. */
export function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${file} is not UTF-8 (line ${lineOfFault(bytes)}). Save it as UTF-8.`);
  }
}

/** The first line that is no UTF-8. */
function lineOfFault(bytes: Buffer): number {
  const newline = 0x0a;
  let line = 1;
  for (let start = 0; ; line += 1) {
    const end = bytes.indexOf(newline, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

/** What the parts besides the flags must be, which reading takes for absent when they are not; `null` when they are. */
function problemOfWhole(document: JsonValue): string | null {
  if (!isObject(document)) return null; // Reading says so.
  const part = (name: string): JsonValue => member(document, name) ?? null;
  const cohorts = part('cohorts');
  if (cohorts !== null && !isObject(cohorts) && !isList(cohorts)) return 'cohorts: must be an object or a list';
  const types = part('group_type_mapping');
  if (types !== null && !isObject(types)) return 'group_type_mapping: must be an object';
  for (const [index, type] of Object.entries(types ?? {})) {
    // PostHog has five group types (D24).
    if (!/^[0-4]$/.test(index)) return `group_type_mapping: ${JSON.stringify(index)} must be a number from 0 to 4`;
    if (typeof type !== 'string' || type === '') return `group_type_mapping.${index}: must be the name of a group type`;
  }
  const timezone = part('timezone');
  if (timezone !== null && typeof timezone !== 'string') return 'timezone: must be a string';
  const version = part('property_matching_version');
  if (version !== null && version !== 1 && version !== 2) return 'property_matching_version: must be 1 or 2';
  return null;
}
