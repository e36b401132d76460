import { lstat, mkdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import {
  codeFile,
  type CodeFormat,
  codeSchema,
  type CodeText,
  folderFiles,
  keyOfFile,
  type ProjectCode,
  projectCode,
  SCHEMA_FILE,
  wholeDocument,
} from '@halyard/manage/code';
import type { Settings } from '../../operate/settings/table.ts';
import type { Io } from '../io.ts';
import { ownToken } from '../own-token.ts';
import { exitCodes, oneLine, UserError } from '../problem-line.ts';
import { codeTexts, refusingFiles } from './code-input.ts';
import { withStore } from './with-store.ts';

export interface ExportOptions {
  readonly token?: string;
  /** A folder, or a file whose name ends in .yaml, .yml or .json; absent: standard output. */
  readonly out?: string;
  readonly format?: CodeFormat;
  /** Delete files of flags that are stored no more. */
  readonly prune?: boolean;
}

/**
 * `halyard export`: writes a project's definitions as files, the same text for the same definitions.
 *
 * @returns the exit code: 3 when a flag is left out
 */
export async function exportCode(settings: Settings, options: ExportOptions, io: Io): Promise<number> {
  const stored = await withStore(settings, null, async (store, database) => {
    const token = options.token ?? (await ownToken(database));
    if (token === null) throw new UserError('There is no project yet. Load definitions with: halyard import FILE.');
    const found = await store.read(token);
    if (found === null) throw new UserError(`There is no project with the token ${token}.`);
    return found;
  });
  const { code, leftOut } = projectCode(stored);
  const { out } = options;
  const said =
    out === undefined
      ? codeFile(wholeDocument(code), options.format ?? 'yaml')
      : formatOf(out) === null
        ? await writeFolder(code, out, options)
        : await writeDocument(code, out, options);
  io.print(said);
  // Standard output is the document itself.
  if (out !== undefined) for (const { key, reason } of leftOut) io.print(`  left out: ${oneLine(key)}: ${reason}\n`);
  return leftOut.length > 0 ? exitCodes.refused : exitCodes.done;
}

function formatOf(file: string): CodeFormat | null {
  const ending = extname(file).toLowerCase();
  if (ending === '.json') return 'json';
  return ending === '.yaml' || ending === '.yml' ? 'yaml' : null;
}

async function writeDocument(code: ProjectCode, file: string, { format }: ExportOptions): Promise<string> {
  const named = formatOf(file) ?? 'yaml';
  if (format !== undefined && format !== named) {
    throw new UserError(`--format ${format} does not go with the name ${file}: leave one of them out.`);
  }
  const existing = (await exists(file)) ? (await codeTexts(file))[0]?.text : undefined;
  await write(file, withSchema(wholeDocument(code), named, `./${SCHEMA_FILE}`, existing));
  await writeSchema(dirname(file));
  return `${file}: ${code.flags.size} flags and ${code.cohorts.size} cohorts\n`;
}

/** A flag a file. A flag that has a file already stays there, wherever in the folder that is. */
async function writeFolder(
  code: ProjectCode,
  folder: string,
  { format, prune = false }: ExportOptions,
): Promise<string> {
  const existing = (await exists(folder)) ? await codeTexts(folder).catch(noFiles) : [];
  const byKey = refusingFiles(() => filesByKey(existing));
  for (const { path, value, schema } of folderFiles(code, format ?? 'yaml')) {
    const key = typeof value['key'] === 'string' ? value['key'] : null;
    const known = key === null ? existing.find(({ file }) => file === join(folder, path)) : byKey.get(key);
    const file = known?.file ?? join(folder, path);
    const to = known === undefined ? schema : schemaFrom(folder, file);
    const text = withSchema(value, formatOf(file) ?? 'yaml', to, known?.text);
    if (text !== known?.text) await write(file, text, known === undefined);
    if (key !== null) byKey.delete(key);
  }
  await writeSchema(folder);
  const lines = [`${folder}: ${code.flags.size} flags and ${code.cohorts.size} cohorts`];
  for (const [key, { file }] of byKey) {
    if (prune) await unlink(file);
    lines.push(
      `  ${prune ? 'deleted' : 'stored no more'}: ${file} (${oneLine(key)})${prune ? '' : '; --prune deletes it'}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** An empty folder is as good as none. */
function noFiles(error: unknown): readonly CodeText[] {
  if (error instanceof UserError && error.message.includes('holds no file')) return [];
  throw error;
}

function filesByKey(texts: readonly CodeText[]): Map<string, CodeText> {
  const files = new Map<string, CodeText>();
  for (const text of texts) {
    const { key, flags } = keyOfFile(text);
    if (flags > 0) {
      throw new UserError(`${text.file} holds several flags. Export into that file, or into another folder.`);
    }
    if (key !== null) files.set(key, text);
  }
  return files;
}

function schemaFrom(folder: string, file: string): string {
  const path = relative(dirname(file), join(folder, SCHEMA_FILE)).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}

/** JSON names its schema itself; editors find that of YAML in a comment. */
function withSchema(
  value: ReturnType<typeof wholeDocument>,
  format: CodeFormat,
  schema: string,
  existing?: string,
): string {
  if (format === 'json') return codeFile({ $schema: schema, ...value }, format);
  const header = `yaml-language-server: $schema=${schema}`;
  return codeFile(value, format, { header, ...(existing === undefined ? {} : { existing }) });
}

async function writeSchema(folder: string): Promise<void> {
  await write(join(folder, SCHEMA_FILE), codeFile(codeSchema, 'json'));
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** @param isNew nothing may be there, not even a link that leads elsewhere */
async function write(file: string, text: string, isNew = false): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: isNew ? 'wx' : 'w' });
  } catch (error) {
    throw new UserError(`${oneLine(file)} cannot be written: ${oneLine((error as Error).message)}.`);
  }
}
