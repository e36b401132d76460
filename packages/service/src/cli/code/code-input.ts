import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeError, type CodeText, LARGEST_FILE, type ReadCode, readCode, SCHEMA_FILE } from '@halyard/manage/code';
import { decode } from '../definitions-file.ts';
import { oneLine, UserError } from '../problem-line.ts';

/** All files together: a project of this size is no set of files any more. */
const LARGEST_FOLDER = 128 * 1024 * 1024;
const NAME = /\.(?:ya?ml|json)$/;

/**
 * The files with definitions at a path: itself, or all below it whose name ends in .yaml, .yml or .json. What begins with a dot,
 * `node_modules`, schemas and symbolic links are passed over.
 *
 * @throws {UserError} where nothing can be read
 */
export async function codeTexts(path: string): Promise<readonly CodeText[]> {
  const found = await reading(path, async () => {
    const state = await lstat(path);
    if (!state.isDirectory()) return [path];
    return filesBelow(path);
  });
  if (found.length === 0) throw new UserError(`${path} holds no file whose name ends in .yaml, .yml or .json.`);
  const texts: CodeText[] = [];
  let size = 0;
  for (const file of found) {
    const { size: bytes } = await reading(file, () => lstat(file));
    size += bytes;
    if (bytes > LARGEST_FILE) throw new UserError(`${file} is larger than ${LARGEST_FILE / 1024 / 1024} MiB.`);
    if (size > LARGEST_FOLDER) {
      throw new UserError(`The files of ${path} are larger than ${LARGEST_FOLDER / 1024 / 1024} MiB together.`);
    }
    texts.push({ file, text: decode(await reading(file, () => readFile(file)), file) });
  }
  return texts;
}

/**
 * The same, read and checked as far as files alone tell.
 *
 * @throws {UserError} that lists what is wrong, each with its place
 */
export async function codeAt(path: string): Promise<ReadCode> {
  const texts = await codeTexts(path);
  return refusingFiles(() => readCode(texts));
}

/** What is wrong with files is the mistake of whoever wrote them. */
export function refusingFiles<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof CodeError) throw new UserError(error.message);
    throw error;
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name.endsWith(SCHEMA_FILE)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesBelow(path)));
    else if (entry.isFile() && NAME.test(entry.name)) files.push(path);
  }
  return files;
}

async function reading<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new UserError(`${oneLine(path)} cannot be read: ${oneLine((error as Error).message)}.`);
  }
}
