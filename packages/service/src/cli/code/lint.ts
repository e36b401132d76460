import {
  CodeError,
  type CodeProblem,
  type LintFinding,
  lintCode,
  lintStored,
  type ReadCode,
  readCode,
} from '@halyard/manage/code';
import type { Settings } from '../../operate/settings/table.ts';
import type { Io } from '../io.ts';
import { nearest } from '../../nearest.ts';
import { ownToken } from '../own-token.ts';
import { exitCodes, UserError } from '../problem-line.ts';
import { jsonLine } from '../table-text.ts';
import { codeTexts } from './code-input.ts';
import { withStore } from './with-store.ts';

export interface LintOptions {
  /** Look at what is stored instead of at files. */
  readonly database?: boolean;
  readonly token?: string;
  /** Warnings do not change the exit code. */
  readonly allowWarnings?: boolean;
  readonly json?: boolean;
}

/**
 * `halyard lint FILE|DIR` and `halyard lint --database`: says what is wrong with definitions, and what their authors hardly meant.
 *
 * @returns the exit code: 3 when something was found
 */
export async function lint(
  settings: Settings,
  path: string | undefined,
  options: LintOptions,
  io: Io,
): Promise<number> {
  const { database = false, allowWarnings = false } = options;
  if (database === (path !== undefined)) {
    throw new UserError('Say what to look at: a file or folder, or --database.');
  }
  const findings = path === undefined ? await ofDatabase(settings, options) : await ofFiles(path);
  io.print(options.json === true ? jsonLine(findings) : findingsText(findings));
  const counts = findings.filter(({ severity }) => severity === 'error' || !allowWarnings).length;
  return counts > 0 ? exitCodes.refused : exitCodes.done;
}

async function ofFiles(path: string): Promise<readonly LintFinding[]> {
  const texts = await codeTexts(path);
  let read: ReadCode;
  try {
    read = readCode(texts);
  } catch (error) {
    if (error instanceof CodeError) return error.problems.map(asError);
    throw error;
  }
  return lintCode(read);
}

function asError({ file, line, column, message }: CodeProblem): LintFinding {
  return { severity: 'error', code: 'unusable', place: { file, line, column }, message };
}

async function ofDatabase(settings: Settings, { token: named }: LintOptions): Promise<readonly LintFinding[]> {
  return withStore(settings, null, async (store, database) => {
    const token = named ?? (await ownToken(database));
    const stored = token === null ? null : await store.read(token);
    if (token === null || stored === null) throw new UserError(`There is no project with the token ${token ?? ''}.`);
    // Persons may live elsewhere; then nothing is said of their properties.
    const apart = settings.personsReadDatabaseUrl ?? settings.personsWriteDatabaseUrl;
    const known = apart === undefined ? await store.propertyKeys(stored.teamId) : { persons: 0, keys: [] };
    return lintStored(
      stored,
      known.persons === 0 ? undefined : { ...known, nearest: (key) => nearest(key, known.keys) },
    );
  });
}

function findingsText(findings: readonly LintFinding[]): string {
  const lines = findings.map(({ severity, code, place, flag, message }) => {
    const where = place === undefined ? (flag ?? '') : `${place.file}:${place.line}:${place.column}`;
    return `${where}: ${severity} ${code}: ${message.replaceAll(/\s+/g, ' ')}`;
  });
  const count = (severity: LintFinding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return `${[...lines, `${count('error')} errors, ${count('warning')} warnings`].join('\n')}\n`;
}
