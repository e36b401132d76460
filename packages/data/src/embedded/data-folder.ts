import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.ts';
import { isRunning } from './postmaster.ts';
import type { ServerUser } from './server-user.ts';
import { workIn } from './workplace.ts';

/** The files of one embedded server. */
export interface DataFolder {
  readonly folder: string;
  /** PostgreSQL's own data. */
  readonly data: string;
  /** Holds the socket; closed to other users. */
  readonly run: string;
  readonly log: string;
  readonly passwordFile: string;
  readonly portFile: string;
}

/** The only role; it owns everything. */
export const superuser = 'halyard';

/**
 * Makes the folder if it is not there.
 *
 * @throws {Error} with one line that names the folder
 */
export function openDataFolder(path: string): DataFolder {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw unusable(resolve(path), error);
  }
  const folder = realpathSync(path);
  return {
    folder,
    data: join(folder, 'data'),
    run: join(folder, 'run'),
    log: join(folder, 'server.log'),
    passwordFile: join(folder, 'password'),
    portFile: join(folder, 'port'),
  };
}

/**
 * Makes PostgreSQL's data on the first start. They appear under their name only when they are
 * complete, so a start that is killed half-way leaves nothing that the next would take for a database.
 *
 * @returns whether the data are new
 * @throws {Error} with one line that names the folder
 */
export async function prepareDataFolder(
  files: DataFolder,
  binaries: Binaries,
  user: ServerUser | null,
  durable: boolean,
): Promise<boolean> {
  try {
    mkdirSync(files.run, { recursive: true, mode: 0o700 });
    giveTo(user, files.folder, files.run);
  } catch (error) {
    throw unusable(files.folder, error);
  }
  refuseOthers(files, user);
  removeLeftovers(files);
  if (existsSync(join(files.data, 'PG_VERSION'))) {
    checkVersion(files, binaries);
    return false;
  }
  await createData(files, binaries, user, durable);
  return true;
}

/** Data of another user cannot even be seen by us, and PostgreSQL takes them from nobody but their owner. */
function refuseOthers({ folder, data }: DataFolder, user: ServerUser | null): void {
  const owner = statSync(data, { throwIfNoEntry: false })?.uid;
  const own = user?.uid ?? process.getuid?.();
  if (owner === undefined || own === undefined || owner === own) return;
  throw new Error(
    `The data in ${folder} belong to user ${owner}, and PostgreSQL runs as user ${own}. ` +
      'Start Halyard as their owner, or set HALYARD_DATA_DIR to another folder.',
  );
}

function giveTo(user: ServerUser | null, ...paths: readonly string[]): void {
  if (user !== null) for (const path of paths) chownSync(path, user.uid, user.gid);
}

const elsewhere = '. Set HALYARD_DATA_DIR to a folder that this user may write to.';
const adviceOn: Readonly<Record<string, string>> = {
  EACCES: elsewhere,
  EPERM: elsewhere,
  EROFS: elsewhere,
  // A root that is alone in its user namespace.
  EINVAL: '. PostgreSQL does not run as root, and this root may become nobody else: start Halyard as another user.',
};

function unusable(folder: string, cause: unknown): Error {
  const { code, message: text } = cause as NodeJS.ErrnoException;
  const advice = adviceOn[code ?? ''] ?? '';
  return new Error(`The data folder ${folder} cannot be used: ${text}${advice}`, { cause });
}

async function createData(
  files: DataFolder,
  binaries: Binaries,
  user: ServerUser | null,
  durable: boolean,
): Promise<void> {
  const unfinished = join(files.folder, `data.new-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    if (!existsSync(files.passwordFile)) {
      // In one step, since a start that is killed half-way must leave no empty one.
      const whole = `${files.passwordFile}.new-${process.pid}`;
      writeFileSync(whole, randomBytes(24).toString('base64url'), { mode: 0o600 });
      renameSync(whole, files.passwordFile);
    }
    mkdirSync(unfinished, { mode: 0o700 });
    giveTo(user, files.passwordFile, unfinished);
  } catch (error) {
    throw unusable(files.folder, error);
  }
  const { here, beside, options } = workIn(unfinished, user);
  const args = [
    `--pgdata=${here}`,
    `--username=${superuser}`,
    `--pwfile=${beside(files.passwordFile)}`,
    // The socket lies in a folder of the server's user alone, so whoever reaches it may come in.
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
  try {
    await promisify(execFile)(binaries.initdb, args, { ...options, env: serverEnvironment() });
    renameSync(unfinished, files.data);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (existsSync(join(files.data, 'PG_VERSION'))) return; // Another start was faster.
    const reason = complaint((error as { stderr?: string }).stderr) ?? message(error);
    throw new Error(`No database could be created in ${files.folder}: ${reason}`, { cause: error });
  }
}

/** What `initdb` says is wrong, in one line. */
function complaint(stderr: string | undefined): string | undefined {
  const lines = (stderr ?? '').split('\n').filter((line) => line.trim() !== '');
  const said = lines.findLast((line) => line.includes('error')) ?? lines.at(-1);
  if (said === undefined || !said.includes('could not look up effective user ID')) return said;
  return `${said}. Give this user a line in /etc/passwd, start Halyard as another user, or set DATABASE_URL.`;
}

function checkVersion(files: DataFolder, binaries: Binaries): void {
  const theirs = readFileSync(join(files.data, 'PG_VERSION'), 'utf8').trim();
  const [ours = ''] = binaries.version.split('.');
  if (theirs !== ours) {
    throw new Error(
      `The data in ${files.folder} belong to PostgreSQL ${theirs}, and this is PostgreSQL ${ours}. ` +
        'Dump them with the old version and load them into a new folder, or set DATABASE_URL to a server that has them.',
    );
  }
}

/** What a start left behind that was killed while it created data. */
function removeLeftovers({ folder }: DataFolder): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(/^data\.new-(\d+)-/.exec(name)?.[1]);
    if (!Number.isInteger(pid) || pid === process.pid || isRunning(pid)) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {
      // Whoever creates it has lost its parent and still writes. The next start removes it.
    }
  }
}

/** Ours without what would change the server's behaviour behind our back. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

/** The TCP port to use: the one used last time if it is free, else any free one; stored for the next time. */
export async function choosePort({ portFile }: DataFolder): Promise<number> {
  const last = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0;
  const port = (await freePort(Number.isInteger(last) && last > 0 && last < 65_536 ? last : 0)) ?? (await freePort(0));
  if (port === null) throw new Error('No free TCP port on 127.0.0.1');
  writeFileSync(portFile, String(port));
  return port;
}

function freePort(wanted: number): Promise<number | null> {
  return new Promise((settle) => {
    const probe = createServer();
    probe.once('error', () => settle(null));
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : null;
      probe.close(() => settle(port));
    });
  });
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
