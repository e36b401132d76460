import { execFileSync } from 'node:child_process';
import { chownSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A PostgreSQL server that runs on a data folder. */
export interface Postmaster {
  readonly pid: number;
  /** The process that started it for itself and is still there; `null` for an orphan. */
  readonly owner: number | null;
}

/** Marks a server's command line with the process that it works for. */
export function ownerMark(pid: number): string {
  return `cluster_name=halyard-${pid}`;
}

/**
 * Looks for a server that runs on this data folder. A lock file without a living server behind it, or with some other
 * program that has got the server's process id since, counts as none.
 */
export function findPostmaster(data: string): Postmaster | null {
  const pid = lockedBy(data);
  const found = pid === null ? null : inspect(pid);
  if (pid === null || found === null || !runsOn(found, data)) return null;
  const owner = Number(/cluster_name=halyard-(\d+)/.exec(found.command)?.[1]);
  // A server whose starter has died belongs to the system's first process, or to some reaper.
  return { pid, owner: owner === found.parent ? owner : null };
}

/**
 * The lock file names a process that PostgreSQL would take for a living server of this folder, and that is none: another program has got its
 * process id since, or it is dead and whoever should collect it has not done so.
 */
export function isStale(data: string): boolean {
  const pid = lockedBy(data);
  const found = pid === null ? null : inspect(pid);
  return found !== null && !runsOn(found, data);
}

/**
 * Makes PostgreSQL look behind a stale lock file instead of believing it: it takes no notice of a lock that names its parent, which we are
 * about to be, and still refuses to start while processes of the dead server use the data. Removing the file would spare us that refusal, too.
 */
export function adoptLock(data: string): void {
  const file = join(data, 'postmaster.pid');
  const lines = lockFile(data);
  if (lines === null) return;
  const { uid, gid, mode } = statSync(file);
  const whole = `${file}.adopted-${process.pid}`;
  writeFileSync(whole, [String(process.pid), ...lines.slice(1)].join('\n'), { mode });
  if (process.getuid?.() === 0) chownSync(whole, uid, gid);
  // In one step: PostgreSQL does not start on a lock file that is empty.
  renameSync(whole, file);
}

/** There is a lock file, and whoever made it has not come to write its name into it. */
export function isLockEmpty(data: string): boolean {
  return lockFile(data)?.join('').trim() === '';
}

function lockedBy(data: string): number | null {
  const pid = Number(lockFile(data)?.[0]);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : null;
}

function runsOn({ name, command }: Process, data: string): boolean {
  return name === 'postgres' && `${command} `.includes(`${data} `);
}

/** Whether the server says that it takes connections. */
export function isReady(data: string, pid: number): boolean {
  const lines = lockFile(data);
  return Number(lines?.[0]) === pid && lines?.[7]?.trim() === 'ready';
}

/** pid, data folder, start time, port, socket folder, address, shared memory, state. */
function lockFile(data: string): readonly string[] | null {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Process {
  readonly parent: number;
  /** Of the program. */
  readonly name: string;
  /** Empty: it is dead, and nobody has collected it yet. */
  readonly command: string;
}

function inspect(pid: number): Process | null {
  try {
    if (process.platform === 'linux') return inspectLinux(pid);
    const line = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' });
    const [, parent = '', command = ''] = /^\s*(\d+)\s+(.*)$/.exec(line.trim()) ?? [];
    return { parent: Number(parent), name: basename(command.split(' ', 1)[0] ?? ''), command };
  } catch {
    return null;
  }
}

function inspectLinux(pid: number): Process {
  // The name in the second field may itself hold blanks and brackets.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return { parent: 0, name, command: '' };
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return { parent: Number(parent), name, command: `${command} ${workingFolder(pid)}` };
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/**
 * Stops a server and waits until it has gone: first the fast way, after `patienceMs` the immediate way (which the next
 * start recovers from).
 *
 * @throws {Error} when it may not be stopped by us, or does not go
 */
export async function stopPostmaster(pid: number, patienceMs = 10_000): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ESRCH') return;
      throw new Error(`The PostgreSQL server (process ${pid}) cannot be stopped: ${code}`, { cause: error });
    }
    if (await isGone(pid, patienceMs)) return;
  }
  throw new Error(`The PostgreSQL server (process ${pid}) does not stop`);
}

async function isGone(pid: number, patienceMs: number): Promise<boolean> {
  const until = performance.now() + patienceMs;
  while (isRunning(pid)) {
    if (performance.now() > until) return false;
    await pause(5);
  }
  return true;
}

/** Like `isAlive`, but a dead process that nobody has collected yet no longer runs. */
export function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const found = inspect(pid);
  return found === null || found.command.trim() !== '';
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
