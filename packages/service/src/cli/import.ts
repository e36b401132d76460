import { type DefinitionProblem, type Definitions, type ImportReport, ProjectWriter } from 'halyard/host';
import { type Database, openDatabase } from '../operate/database.ts';
import { createLog } from '../operate/log/logger.ts';
import { openLoggedProjects } from '../projects.ts';
import type { Settings } from '../operate/settings/table.ts';
import { isUnleash } from '@halyard/manage/code';
import { definitionsIn, type LostDependency, readDocument } from './definitions-file.ts';
import type { Io } from './io.ts';
import { checkToken, newToken, ownToken } from './own-token.ts';
import { exitCodes, UserError } from './problem-line.ts';
import type { ImportOptions } from './program.ts';
import { unleashFlags } from './unleash.ts';

/**
 * `halyard import FILE`: writes definitions into a project and says what became of them. Of an export of Unleash it says what can be taken
 * over, and writes only when told.
 *
 * @returns the exit code
 * @throws {UserError} when nothing at all was imported
 */
export async function importFile(settings: Settings, file: string, options: ImportOptions, io: Io): Promise<number> {
  if (settings.readOnly) throw new UserError('HALYARD_READ_ONLY is set, so nothing can be imported.');
  const document = await readDocument(file);
  const unleash = isUnleash(document) ? unleashFlags(document, file, options.environment) : null;
  if (unleash !== null) {
    io.print(unleash.report);
    if (options.write !== true) {
      io.print(`Nothing was written. Write what can be taken over with: ${io.command} import ${file} --write\n`);
      return unleash.leftOut > 0 ? exitCodes.refused : exitCodes.done;
    }
  }
  const { definitions, lost } = definitionsIn(unleash?.document ?? document, file);
  const log = createLog('error', 2);
  const database = await openDatabase(settings, {
    join: true,
    logger: log.logger,
    onProgress: (message) => io.print(`${message}\n`),
  });
  try {
    if (await database.belongsToPostHog()) {
      throw new UserError(
        'This database belongs to PostHog, and Halyard does not write definitions to it. Edit flags in PostHog.',
      );
    }
    await database.migrate();
    const token = options.token ?? (await ownToken(database)) ?? newToken();
    await checkToken(database, token);
    const report = await write(database, definitions, { ...options, token });
    io.print(reportText(report, { ...(await problemsOf(database, token)), lost }, token, file));
    const refused = report.refusedCohorts.length > 0 || report.flags.some(({ outcome }) => outcome === 'refused');
    return refused || (unleash?.leftOut ?? 0) > 0 ? exitCodes.refused : exitCodes.done;
  } finally {
    await database.close();
    log.flush();
  }
}

async function write(
  database: Database,
  definitions: Definitions,
  { token, name }: ImportOptions & { readonly token: string },
): Promise<ImportReport> {
  const writer = await ProjectWriter.open(database.urls.write);
  try {
    return await writer.importDefinitions(definitions, { token, ...(name === undefined ? {} : { name }) });
  } finally {
    await writer.close();
  }
}

/** What evaluation makes of the project as it is stored: what was refused is not there, and ids that could not be kept are others. */
async function problemsOf(database: Database, token: string): Promise<Omit<Problems, 'lost'>> {
  const log = createLog('silent', 2);
  const projects = openLoggedProjects({ write: database.urls.write }, log);
  try {
    const program = (await projects.registry.byToken(token))?.program;
    return { leftOut: program?.problems ?? [], unusable: program?.figures.unusable ?? new Map() };
  } finally {
    await projects.close();
  }
}

/** What is imported and will not do what its author wants. */
interface Problems {
  readonly leftOut: readonly DefinitionProblem[];
  /** By flag: why it fails. */
  readonly unusable: ReadonlyMap<string, string>;
  readonly lost: readonly LostDependency[];
}

function reportText(report: ImportReport, problems: Problems, token: string, file: string): string {
  const count = (outcome: string): number => report.flags.filter((flag) => flag.outcome === outcome).length;
  const counts = ['created', 'updated', 'unchanged', 'refused']
    .map((outcome) => `${count(outcome)} ${outcome}`)
    .filter((text) => !text.startsWith('0 '));
  const ofCohorts = report.refusedCohorts.length === 0 ? '' : ` (${report.refusedCohorts.length} refused)`;
  const lines = [
    `${file}: ${report.flags.length} flags (${counts.join(', ') || 'none'}) and ${report.cohorts} cohorts${ofCohorts}`,
    `${report.created ? 'A new project was made for them' : 'They are in the project'} with the token ${token}`,
  ];
  for (const flag of report.flags) {
    if (flag.outcome === 'refused') lines.push(`  refused: ${shown(flag.key)}: ${flag.reason ?? ''}`);
  }
  for (const { cohort, reason } of report.refusedCohorts) lines.push(`  refused: cohort ${cohort}: ${reason}`);
  for (const { flagKey, cohortId, path, message } of problems.leftOut) {
    const what = flagKey ?? (cohortId === undefined ? 'a cohort' : `cohort ${cohortId}`);
    lines.push(`  left out of evaluation: ${what}: ${path}: ${message}`);
  }
  for (const [key, problem] of problems.unusable) lines.push(`  fails for everybody: ${shown(key)}: ${problem}`);
  const refused = new Set(report.flags.flatMap(({ key, outcome }) => (outcome === 'refused' ? [key] : [])));
  for (const { flag, path, named } of problems.lost) {
    if (refused.has(flag)) continue;
    lines.push(
      `  off for everybody: ${shown(flag)}: ${path}: there is no flag "${shown(named)}" with an id in the file`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** A key may be refused for its length. */
function shown(key: string): string {
  return key.length > 80 ? `${key.slice(0, 79)}…` : key;
}
