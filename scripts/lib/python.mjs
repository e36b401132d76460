import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cache, root } from './paths.mjs';
import { ended, start } from './process.mjs';

/** The Python package's folder. */
export const pythonDir = join(root, 'python');

/** Where the compiled engine goes inside the package. */
export const engineFile = join(pythonDir, 'src', 'halyard', 'engine.js');

const oldest = [3, 10];

/**
 * Finds a Python that the package runs on: HALYARD_PYTHON, or what the PATH has.
 *
 * @returns {string | null} the command
 */
export function findPython() {
  const named = process.env['HALYARD_PYTHON'];
  const candidates = named === undefined ? ['python3', 'python'] : [named];
  return candidates.find((command) => fits(command)) ?? null;
}

/** @param {string} command */
function fits(command) {
  const { status, stdout } = spawnSync(command, ['-c', 'import sys, venv, ensurepip; print(*sys.version_info[:2])'], {
    encoding: 'utf8',
  });
  if (status !== 0) return false;
  const [major = 0, minor = 0] = stdout.trim().split(' ').map(Number);
  return major === oldest[0] && minor >= (oldest[1] ?? 0);
}

export const noPython = `Python ${oldest.join('.')} or later with venv and pip is needed (set HALYARD_PYTHON to name one)`;

/**
 * A virtual environment with what building and testing the package takes, made again when that changes.
 *
 * @param {string} python a command that `findPython` gave
 * @param {(text: string) => void} say
 * @returns {Promise<string>} the environment's own Python
 * @throws {Error} when a step fails
 */
export async function preparePython(python, say) {
  const version = spawnSync(python, ['-VV'], { encoding: 'utf8' }).stdout;
  const wanted = createHash('sha256')
    .update(version)
    .update(readFileSync(join(pythonDir, 'pyproject.toml')))
    .digest('hex');
  const folder = join(cache, `python-${createHash('sha256').update(version).digest('hex').slice(0, 8)}`);
  const own = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const stamp = join(folder, 'halyard-stamp');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return own;
  say(`Preparing ${version.split('\n')[0]?.trim()} (venv and pip). The first time takes up to a minute.`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  await run(python, ['-m', 'venv', folder]);
  const quiet = ['--quiet', '--disable-pip-version-check'];
  await run(own, ['-m', 'pip', 'install', ...quiet, 'hatchling==1.33.0', 'editables']);
  await run(own, ['-m', 'pip', 'install', ...quiet, '--no-build-isolation', '--editable', `${pythonDir}[test]`]);
  writeFileSync(stamp, wanted);
  return own;
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
    logLevel: 'warning',
  });
}
