import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, delimiter, join, resolve } from 'node:path';
import { type JsonObject, type JsonValue, parseDefinitions } from '@halyard/json';

/** One vector of a file: the list it stands in, and its members. */
export interface Vector {
  readonly id: string;
  readonly list: string;
  readonly data: JsonObject;
}

export interface VectorFile {
  readonly name: string;
  readonly vectors: readonly Vector[];
}

const FORMAT = 1;

// Sources and compiled files stand at the same depth.
const repository = resolve(import.meta.dirname, '..', '..');

/** The vectors that stand in the repository. */
export const ownVectors = join(repository, 'conformance', 'vectors');

/**
 * Where vectors are read from when nobody names a place: those of the repository, then the folders or files that
 * HALYARD_CONFORMANCE_DIR names, separated like those of PATH. Relative ones start at the repository's top folder.
 */
export function vectorPlaces(further: string | undefined): readonly string[] {
  const named = (further ?? '').split(delimiter).filter((place) => place !== '');
  return [ownVectors, ...named.map((place) => resolve(repository, place))];
}

/** Reads every `.json` file of a folder (or the one file named) as vectors, in name order. */
export async function readVectorFiles(path: string): Promise<readonly VectorFile[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new Error(`there is no file or folder ${path}: name the one that holds the vector files`);
  const files = found.isDirectory()
    ? (await readdir(path)).filter((name) => name.endsWith('.json')).map((name) => join(path, name))
    : [path];
  if (files.length === 0) throw new Error(`${path} holds no .json file`);
  return Promise.all(files.sort().map(readVectorFile));
}

async function readVectorFile(file: string): Promise<VectorFile> {
  const name = basename(file);
  let document: JsonValue;
  try {
    // The text of numbers matters in vectors (E95, E175).
    document = parseDefinitions(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`${name} is not a JSON file: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (!isObject(document) || document['format'] !== FORMAT)
    throw new Error(`${name} is not a vector file of format ${FORMAT}`);
  const vectors: Vector[] = [];
  for (const list of Object.keys(document)) {
    const entries = document[list];
    if (!isList(entries)) continue;
    for (const [i, data] of entries.entries()) {
      if (!isObject(data)) throw new Error(`${name}: ${list}[${i}] is not an object`);
      vectors.push({ id: typeof data['id'] === 'string' ? data['id'] : `${name} ${list}[${i}]`, list, data });
    }
  }
  return { name, vectors };
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Member of a vector that must be there. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the vector's schema says what is there
export function need<T extends JsonValue>(data: JsonObject, key: string): T {
  const value = data[key];
  if (value === undefined) throw new Error(`the vector has no "${key}"`);
  return value as T;
}

/** A number of a vector as a plain double. */
export function numberOf(value: JsonValue | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'object' && value !== null && 'value' in value && typeof value.value === 'number')
    return value.value;
  throw new Error('the vector has something else where a number must stand');
}

/** Milliseconds since the epoch of a vector's `now`; the moment of the run when it names none. */
export function nowOf(data: JsonObject): number {
  const now = data['now'];
  return typeof now === 'string' ? Date.parse(now) : Date.now();
}
