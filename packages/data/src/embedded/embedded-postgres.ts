import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connectClient } from '../postgres/client-config.ts';
import type { StoreLog } from '../ports.ts';
import type { Binaries } from './binaries.ts';
import { choosePort, type DataFolder, openDataFolder, prepareDataFolder, serverEnvironment } from './data-folder.ts';
import {
  adoptLock,
  findPostmaster,
  isLockEmpty,
  isReady,
  isStale,
  ownerMark,
  pause,
  stopPostmaster,
} from './postmaster.ts';
import { reachableBinaries } from './reachable-binaries.ts';
import { urlFor } from './server-url.ts';
import { type ServerUser, serverUser } from './server-user.ts';
import { takeStartTurn } from './start-turn.ts';
import { type Sitter, sitFor } from './sitter.ts';
import { workIn } from './workplace.ts';

export interface EmbeddedPostgresOptions {
  /** Holds everything: data, socket, log. Made on the first start. */
  readonly folder: string;
  readonly log?: StoreLog;
  /** The database that `url` leads to; made on the first start. Default `halyard`. */
  readonly database?: string;
  /** Default: a Unix socket where its path is short enough for one, else TCP on 127.0.0.1. */
  readonly listen?: 'socket' | 'tcp';
  /** `false` trades safety for speed: for data that are thrown away anyway. */
  readonly durable?: boolean;
  /** Further server settings. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real PostgreSQL server of our own, alive as long as this process. */
export interface EmbeddedPostgres {
  readonly folder: string;
  /** Holds a password when the server listens on TCP. */
  readonly url: string;
  /** Process id of the server; another one after a crash. */
  readonly pid: number;
  /** Whether this start made the data. */
  readonly fresh: boolean;
  /** The URL of another database of this server. */
  urlOf(database: string): string;
  /** Ends open connections, writes everything down, stops. Safe to call again. */
  stop(): Promise<void>;
}

/** Longest path that a socket address holds on every system we know, less the socket's own name. */
const longestSocketFolder = 103 - '/.s.PGSQL.5432'.length;
const startTimeoutMs = 60_000;
const longestLog = 10 * 1024 * 1024;
const longestRestartPauseMs = 5_000;

/**
 * Starts PostgreSQL on a data folder, or says why not. A server that a killed process left behind is stopped first; the
 * same folder cannot serve two processes. If the server dies while we run, it is started again.
 *
 * @throws {Error} with one line that names the folder
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const files = openDataFolder(options.folder);
  const endTurn = await takeStartTurn(files.folder);
  try {
    return await startOn(files, options);
  } finally {
    endTurn();
  }
}

async function startOn(files: DataFolder, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = serverUser(files.data);
  const binaries = reachableBinaries(user);
  await clearTheWay(files, options.log);
  const fresh = await prepareDataFolder(files, binaries, user, options.durable ?? true);
  const tcp = options.listen === 'tcp' || (options.listen === undefined && !socketFits(files.run));
  const port = tcp ? await choosePort(files) : 5432;
  const server = new Server(files, user, options, tcp ? port : null);
  await startBehind(server, binaries);
  const urlOf = (database: string) => urlFor(files, tcp ? port : null, database);
  try {
    await ensureDatabase(urlOf, options.database ?? 'halyard');
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    folder: files.folder,
    url: urlOf(options.database ?? 'halyard'),
    fresh,
    urlOf,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
  };
}

/** What PostgreSQL complains of while the remains of a killed server are on their way out. */
const isNotGoneYet = /pre-existing shared memory block|lock file .* (already exists|is empty)/;

const longestEndMs = 20_000;

/** Starts behind a server that was killed: its processes notice that one by one. */
async function startBehind(server: Server, binaries: Binaries): Promise<void> {
  const until = performance.now() + longestEndMs;
  for (;;) {
    try {
      return await server.start(binaries);
    } catch (error) {
      if (performance.now() > until || !isNotGoneYet.test(String(error))) throw error;
      await pause(100);
    }
  }
}

function socketFits(run: string): boolean {
  return process.platform !== 'win32' && Buffer.byteLength(run) <= longestSocketFolder;
}

/** Refuses a folder that another process uses; stops a server that has lost its process. */
async function clearTheWay(files: DataFolder, log: StoreLog | undefined): Promise<void> {
  const found = findPostmaster(files.data);
  if (found === null) return clearLocks(files);
  if (found.owner !== null) {
    throw new Error(
      `The data folder ${files.folder} is in use by process ${found.owner} (its PostgreSQL is process ${found.pid}). ` +
        'Stop that process, or choose another data folder.',
    );
  }
  log?.('info', 'stopping the PostgreSQL server that an earlier process left behind', { pid: found.pid });
  await stopPostmaster(found.pid);
}

const socketName = '.s.PGSQL.5432';

/** Longer than a server takes from making its lock file to writing into it. */
const emptyLockMs = 500;

/** Disarms lock files that a killed server left, where PostgreSQL would believe them. */
async function clearLocks(files: DataFolder): Promise<void> {
  if (await answers(join(files.run, socketName))) {
    throw new Error(
      `The data folder ${files.folder} is in use by a PostgreSQL server that is not among this system's processes ` +
        '(in another container?). Stop it, or choose another data folder.',
    );
  }
  try {
    // Made after the lock of the data, by whoever has that.
    rmSync(join(files.run, `${socketName}.lock`), { force: true });
  } catch {
    // The folder is another user's, which is told when it is used.
    return;
  }
  if (isLockEmpty(files.data)) {
    await pause(emptyLockMs);
    if (isLockEmpty(files.data)) rmSync(join(files.data, 'postmaster.pid'), { force: true });
  } else if (isStale(files.data)) adoptLock(files.data);
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

async function ensureDatabase(urlOf: (database: string) => string, database: string): Promise<void> {
  if (database === 'postgres') return;
  const client = await connectClient(urlOf('postgres'), 'embedded database');
  try {
    const found = await client.query('select from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

/** The server's process: started, watched over, started again, stopped. */
class Server {
  readonly #files: DataFolder;
  readonly #user: ServerUser | null;
  readonly #options: EmbeddedPostgresOptions;
  readonly #port: number | null;
  #child: ChildProcess | null = null;
  /** Where this start's part of the log begins. */
  #logStart = 0;
  #sitter: Sitter | null = null;
  #restart: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(files: DataFolder, user: ServerUser | null, options: EmbeddedPostgresOptions, port: number | null) {
    this.#files = files;
    this.#user = user;
    this.#options = options;
    this.#port = port;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** @param binaries default: looked for again, since a copy of them may have been cleared away meanwhile */
  async start(binaries = reachableBinaries(this.#user)): Promise<void> {
    const files = this.#files;
    const child = this.#spawn(binaries);
    const failures: Error[] = [];
    child.once('error', (error) => failures.push(error));
    child.once('exit', (code, signal) => failures.push(new Error(`it ended with ${signal ?? `exit code ${code}`}`)));
    const until = performance.now() + startTimeoutMs;
    while (child.pid === undefined || !isReady(files.data, child.pid)) {
      if (performance.now() > until) failures.push(new Error('it did not become ready in time'));
      const [failure] = failures;
      if (failure !== undefined) {
        child.kill('SIGQUIT');
        // A second start at the same moment may have won the folder: then that is what to say.
        await clearTheWay(files, this.#options.log);
        const reason = `${failure.message}${lastComplaint(files.log, this.#logStart)}`;
        throw new Error(`PostgreSQL did not start in ${files.folder}: ${reason}`, { cause: failure });
      }
      await pause(5);
    }
    this.#child = child;
    this.#sitter = sitFor(child.pid);
    child.once('exit', () => this.#onExit());
    child.unref();
    if (child.exitCode !== null || child.signalCode !== null) this.#onExit();
  }

  #spawn({ postgres }: Binaries): ChildProcess {
    const { log: logFile, data, run } = this.#files;
    const { here, beside, options } = workIn(data, this.#user);
    const settings: Record<string, string> = {
      listen_addresses: this.#port === null ? '' : '127.0.0.1',
      port: String(this.#port ?? 5432),
      unix_socket_directories: this.#port === null ? beside(run) : '',
      unix_socket_permissions: '0700',
      log_timezone: 'UTC',
      timezone: 'UTC',
      ...(this.#options.durable === false
        ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }
        : {}),
      ...this.#options.settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const args = ['-D', here, '-c', ownerMark(process.pid), ...flags];
    if (sizeOf(logFile) > longestLog) truncateSync(logFile);
    this.#logStart = sizeOf(logFile);
    const log = openSync(logFile, 'a');
    try {
      // A session of its own: Ctrl-C in the terminal is for us, and we stop the server when we are done with it.
      return spawn(postgres, args, {
        ...options,
        env: serverEnvironment(),
        stdio: ['ignore', log, log],
        detached: true,
      });
    } finally {
      closeSync(log);
    }
  }

  #onExit(): void {
    this.#sitter?.dismiss();
    if (this.#stopping !== null || this.#restart !== null) return;
    this.#options.log?.('error', 'the embedded PostgreSQL server died and is started again', {
      folder: this.#files.folder,
    });
    this.#restart = this.#startAgain().finally(() => {
      this.#restart = null;
    });
  }

  async #startAgain(): Promise<void> {
    for (let wait = 100; this.#stopping === null; wait = Math.min(wait * 2, longestRestartPauseMs)) {
      const endTurn = await takeStartTurn(this.#files.folder);
      try {
        return await this.start();
      } catch (error) {
        this.#options.log?.('error', 'the embedded PostgreSQL server does not start', { reason: String(error) });
        await pause(wait);
      } finally {
        endTurn();
      }
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#restart;
    const { pid } = this;
    if (pid !== 0) await stopPostmaster(pid);
    this.#sitter?.dismiss();
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last error in the server's log since `start` (bytes), as the second half of a sentence. */
function lastComplaint(log: string, start: number): string {
  try {
    const line = readFileSync(log)
      .subarray(start)
      .toString()
      .split('\n')
      .findLast((text) => /\b(FATAL|PANIC|error while loading)\b/.test(text));
    return line === undefined ? '' : ` (${line.replace(/^.*?(FATAL|PANIC):\s*/, '')})`;
  } catch {
    return '';
  }
}
