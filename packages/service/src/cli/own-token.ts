import { randomBytes } from 'node:crypto';
import { demoToken } from '../demo/demo.ts';
import type { Database } from '../operate/database.ts';
import { createLog } from '../operate/log/logger.ts';
import { openLoggedProjects } from '../projects.ts';
import { UserError } from './problem-line.ts';

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

/** A public token for a project that is made. */
export function newToken(): string {
  return `phc_${randomBytes(24).toString('base64url')}`;
}
