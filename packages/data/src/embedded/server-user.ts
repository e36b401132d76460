import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** PostgreSQL refuses to run as root; this says as whom it runs instead. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user that runs the server: `null` for ourselves. As root it is the owner of the data if there is any, else the
 * system user `postgres`, else `nobody`.
 *
 * @throws {Error} when root finds none of them
 */
export function serverUser(dataFolder: string): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const user = systemUser('postgres') ?? systemUser('nobody');
  if (user === null) {
    throw new Error(
      'PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody". ' +
        'Start Halyard as another user, or set DATABASE_URL to a PostgreSQL server.',
    );
  }
  return user;
}

function systemUser(name: string): ServerUser | null {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name && uid !== undefined && gid !== undefined && uid !== '0') {
      return { uid: Number(uid), gid: Number(gid) };
    }
  }
  return null;
}

/** The first folder on the way to `path` that `user` may not pass through, or the file itself if it may not run it. */
export function closedTo(user: ServerUser, path: string): string | null {
  let closed: string | null = null;
  for (let at = resolve(path); ; at = dirname(at)) {
    const entry = statSync(at, { throwIfNoEntry: false });
    if (entry !== undefined && !mayPass(entry, user)) closed = at;
    if (at === dirname(at)) return closed;
  }
}

function mayPass(entry: { mode: number; uid: number; gid: number }, user: ServerUser): boolean {
  const bits = entry.uid === user.uid ? entry.mode >> 6 : entry.gid === user.gid ? entry.mode >> 3 : entry.mode;
  return (bits & 1) === 1;
}
