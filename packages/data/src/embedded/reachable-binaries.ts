import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Binaries, binariesIn, findBinaries } from './binaries.ts';
import { closedTo, type ServerUser } from './server-user.ts';

/**
 * The PostgreSQL programs, where `user` can run them. The loader and the programs look for their neighbours by path, so where
 * that path does not lead there, a copy in the system's temporary folder serves, made once per version and completed when
 * something cleared it away.
 *
 * @param user `null` for ourselves
 * @param folders where the copy may lie, the first that will do
 * @throws {Error} in one line, when there are no programs for this computer or no place for the copy
 */
export function reachableBinaries(
  user: ServerUser | null,
  found = findBinaries(),
  folders: readonly string[] = [tmpdir(), '/tmp', '/var/tmp'],
): Binaries {
  const hindrance = hindranceTo(user, found.postgres);
  const ourselves = process.getuid?.();
  if (hindrance === null || ourselves === undefined) return found;
  const refusals = new Set<string>();
  for (const folder of folders) {
    const home = join(folder, `halyard-postgresql-${found.version}-${process.arch}-${ourselves}`);
    try {
      return copyFor(user, found, home);
    } catch (error) {
      refusals.add(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`${hindrance}; and no copy could be made (${[...refusals].join('; ')}).`);
}

/** Why `user` cannot run a program where it is, and what to do about it. */
function hindranceTo(user: ServerUser | null, program: string): string | null {
  const closed = user === null ? null : closedTo(user, program);
  if (user !== null && closed !== null) {
    return (
      `PostgreSQL runs as user ${user.uid} instead of root, and the folder ${closed} of its programs is closed to that user ` +
      `(chmod o+x ${closed} opens it)`
    );
  }
  // It asks a shell to run its neighbour, whose path it puts between double quotes.
  if (process.platform !== 'win32' && /["$`\\]/.test(program))
    return `initdb does not run in ${dirname(program)} for the sake of a character that a shell understands (move it)`;
  return null;
}

function copyFor(user: ServerUser | null, found: Binaries, home: string): Binaries {
  const above = dirname(home);
  const closed = user === null ? null : closedTo(user, above);
  if (closed !== null) throw new Error(`${closed} is closed to that user too`);
  const open = changeableByOthers(above);
  if (open !== null) throw new Error(`others may change what is in ${open}`);
  mkdirSync(home, { recursive: true });
  const entry = lstatSync(home);
  if (!entry.isDirectory() || isOthers(entry.uid, entry.mode))
    throw new Error(`${home} is not our own folder: remove it`);
  copyMissing(found.home, home);
  const copied = binariesIn(home, found.version);
  const probe = spawnSync(copied.postgres, ['--version'], { ...user, cwd: '/', encoding: 'utf8' });
  if (probe.status === 0) return copied;
  throw new Error(`no program runs in ${above}: ${probe.error?.message ?? probe.stderr.trim()}`);
}

/** Whether somebody but root and us may change it. */
function isOthers(uid: number, mode: number): boolean {
  return (uid !== 0 && uid !== process.getuid?.()) || (mode & 0o022) !== 0;
}

const sticky = 0o1000;

/** The folder on the way to `path`, itself included, in which somebody else could put another file under our name. */
function changeableByOthers(path: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    const entry = statSync(at);
    if (isOthers(entry.uid, (entry.mode & sticky) === 0 ? entry.mode : 0)) return at;
    if (at === dirname(at)) return null;
  }
}

/** Copies what is not there yet, open to all; each file appears whole, so that several starts may do this at once. */
function copyMissing(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  chmodSync(target, 0o755);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    if (entry.isDirectory()) copyMissing(from, to);
    else if (!isCopied(from, to)) copyFile(from, to);
  }
}

function isCopied(from: string, to: string): boolean {
  const there = lstatSync(to, { throwIfNoEntry: false });
  if (there === undefined) return false;
  const wanted = lstatSync(from);
  return wanted.isSymbolicLink() ? there.isSymbolicLink() : there.isFile() && there.size === wanted.size;
}

const executable = 0o111;

function copyFile(from: string, to: string): void {
  const entry = lstatSync(from);
  const part = `${to}.${process.pid}.part`;
  rmSync(part, { force: true });
  if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), part);
  else {
    copyFileSync(from, part);
    chmodSync(part, (entry.mode & executable) === 0 ? 0o644 : 0o755);
  }
  renameSync(part, to);
}
