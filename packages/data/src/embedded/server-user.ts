import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

/** PostgreSQL refuses to run as root; this says as whom it runs instead. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** How to start a program as the server's user. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
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

/**
 * How to start `program` as `user`. Where a folder on the way is closed to that user, as under /root or in a private
 * temporary folder, the program keeps the one right of root that opens it.
 *
 * @param paths what the program must reach
 * @throws {Error} naming the closed folder when that right cannot be given
 */
export function launchAs(
  user: ServerUser | null,
  program: string,
  args: readonly string[],
  paths: readonly string[],
): Launch {
  if (user === null) return { command: program, args, options: {} };
  const closed = [program, ...paths].map((path) => closedFolder(path, user)).find((folder) => folder !== null);
  if (closed === undefined) return { command: program, args, options: { uid: user.uid, gid: user.gid } };
  const setpriv = onPath('setpriv');
  if (process.platform !== 'linux' || setpriv === null) {
    throw new Error(
      `PostgreSQL runs as user ${user.uid} instead of root, and the folder ${closed} is closed to that user. ` +
        `Open it (chmod o+x ${closed}), or choose a data folder elsewhere.`,
    );
  }
  const rights = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  return { command: setpriv, args: [...ids, ...rights, program, ...args], options: {} };
}

/** The first folder on the way to `path` that `user` may not pass through, or the file itself if it may not run it. */
function closedFolder(path: string, user: ServerUser): string | null {
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

function onPath(program: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin', '/sbin', '/usr/sbin'];
  for (const folder of folders) {
    const file = join(folder, program);
    if (folder === '' || !existsSync(file)) continue;
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not this one.
    }
  }
  return null;
}
