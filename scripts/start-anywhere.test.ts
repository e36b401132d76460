import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root } from './lib/paths.mjs';

/** The user `nobody`: without any rights, and without a home. */
const stranger = 65_534;
const isRoot = process.getuid?.() === 0;

/** One compiled copy of the checkout, which each test puts where it needs it. */
let copy: string;
let folder: string;
const running: ChildProcess[] = [];

beforeAll(() => {
  copy = join(openFolder(), 'halyard');
  mkdirSync(copy);
  const pipe = 'tar -C "$1" --exclude=.git --exclude=.halyard --exclude=.cache -cf - . | tar -C "$2" -xf -';
  execFileSync('sh', ['-c', pipe, 'sh', root, copy]);
  execFileSync(process.execPath, [join(copy, 'scripts', 'build.mjs')], { stdio: 'pipe' });
}, 300_000);

afterEach(async () => {
  for (const child of running.splice(0)) await stop(child);
  rmSync(folder, { recursive: true, force: true });
});

afterAll(() => rmSync(join(copy, '..'), { recursive: true, force: true }));

describe('npm start', () => {
  it('starts in a private folder whose name has blanks and letters of other alphabets', async () => {
    folder = openFolder();
    const there = join(folder, 'Käse & 日本 $1');
    mkdirSync(there, { mode: 0o700 });
    chmodSync(folder, 0o700);
    await inPlace(there, async (checkout) => {
      expect(await readiness(npmStart(checkout, {}))).toBe(200);
    });
  }, 120_000);

  it.each([undefined, 'nowhere'])(
    'starts on a read-only checkout for a user without a home (HOME is %s), and writes nothing into it',
    async (home) => {
      folder = openFolder();
      const data = join(folder, 'data');
      mkdirSync(data);
      if (isRoot) chownSync(data, stranger, stranger);
      const env = { HALYARD_DATA_DIR: data, HOME: home === undefined ? home : join(folder, home) };
      await inPlace(folder, async (checkout) => {
        await readOnly(checkout, async () => {
          const before = fileTimes(checkout);
          expect(await readiness(npmStart(checkout, env))).toBe(200);
          expect(fileTimes(checkout)).toEqual(before);
        });
      });
    },
    120_000,
  );

  it('says in one line what to do on a read-only checkout that is not compiled', async () => {
    folder = openFolder();
    await inPlace(folder, async (checkout) => {
      const dist = join(checkout, 'packages', 'data', 'dist');
      renameSync(dist, join(folder, 'dist'));
      await readOnly(checkout, async () => {
        expect(await npmStart(checkout, {}).refusal).toBe(
          `[set-up] ${checkout} is read-only, and packages are missing or not compiled: ` +
            'run "npm ci && npm run build" as its owner.\n',
        );
      });
      renameSync(join(folder, 'dist'), dist);
    });
  }, 120_000);
});

describe('the packages, packed', () => {
  it('are installed elsewhere, start with npx halyard and as a container does, and hold no tests', async () => {
    folder = openFolder();
    const packed = join(folder, 'packed');
    const there = join(folder, 'there');
    await inPlace(folder, (checkout) => {
      execFileSync(process.execPath, [join(checkout, 'scripts', 'pack.mjs'), packed], { stdio: 'pipe' });
      return Promise.resolve();
    });
    mkdirSync(there);
    writeFileSync(join(there, 'package.json'), '{ "private": true }');
    const archives = readdirSync(packed).map((name) => join(packed, name));
    // What they need is in npm's cache, since the checkout needs it too.
    const image = containerfile();
    execFileSync('npm', [...image.install, '--prefer-offline', ...archives], { cwd: there, stdio: 'pipe' });
    const own = ['@halyard', 'halyard'].flatMap((name) =>
      readdirSync(join(there, 'node_modules', name), { recursive: true, encoding: 'utf8' }),
    );
    expect(own).toContain(join('service', 'dist', 'main.js'));
    expect(own.filter((file) => /\.(test|cases)[.-]/.test(file))).toEqual([]);
    // Every module read costs a process that starts (docs/decisions/light-library.md); it was 130 of them.
    expect(modulesReadBy(there, 'halyard')).toSatisfy((read: string[]) => read.length > 3 && read.length < 20);
    const env = { HALYARD_DATA_DIR: join(folder, 'data') };
    expect(await readiness(run(there, ['npx', 'halyard', '--port', '0', '--workers', '2'], env))).toBe(200);

    // As a container: by a user who may write nothing but the data, with the image's words for starting, asking and stopping.
    const data = join(folder, 'volume');
    mkdirSync(data);
    if (isRoot) chownSync(data, stranger, stranger);
    asStranger = isRoot;
    try {
      const contained = run(there, image.start, { ...image.env, HALYARD_DATA_DIR: data, HOST: '127.0.0.1', PORT: '0' });
      const url = await listening(contained);
      const check = image.health.map((word) => word.replace('http://127.0.0.1:8000', url));
      expect(check).not.toEqual(image.health);
      expect(await endOf(run(there, check, {}))).toEqual([0, '']);
      contained.child.kill(image.stopSignal);
      expect(await endOf(contained)).toEqual([0, '']);
      expect(await endOf(run(there, check, {}))).toEqual([1, '']);
    } finally {
      asStranger = false;
    }
  }, 300_000);
});

