import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { serverUser } from '../embedded/server-user.ts';
import { clientConfig } from '../postgres/client-config.ts';
import { findProgram, onBuildServer } from './programs.ts';
import { waitUntil } from './wait-until.ts';

const program = findProgram('pgbouncer');

/** Skips a test, by name, where PgBouncer is missing; on a build server it fails instead. */
export function skipWithoutPgBouncer(context: TestContext): void {
  context.skip(program === null && !onBuildServer, 'pgbouncer is not installed');
}

/** A real PgBouncer in transaction mode. */
export interface TestPgBouncer {
  /** The database's URL by way of the pooler; holds the password that the pooler asks for. */
  readonly url: string;
  stop(): Promise<void>;
}

export const poolerPassword = 'corr3ct-h0rse';

/** @param settings of the section `[pgbouncer]`, on top of transaction mode with a single server connection */
export async function startPgBouncer(
  databaseUrl: string,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<TestPgBouncer> {
  if (program === null) throw new Error('pgbouncer is not installed: install the package pgbouncer');
  const { host = '', port = 5432, user = '', database = '', password } = clientConfig(databaseUrl, 'test database');
  const folder = mkdtempSync(join(tmpdir(), 'halyard-pgbouncer-'));
  const own = await freePort();
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: own,
    unix_socket_dir: '',
    auth_type: 'plain',
    auth_file: join(folder, 'users'),
    pool_mode: 'transaction',
    default_pool_size: 1,
    ...settings,
  };
  const secret = typeof password === 'string' && password !== '' ? ` password=${password}` : '';
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const databases = `* = host=${host} port=${port} user=${user}${secret}`;
  writeFileSync(join(folder, 'ini'), ['[databases]', databases, '[pgbouncer]', ...lines, ''].join('\n'));
  writeFileSync(join(folder, 'users'), `"${user}" "${poolerPassword}"\n`);
  chmodSync(folder, 0o755);
  // It refuses to run as root; as the server's user it may use the server's socket.
  const runAs = serverUser(host) ?? {};
  const child = spawn(program, ['-q', join(folder, 'ini')], { ...runAs, stdio: 'ignore' });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  await waitUntil(() => answers(own));
  return {
    url: `postgresql://${user}:${poolerPassword}@127.0.0.1:${own}/${database}`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
