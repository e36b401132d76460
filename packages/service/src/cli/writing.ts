import { KeyWriter, type ProjectRow } from 'halyard/host';
import { openDatabase } from '../operate/database.ts';
import { createLog } from '../operate/log/logger.ts';
import type { Settings } from '../operate/settings/table.ts';
import { UserError } from './problem-line.ts';

/**
 * Does something with projects and keys: opens the database, brings its tables up to date, and closes it afterwards.
 *
 * @param purpose what cannot be done where nothing may be written, such as `make keys`; null: nothing is written
 * @throws {UserError} where nothing may be written
 */
export function withKeys<Result>(
  settings: Settings,
  purpose: string | null,
  work: (writer: KeyWriter) => Promise<Result>,
): Promise<Result> {
  return withOwnDatabase(settings, purpose, async (url) => {
    const writer = await KeyWriter.open(url);
    try {
      return await work(writer);
    } finally {
      await writer.close();
    }
  });
}

/** The same for whoever connects to the writer, whose URL it is given. */
export async function withOwnDatabase<Result>(
  settings: Settings,
  purpose: string | null,
  work: (writerUrl: string) => Promise<Result>,
): Promise<Result> {
  if (purpose !== null && settings.readOnly)
    throw new UserError(`HALYARD_READ_ONLY is set, so Halyard cannot ${purpose}.`);
  const log = createLog('error', 2);
  const database = await openDatabase(settings, { join: true, logger: log.logger, onProgress: () => undefined });
  try {
    if (purpose !== null && (await database.belongsToPostHog())) {
      throw new UserError(
        `This database belongs to PostHog, and Halyard does not ${purpose} there. Use PostHog's settings.`,
      );
    }
    await database.migrate();
    return await work(database.urls.write);
  } finally {
    await database.close();
    log.flush();
  }
}

/**
 * The project that somebody names by its id or public token.
 *
 * @param named undefined: the only one
 * @throws {UserError} saying which there are
 */
export async function oneProject(writer: KeyWriter, named: string | undefined): Promise<ProjectRow> {
  const [first, ...others] = await writer.projects(named);
  if (first !== undefined && others.length === 0) return first;
  // An id is no public token, so several are found only where none was named.
  if (first === undefined) {
    throw new UserError(
      named === undefined
        ? 'There is no project yet. Make one with: halyard project create NAME.'
        : `There is no project with the id or token ${named}. halyard project list shows them.`,
    );
  }
  throw new UserError(
    `There are several projects. Say which: ${[first, ...others].map(({ teamId, name, token }) => `--project ${teamId} (${name}, ${token})`).join(' or ')}.`,
  );
}
