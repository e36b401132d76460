import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.ts';
import { isRunning } from './postmaster.ts';

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));
const bundles: string[] = [];
const isRoot = process.getuid?.() === 0;

describe('the embedded PostgreSQL server', () => {
  let folder: string;
  const running: EmbeddedPostgres[] = [];
  const children: ChildProcess[] = [];

  /** A stopped server's folder: copying it takes a fraction of the time that making one takes. */
  let made: string;

  beforeAll(async () => {
    made = join(mkdtempSync(join(tmpdir(), 'halyard-embedded-')), 'postgres');
    await (await startEmbeddedPostgres({ folder: made, durable: false })).stop();
  });

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'halyard-embedded-')), 'postgres');
  });

  function useMadeFolder(): void {
    execFileSync('cp', ['-a', made, folder]);
  }

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(running.splice(0).map((server) => server.stop()));
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  afterAll(() => {
    for (const file of [...bundles, join(made, '..')]) rmSync(file, { recursive: true, force: true });
  });

  async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ folder, durable: false, ...options });
    running.push(server);
    return server;
  }

  it('starts on a new folder, stops, and keeps the data for the second start', async () => {
    const first = await start();
    await ask(first.url, 'create table kept (word text)', `insert into kept values ('here')`);
    await first.stop();
    const second = await start();
    expect(first.fresh).toBe(true);
    expect(second.fresh).toBe(false);
    expect(await ask(second.url, 'select word from kept')).toEqual(['here']);
  });

  it('is not reachable over the network: a socket, in a folder that only its user may enter', async () => {
    useMadeFolder();
    const server = await start();
    expect(await ask(server.url, 'show listen_addresses')).toEqual(['']);
    expect(statSync(join(folder, 'run')).mode & 0o777).toBe(0o700);
  });

  it('listens on the loopback with a password where a socket will not do, on the same port each time', async () => {
    useMadeFolder();
    const first = await start({ listen: 'tcp' });
    const { port, hostname, password } = new URL(first.url);
    expect(await ask(first.url, 'show listen_addresses')).toEqual(['127.0.0.1']);
    await expect(ask(first.url.replace(password, 'wrong'), 'select 1')).rejects.toThrow(
      /password authentication failed/,
    );
    await first.stop();
    const second = await start({ listen: 'tcp' });
    expect(hostname).toBe('127.0.0.1');
    expect(new URL(second.url).port).toBe(port);
  });

  it('takes to TCP by itself when the path is too long for a socket', async () => {
    folder = join(folder, 'long'.repeat(30), 'postgres');
    const server = await start();
    expect(server.url).toContain('@127.0.0.1:');
    expect(await ask(server.url, 'select 1')).toEqual([1]);
    folder = join(folder, '..', '..');
  });

  it('refuses a folder that is in use, naming the folder and the process', async () => {
    useMadeFolder();
    const server = await start();
    await expect(startEmbeddedPostgres({ folder })).rejects.toThrow(
      `The data folder ${folder} is in use by process ${process.pid} (its PostgreSQL is process ${server.pid})`,
    );
    expect(await ask(server.url, 'select 1')).toEqual([1]);
  });

  it('starts once when two processes start at the same moment', async () => {
    const both = await Promise.allSettled([start(), start()]);
    const refused = both.find((result) => result.status === 'rejected');
    expect(both.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(String(refused?.reason)).toMatch(/is in use by process/);
  });

  it('stops a server that a killed process left behind, and goes on with its data', async () => {
    useMadeFolder();
    const child = await startInChild(children, folder, { sitter: false });
    await ask(child.url, 'create table kept (word text)', `insert into kept values ('here')`);
    child.process.kill('SIGKILL');
    await ended(child.process);
    expect(isRunning(child.server)).toBe(true);
    const messages: string[] = [];
    const server = await start({ log: (_level, message) => messages.push(message) });
    expect(isRunning(child.server)).toBe(false);
    expect(messages).toEqual(['stopping the PostgreSQL server that an earlier process left behind']);
    expect(await ask(server.url, 'select word from kept')).toEqual(['here']);
  });

  it('does not outlive a killed process', async () => {
    useMadeFolder();
    const child = await startInChild(children, folder, { sitter: true });
    child.process.kill('SIGKILL');
    await ended(child.process);
    await waitUntil(() => !isRunning(child.server));
    expect(isRunning(child.server)).toBe(false);
  });

  it('is not misled by lock files whose process id now belongs to another program', async () => {
    useMadeFolder();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    children.push(other);
    const first = await start();
    const locks = [join(folder, 'data', 'postmaster.pid'), join(folder, 'run', '.s.PGSQL.5432.lock')];
    const texts = locks.map((lock) => readFileSync(lock, 'utf8'));
    await first.stop();
    for (const [index, lock] of locks.entries()) {
      writeFileSync(lock, texts[index]?.replace(/^\d+/, String(other.pid)) ?? '');
    }
    const second = await start();
    expect(await ask(second.url, 'select 1')).toEqual([1]);
  });

  it('starts although the server named by the lock files is dead and nobody has collected it', async (context) => {
    context.skip(process.platform !== 'linux', noProc);
    useMadeFolder();
    const locks = [join(folder, 'data', 'postmaster.pid'), join(folder, 'run', '.s.PGSQL.5432.lock')];
    const first = await start();
    const texts = locks.map((lock) => readFileSync(lock, 'utf8'));
    await first.stop();
    // Its parent has become a program that knows nothing of it.
    const parent = spawn('/bin/sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(parent);
    const [zombie] = (await once(parent.stdout, 'data')) as [Buffer];
    await waitUntil(() => readFileSync(`/proc/${String(zombie).trim()}/stat`, 'utf8').includes(') Z '));
    for (const [index, lock] of locks.entries()) {
      writeFileSync(lock, texts[index]?.replace(/^\d+/, String(zombie).trim()) ?? '');
    }
    const second = await start();
    expect(await ask(second.url, 'select 1')).toEqual([1]);
  });

  it('starts on a lock file that a killed server made and did not come to fill', async () => {
    useMadeFolder();
    writeFileSync(join(folder, 'data', 'postmaster.pid'), '');
    writeFileSync(join(folder, 'run', '.s.PGSQL.5432.lock'), '');
    expect(await ask((await start()).url, 'select 1')).toEqual([1]);
  });

  it('does not start while a process of a killed server still uses the data', async (context) => {
    context.skip(process.platform !== 'linux', noProc);
    useMadeFolder();
    const child = await startInChild(children, folder, { sitter: false });
    const [part = 0] = childrenOf(child.server);
    process.kill(part, 'SIGSTOP');
    process.kill(child.process.pid ?? 0, 'SIGKILL');
    process.kill(child.server, 'SIGKILL');
    await ended(child.process);
    let started = false;
    const starting = start().finally(() => (started = true));
    const log = join(folder, 'server.log');
    await waitUntil(() => readFileSync(log, 'utf8').includes('pre-existing shared memory block'));
    expect(started).toBe(false);
    process.kill(part, 'SIGKILL');
    expect(await ask((await starting).url, 'select 1')).toEqual([1]);
  });

  it('refuses a folder whose server it can hear but not see', async () => {
    useMadeFolder();
    const unseen = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => {
      unseen.listen(join(folder, 'run', '.s.PGSQL.5432'), resolve);
    });
    await expect(start()).rejects.toThrow(
      `The data folder ${folder} is in use by a PostgreSQL server that is not among`,
    );
    await new Promise((resolve) => {
      unseen.close(resolve);
    });
  });

  it('starts the server again when it dies', async () => {
    useMadeFolder();
    const messages: string[] = [];
    const server = await start({ log: (_level, message) => messages.push(message) });
    const { pid } = server;
    process.kill(pid, 'SIGKILL');
    await waitUntil(() => server.pid !== pid && !isRunning(pid));
    expect(await ask(server.url, 'select 1')).toEqual([1]);
    expect(messages).toContain('the embedded PostgreSQL server died and is started again');
  });

  it('says which data it cannot use when they belong to another version', async () => {
    useMadeFolder();
    await (await start()).stop();
    writeFileSync(join(folder, 'data', 'PG_VERSION'), '12\n');
    await expect(start()).rejects.toThrow(`The data in ${folder} belong to PostgreSQL 12, and this is PostgreSQL 17`);
  });

  it('says what the server complained about when it does not start', async () => {
    useMadeFolder();
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      new RegExp(`PostgreSQL did not start in ${folder}: it ended with exit code 1 \\(invalid value for parameter`),
    );
  });

  it('leaves no half-made data behind when creation is killed half-way', async () => {
    mkdirSync(join(folder, 'data.new-999999999-0'), { recursive: true });
    const server = await start();
    expect(existsSync(join(folder, 'data.new-999999999-0'))).toBe(false);
    expect(await ask(server.url, 'select 1')).toEqual([1]);
  });

  it('as root, runs as a system user without any rights of root', async (context) => {
    context.skip(!isRoot, notRoot);
    useMadeFolder();
    chmodSync(join(folder, '..'), 0o755);
    const server = await start();
    expect(identity(server.pid)).toEqual({ root: false, rights: '0000000000000000' });
  });

  it.each(['a new folder', 'data of an earlier start'])(
    'as root, in a folder that is closed to everyone else, does so without any rights of root too: %s',
    async (kind) => {
      if (kind !== 'a new folder') useMadeFolder();
      chmodSync(join(folder, '..'), 0o700);
      const server = await start();
      expect(await ask(server.url, 'select 1')).toEqual([1]);
      if (isRoot) expect(identity(server.pid)).toEqual({ root: false, rights: '0000000000000000' });
    },
  );

  it('says in one line what to do where it may not write', async (context) => {
    context.skip(!isRoot || !isOpenToAll(), onlyOpenRoot);
    chmodSync(join(folder, '..'), 0o755);
    expect(await refusalAs(65_534, folder)).toBe(
      `The data folder ${folder} cannot be used: EACCES: permission denied, mkdir '${folder}'. ` +
        'Set HALYARD_DATA_DIR to a folder that this user may write to.',
    );
  });

  it('says in one line what a user without a name lacks', async (context) => {
    context.skip(!isRoot || !isOpenToAll(), onlyOpenRoot);
    chmodSync(join(folder, '..'), 0o777);
    expect(await refusalAs(54_321, folder)).toBe(
      `No database could be created in ${folder}: initdb: could not look up effective user ID 54321: user does not exist. ` +
        'Give this user a line in /etc/passwd, start Halyard as another user, or set DATABASE_URL.',
    );
  });

  it('says in one line whose the data are when they are not its own', async (context) => {
    context.skip(!isRoot || !isOpenToAll(), onlyOpenRoot);
    useMadeFolder();
    chmodSync(join(folder, '..'), 0o755);
    const { uid } = statSync(join(folder, 'data'));
    const other = uid === 65_534 ? 65_533 : 65_534;
    expect(await refusalAs(other, folder)).toMatch(
      `The data in ${folder} belong to user ${uid}, and PostgreSQL runs as user ${other}. Start Halyard as their owner`,
    );
  });

  it('works as an ordinary user', async (context) => {
    context.skip(!isRoot || !isOpenToAll(), onlyOpenRoot);
    chmodSync(join(folder, '..'), 0o777);
    const child = await startInChild(children, folder, { sitter: true, user: 65_534 });
    expect(statSync(join(folder, 'data')).uid).toBe(65_534);
    expect(await ask(child.url, 'select 1')).toEqual([1]);
    child.process.kill('SIGKILL');
    await ended(child.process);
    await waitUntil(() => !isRunning(child.server));
  });
});

