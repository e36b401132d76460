import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cache, root } from './paths.mjs';
import { ended, start } from './process.mjs';
import { newestDjango } from './python-versions.mjs';

/** The Python package's folder. */
export const pythonDir = join(root, 'python');

/** Servers that tests run, one requirement a line. */
const serversFile = join(pythonDir, 'tests', 'servers.txt');

/** Where the compiled engine goes inside the package. */
export const engineFile = join(pythonDir, 'src', 'halyard', 'engine.js');

/**
 * A virtual environment with what building and testing the package takes, made again when that changes.
 *
 * @param {import('./python-find.mjs').Python} python
 * @param {(text: string) => void} say
 * @returns {Promise<string>} the environment's own Python
 * @throws {Error} when a step fails
 */
export async function preparePython({ command, version: short }, say) {
  const django = `Django==${newestDjango(short)}`;
  const version = spawnSync(command, ['-VV'], { encoding: 'utf8' }).stdout;
  const wanted = createHash('sha256')
    .update(version)
    .update(django)
    .update(readFileSync(join(pythonDir, 'pyproject.toml')))
    .update(readFileSync(serversFile))
    .digest('hex');
  const folder = join(cache, `python-${createHash('sha256').update(version).digest('hex').slice(0, 8)}`);
  const own = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const stamp = join(folder, 'halyard-stamp');
  if (existsSync(own) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return own;
  say(`Preparing ${version.split('\n')[0]?.trim()} (venv and pip). The first time takes up to a minute.`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  await run(command, ['-m', 'venv', folder]);
  await pipInstall(own, 'hatchling==1.33.0', 'editables');
  await pipInstall(own, '--no-build-isolation', '--editable', `${pythonDir}[test]`, django);
  await installServers(own, say);
  writeFileSync(stamp, wanted);
  return own;
}

/**
 * @param {string} python
 * @param {(text: string) => void} say
 */
async function installServers(python, say) {
  const lines = readFileSync(serversFile, 'utf8').split('\n');
  for (const requirement of lines.filter((line) => /^\w/.test(line))) {
    await pipInstall(python, requirement).catch(() =>
      say(`${requirement} cannot be had here; its tests will not run.`),
    );
  }
}

/**
 * Another Django than an environment's own, to be put before it with PYTHONPATH.
 *
 * @param {string} python what `preparePython` gave
 * @param {string} version
 * @returns {Promise<string>} the folder
 */
export async function prepareDjango(python, version) {
  const folder = join(dirname(dirname(python)), `django-${version}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  // Without its dependencies: the environment has them, and every supported Django accepts the same ones.
  await pipInstall(python, '--no-deps', '--target', unfinished, `Django==${version}`);
  renameSync(unfinished, folder);
  return folder;
}

/**
 * @param {string} python
 * @param {readonly string[]} args
 */
function pipInstall(python, ...args) {
  return run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...args]);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('./process.mjs').RunOptions} [options]
 */
export async function run(command, args, options) {
  const code = await ended(start(command, args, options));
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} … failed with exit code ${code}`);
}

/** Bundles the engine into one script without any Node API. */
export async function buildEngine() {
  // Imported here, because these scripts begin before anything is installed.
  const library = pathToFileURL(join(root, 'node_modules', 'esbuild', 'lib', 'main.js')).href;
  const { build } = /** @type {typeof import('esbuild')} */ (await import(library));
  await build({
    entryPoints: [join(root, 'packages', 'embed', 'src', 'index.ts')],
    outfile: engineFile,
    bundle: true,
    format: 'iife',
    platform: 'neutral',
    conditions: ['halyard-source'],
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'inline',
    define: { 'globalThis.HALYARD_MIGRATIONS': JSON.stringify(migrations()) },
    logLevel: 'warning',
  });
}

/** The files of the migrations, which a bundle cannot read. */
function migrations() {
  const folder = join(root, 'packages', 'data', 'migrations');
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => ({ name: name.slice(0, -4), sql: readFileSync(join(folder, name), 'utf8') }));
}
