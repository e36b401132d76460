import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onServerCore } from '../pin.ts';

/** A server in a process of its own, whose processor time can be read. */
export interface ServerProcess {
  readonly url: string;
  /** The port for probes, where it has one. */
  readonly probesUrl: string | undefined;
  /** Processor time used so far, user and system, in seconds. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
/** Ticks of /proc on every Linux of today (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/**
 * The product, as `halyard serve` starts it, on the given database; with further settings.
 *
 * @param checkout another built checkout's folder; default: this one
 * @param main the file that is started; default: that of the checkout's build
 */
export function startHalyard(
  databaseUrl: string,
  settings: Readonly<Record<string, string>> = {},
  checkout: string = fileURLToPath(new URL('../../..', import.meta.url)),
  main: string = join(checkout, 'packages/service/dist/main.js'),
): Promise<ServerProcess> {
  return start([main, 'serve'], { DATABASE_URL: databaseUrl, PORT: '0', HOST: '127.0.0.1', ...settings });
}

/** node:http with one fixed answer of that many bytes and nothing else; 304: one without a body. */
export function startBare(bytes: number): Promise<ServerProcess> {
  return start([fileURLToPath(new URL('bare-server.js', import.meta.url)), String(bytes)], {});
}

async function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  // taskset replaces itself by Node, so the child's processor time is the server's.
  const { command, args: all } = onServerCore(args);
  const child = spawn(command, all, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], ...env },
  });
  const { url, probesUrl } = await urlsFrom(child);
  child.stdout?.resume(); // its log lines go through a pipe, as in production
  return {
    url,
    probesUrl,
    cpuSeconds: () => cpuSeconds(child.pid as number),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** The first `http://…` that the child prints, and the one for probes on the same line. */
function urlsFrom(child: ChildProcess): Promise<{ url: string; probesUrl: string | undefined }> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(
      () => reject(new Error(`the server did not say where it listens:\n${text}`)),
      START_TIMEOUT_MS,
    );
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}:\n${text}`)));
    const read = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      const found = /(http:\/\/127\.0\.0\.1:\d+)(?:.*?"probes_url":"([^"]+)")?.*\n/.exec(text);
      if (found === null) return;
      clearTimeout(timer);
      child.stdout?.off('data', read);
      resolve({ url: found[1] as string, probesUrl: found[2] });
    };
    child.stdout?.on('data', read);
  });
}

/** Processor time of every PostgreSQL process of this machine, in seconds. The benchmark's own server is the only one, one hopes. */
export function postgresCpuSeconds(): number {
  if (process.platform !== 'linux') return Number.NaN;
  let sum = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres') sum += cpuSeconds(Number(pid));
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum;
}

function cpuSeconds(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold blanks; the fields are counted behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
