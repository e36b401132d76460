import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, runNode, start } from './process.mjs';

/**
 * Runs npm. Under `npm run`, npm tells where it lives; started by hand, the one on the PATH has to do. A user without a
 * home has no cache there either; npm then gets one for this run alone.
 *
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<number>} its exit code
 */
export async function npm(args, cwd) {
  const quiet = [...args, '--no-fund', '--no-audit', '--loglevel=error'];
  if (mayCache()) return run(quiet, cwd);
  const cache = mkdtempSync(join(tmpdir(), 'halyard-npm-'));
  try {
    return await run([...quiet, `--cache=${cache}`], cwd);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

function mayCache() {
  try {
    const cache = process.env['npm_config_cache'] ?? join(homedir(), '.npm');
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(args, cwd) {
  const own = process.env['npm_execpath'];
  if (own?.endsWith('npm-cli.js')) return runNode([own, ...args], { cwd });
  return ended(start(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { cwd }));
}