describe('npm test', () => {
  it('says in one line that it needs a checkout that it may write to', async () => {
    folder = openFolder();
    await inPlace(folder, (checkout) =>
      readOnly(checkout, async () => {
        expect(await run(checkout, ['npm', 'test'], {}).refusal).toBe(
          `[set-up] This command writes into the checkout, and ${checkout} is read-only. Use a copy.\n`,
        );
      }),
    );
  }, 120_000);
});

/** A new folder that everybody may enter. */
function openFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'halyard-anywhere-'));
  chmodSync(made, 0o755);
  return made;
}

/** Moves the copy into `parent` as long as `use` takes. */
async function inPlace(parent: string, use: (checkout: string) => Promise<void>): Promise<void> {
  const checkout = join(parent, 'halyard');
  renameSync(copy, checkout);
  try {
    await use(checkout);
  } finally {
    rmSync(join(checkout, '.halyard'), { recursive: true, force: true });
    renameSync(checkout, copy);
  }
}

/** Takes from whoever `npmStart` runs as the right to write: root makes it somebody else's, others their own but closed. */
async function readOnly(checkout: string, use: () => Promise<void>): Promise<void> {
  if (isRoot) asStranger = true;
  else execFileSync('chmod', ['-R', 'a-w', checkout]);
  try {
    await use();
  } finally {
    asStranger = false;
    if (!isRoot) execFileSync('chmod', ['-R', 'u+w', checkout]);
  }
}

let asStranger = false;

interface Run {
  readonly child: ChildProcess;
  /** What it says on standard error, when it ends by itself. */
  readonly refusal: Promise<string>;
}

function npmStart(checkout: string, env: NodeJS.ProcessEnv): Run {
  return run(checkout, ['npm', 'start', '--', '--port', '0'], env);
}

/** As if somebody had typed it, outside of any run of npm. */
function run(checkout: string, [command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Run {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|HALYARD_|INIT_CWD)/i.test(name));
  const child = spawn(command, args, {
    cwd: checkout,
    env: { ...Object.fromEntries(own), npm_config_update_notifier: 'false', ...env },
    ...(asStranger ? { uid: stranger, gid: stranger } : {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  return { child, refusal: once(child, 'close').then(() => said) };
}

/** Exit code and complaints of what ends by itself, or has been told to. */
async function endOf({ child, refusal }: Run): Promise<[number | null, string]> {
  const said = await refusal;
  return [child.exitCode, said];
}

/** What deploy/container/Containerfile says of its last stage. */
function containerfile(): {
  install: string[];
  start: string[];
  health: string[];
  env: NodeJS.ProcessEnv;
  stopSignal: NodeJS.Signals;
} {
  const text = readFileSync(join(root, 'deploy', 'container', 'Containerfile'), 'utf8').replaceAll('\\\n', ' ');
  const last = text.slice(text.lastIndexOf('\nFROM '));
  const after = (words: RegExp): string => words.exec(last)?.[1] ?? '';
  const list = (words: RegExp): string[] => JSON.parse(after(words)) as string[];
  return {
    install: after(/^RUN npm (install .*?) \/packages\/\*\.tgz/m).split(' '),
    start: [...list(/^ENTRYPOINT (.*)$/m), ...list(/^CMD (.*)$/m)],
    health: list(/^HEALTHCHECK .*?CMD (.*)$/m),
    env: Object.fromEntries(
      after(/^ENV (.*)$/m)
        .split(' ')
        .map((one) => one.split('=')),
    ) as NodeJS.ProcessEnv,
    stopSignal: after(/^STOPSIGNAL (.*)$/m) as NodeJS.Signals,
  };
}

/** The status of the service's readiness, once it has said where it listens. */
async function readiness(started: Run): Promise<number> {
  return (await fetch(`${await listening(started)}/_readiness`)).status;
}

async function listening({ child, refusal }: Run): Promise<string> {
  let out = '';
  const said = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk) => {
      out += String(chunk);
      const url = /answers at (\S+)/.exec(out)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  return Promise.race([said, refusal.then((words) => Promise.reject(new Error(`it ended: ${words}`)))]);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** When each file below a folder was last written. */
function fileTimes(top: string): Record<string, number> {
  const entries = readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => join(top, name));
  return Object.fromEntries(entries.map((path) => [path, lstatSync(path).ctimeMs]));
}

/** The files below node_modules that importing a package reads. */
function modulesReadBy(there: string, name: string): string[] {
  const hooks = `import { writeSync } from 'node:fs';
    export async function load(url, context, next) { writeSync(1, url + '\\n'); return next(url, context); }`;
  const script = `import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
    await import(${JSON.stringify(name)});`;
  const read = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: there,
    encoding: 'utf8',
  });
  return read.split('\n').filter((url) => url.includes('/node_modules/'));
}