const noProc = 'only Linux shows the processes of a server';
const notRoot = 'only root can start it as another user';
const onlyOpenRoot = 'only root, in a checkout that is open to all, can start it as another user';

function identity(pid: number): { root: boolean; rights: string | undefined } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { root: /^Uid:\s+0\b/m.test(status), rights: /^CapEff:\s+(\w+)/m.exec(status)?.[1] };
}

interface Child {
  readonly process: ChildProcess;
  /** Process id of its server. */
  readonly server: number;
  readonly url: string;
}

/** Starts a server from a process of its own, which can be killed. */
async function startInChild(
  children: ChildProcess[],
  folder: string,
  options: { sitter: boolean; user?: number },
): Promise<Child> {
  const script = `
    import embedded from ${JSON.stringify(await bundle())};
    const server = await embedded.startEmbeddedPostgres({ folder: ${JSON.stringify(folder)}, durable: false });
    console.log(JSON.stringify({ url: server.url, pid: server.pid }));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    ...(options.user === undefined ? {} : { uid: options.user, gid: options.user }),
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, pid } = JSON.parse(line.toString()) as { url: string; pid: number };
  if (!options.sitter) {
    for (const other of childrenOf(child.pid ?? 0)) if (other !== pid) process.kill(other, 'SIGKILL');
  }
  return { process: child, server: pid, url };
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

/** Why it does not start as `user`. */
async function refusalAs(user: number, folder: string): Promise<string> {
  const script = `
    import embedded from ${JSON.stringify(await bundle())};
    embedded.startEmbeddedPostgres({ folder: ${JSON.stringify(folder)}, durable: false }).then(
      () => process.exit(), ({ message }) => process.stdout.write(message));`;
  const options = { uid: user, gid: user, cwd: '/', encoding: 'utf8' } as const;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], options);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** The code under test as one file that needs nothing beside it, so that it runs as whoever may read it. */
async function bundle(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-bundle-'));
  chmodSync(folder, 0o755);
  bundles.push(folder);
  const source = join(packageFolder, 'src', 'embedded', 'embedded-postgres.ts');
  await build({
    entryPoints: [source],
    outfile: join(folder, 'embedded.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['pg-native'],
    // The PostgreSQL programs are found from where the source is.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) },
  });
  return join(folder, 'embedded.cjs');
}

/** Whether any user may pass through the folders above this package; in a private folder only its owner may. */
function isOpenToAll(): boolean {
  const probe = spawnSync('test', ['-r', join(packageFolder, 'package.json')], { uid: 65_534, gid: 65_534, cwd: '/' });
  return probe.status === 0;
}
