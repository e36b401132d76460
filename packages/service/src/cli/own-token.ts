import { randomText } from '@halyard/manage';
import { demoToken } from '../demo/demo.ts';
import type { Database } from '../operate/database.ts';
import { createLog } from '../operate/log/logger.ts';
import { openLoggedProjects } from '../projects.ts';
import { oneLine, UserError } from './problem-line.ts';

/**
 * The token of the one project that is not the demo; null: there is none yet.
 *
 * @throws {UserError} when there are several
 */
export async function ownToken(database: Database): Promise<string | null> {
  const log = createLog('silent', 2);
  const projects = openLoggedProjects(database.urls, log);
  try {
    const own = (await projects.list()).filter(({ token }) => token !== demoToken);
    if (own.length > 1) {
      throw new UserError(
        `There are several projects. Say which: --token ${own.map(({ token }) => token).join(' or --token ')}.`,
      );
    }
    return own[0]?.token ?? null;
  } finally {
    await projects.close();
  }
}

/** A public token for a project that is made, of the letters and digits that the API makes them of. */
export function newToken(): string {
  return `phc_${randomText()}`;
}

/**
 * Judges a token that somebody names: a project that is to be made gets none that clients could not send. One that is there has the token
 * that it has.
 *
 * @throws {UserError}
 */
export async function checkToken(database: Database, token: string): Promise<void> {
  if (/^[\w-]{1,200}$/.test(token)) return;
  const log = createLog('silent', 2);
  const projects = openLoggedProjects(database.urls, log);
  try {
    if ((await projects.registry.byToken(token)) !== null) return;
  } finally {
    await projects.close();
  }
  throw new UserError(
    `There is no project with the token ${oneLine(token).slice(0, 80)}, and none can be made: a token has 1 to 200 letters, digits, "_" and "-".`,
  );
}
