import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { closedTo, type ServerUser } from './server-user.ts';

/** How a program of the server's user is started in a folder, and how it names the files there. */
export interface Workplace {
  readonly options: { readonly cwd: string; readonly uid?: number; readonly gid?: number };
  /** The folder. */
  readonly here: string;
  /** A file beside the folder, by its path. */
  readonly beside: (path: string) => string;
}

/** The working folder of whoever asks, wherever it lies: following this link passes through no folder above it. */
const ownFolder = '/proc/self/cwd';

/**
 * Lets `user` work in `folder`. We go there before the program gives up the rights of root, so that a folder above may be
 * closed to its user (`/root`, a private temporary folder): it then names its files from where it stands.
 *
 * @param folder belongs to `user`
 * @param user `null` for ourselves
 * @throws {Error} naming the closed folder on a system without `/proc`
 */
export function workIn(folder: string, user: ServerUser | null): Workplace {
  if (user === null) return { options: { cwd: folder }, here: folder, beside: (path) => path };
  const { uid, gid } = user;
  const options = { cwd: folder, uid, gid };
  const above = dirname(folder);
  const closed = closedTo(user, above);
  if (closed === null) return { options, here: folder, beside: (path) => path };
  if (!existsSync(ownFolder)) {
    throw new Error(
      `PostgreSQL runs as user ${uid} instead of root, and the folder ${closed} is closed to that user. ` +
        `Open it (chmod o+x ${closed}), or set HALYARD_DATA_DIR to a folder elsewhere.`,
    );
  }
  return {
    options,
    here: ownFolder,
    // PostgreSQL would shorten a path with `..` in its middle, but leaves one in front alone.
    beside: (path) => (dirname(path) === above ? join('..', basename(path)) : path),
  };
}
