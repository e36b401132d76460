import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, startTcpProxy } from '@halyard/data/testing';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
/** Beside `src`, where the program looks for its package.json and Node for its packages. */
const bundle = join(packageFolder, 'dist', `main.test-${process.pid}.js`);

const children: ChildProcess[] = [];
const folders: string[] = [];

beforeAll(async () => {
  await build({
    entryPoints: [join(packageFolder, 'src', 'main.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    conditions: ['halyard-source'],
    logLevel: 'silent',
  });
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

afterAll(() => {
  rmSync(bundle, { force: true });
});

class Run {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out = '';
  err = '';

  constructor(args: readonly string[], env: Record<string, string>) {
    this.child = spawn(process.execPath, [bundle, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(this.child);
    this.child.stdout?.on('data', (chunk) => (this.out += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.err += String(chunk)));
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  /** Waits until standard output matches; gives the first group. */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.out);
      if (match !== null) return match[1] ?? match[0];
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}: ${this.err}`);
      await once(this.child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
    }
  }
}

describe('halyard as a process', () => {
  it('starts on an embedded database, greets, answers, and stops when asked to', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'halyard-main-'));
    folders.push(folder);
    const env = { HALYARD_DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'info' };
    const run = new Run([], env);
    const curl = await run.printed(/^ {2}(curl -s .*)$/m);
    const [url = '', type = '', body = ''] = (curl.match(/'[^']*'/g) ?? []).map((quoted) => quoted.slice(1, -1));
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': type.split(': ')[1] ?? '' }, body });
    expect(await response.json()).toMatchObject({ flags: { 'smart-cart': { enabled: true } } });

    const explained = new Run(['explain', '--flag', 'smart-cart', '--distinct-id', 'ada'], env);
    expect([await explained.ended, explained.err]).toEqual([0, '']);
    expect(explained.out).toContain('smart-cart is true for "ada".');
    // What writes through connections of its own ends when they have, not before.
    const exported = new Run(['export', '--token', 'phc_halyard_demo', '--out', join(folder, 'flags')], env);
    expect([await exported.ended, exported.err]).toEqual([0, '']);
    writeFileSync(join(folder, 'flags', 'new.yaml'), 'key: new\nactive: true\nfilters: {}\n');
    const planned = new Run(['apply', join(folder, 'flags'), '--token', 'phc_halyard_demo', '--plan'], env);
    expect([await planned.ended, planned.err]).toEqual([2, '']);
    expect(planned.out).toContain('1 to create, 0 to change, 0 to delete');

    const second = new Run(['serve'], env);
    expect(await second.ended).toBe(1);
    expect(second.err).toMatch(/^The data folder .* is in use by process \d+ .*\n$/);

    run.child.kill('SIGTERM');
    expect([await run.ended, run.err]).toEqual([0, '']);
    const lines = run.out.split('\n').filter((line) => line.startsWith('{'));
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages).toEqual(['events: persons and groups are stored', 'canonical_log_line', 'stopping', 'stopped']);
  });

  it('serves a database that the environment names, with JSON lines only', async () => {
    const database = await createTestDatabase({ empty: true });
    const run = new Run(['serve', '--port', '0'], { DATABASE_URL: database.url });
    const url = await run.printed(/"url":"([^"]+)"/);
    expect((await fetch(`${url}/_readiness`)).status).toBe(200);
    run.child.kill('SIGINT');
    expect([await run.ended, run.err]).toEqual([0, '']);
    for (const line of run.out.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
    await database.drop();
  });

  it('ends when the database, away at the start, turns out not to be the one of the settings', async () => {
    const database = await createTestDatabase();
    const proxy = await startTcpProxy(database.url);
    await proxy.refuse();
    const elsewhere = new URL('/nowhere', proxy.url).href;
    const run = new Run(['serve', '--port', '0'], { DATABASE_URL: elsewhere });
    await run.printed(/"url":"([^"]+)"/);
    await proxy.accept();
    expect(await run.ended).toBe(1);
    expect(run.err).toMatch(/^The database at .*\/nowhere cannot be used \(database "nowhere" does not exist\).*\n$/);
    await proxy.refuse();
    await database.drop();
  });

  it('goes on when that concerns a writer, and it serves already', async () => {
    const database = await createTestDatabase();
    const proxy = await startTcpProxy(database.url);
    await proxy.refuse();
    const elsewhere = new URL('/nowhere', proxy.url).href;
    const run = new Run(['serve', '--port', '0'], { DATABASE_URL: elsewhere, READ_DATABASE_URL: database.url });
    const url = await run.printed(/"url":"([^"]+)"/);
    await proxy.accept();
    await run.printed(/nowhere.* does not exist.*the database is not ready; trying again/);
    expect((await fetch(`${url}/_readiness`)).status).toBe(200);
    run.child.kill('SIGTERM');
    expect([await run.ended, run.err]).toEqual([0, '']);
    await proxy.refuse();
    await database.drop();
  });

  it('says in one line that the port is in use', async () => {
    const database = await createTestDatabase();
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const run = new Run(['--port', port], { DATABASE_URL: database.url });
    expect(await run.ended).toBe(1);
    expect(run.err).toBe(
      `127.0.0.1:${port} is in use. Stop what listens there, or choose another port with --port or PORT.\n`,
    );
    blocker.close();
    await database.drop();
  });

  it.each([
    [
      ['explain', '--flag', 'a', '--distinct-id', 'ada'],
      { DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/x' },
      1,
      /^The database at 127\.0\.0\.1:1\/x cannot .*ECONNREFUSED.*\n$/,
    ],
    // Longer than the part of a name may be: also known to be unknown where nobody can be asked.
    [
      ['serve'],
      { DATABASE_URL: `postgres://me:secret@${'x'.repeat(64)}.invalid/x` },
      1,
      /^The database at x{64}\.invalid\/x cannot .*ENOTFOUND.*\n$/,
    ],
    [['serve'], { PORT: 'x', LOG_LEVEL: 'y' }, 2, /^PORT must .*\nLOG_LEVEL must .*\n$/],
    [['import', 'nowhere.json'], {}, 1, /^nowhere\.json cannot be read: .*\n$/],
    // Through npm, which runs a clone's script in its root.
    [
      ['import', 'nowhere.json'],
      { npm_lifecycle_event: 'halyard', INIT_CWD: '/elsewhere' },
      1,
      /^\/elsewhere\/nowhere\.json cannot be read: .*\n$/,
    ],
    [['--no-such-option'], {}, 2, /unknown option/],
    [['frob'], {}, 2, /^error: unknown command 'frob'\n+.*--help/],
  ] as const)('%j with %j ends with code %i', async (args, env, code, message) => {
    const run = new Run(args, env);
    expect(await run.ended).toBe(code);
    expect(run.err).toMatch(message);
    expect(run.err + run.out).not.toContain('secret');
  });

  it('ends without a word when whoever reads what it prints has read enough', async () => {
    const run = new Run(['--help'], {});
    run.child.stdout?.destroy();
    expect([await run.ended, run.err]).toEqual([0, '']);
  });

  it('prints its help and version', async () => {
    const help = new Run(['--help'], {});
    expect([await help.ended, help.err]).toEqual([0, '']);
    expect(help.out).toContain('halyard explain --flag dark-mode --distinct-id ada');
    const version = new Run(['--version'], {});
    expect(await version.ended).toBe(0);
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
