import { ended, runNode, start } from './process.mjs';

/**
 * Runs npm. Under `npm run`, npm tells where it lives; started by hand, the one on the PATH has to do.
 *
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<number>} its exit code
 */
export function npm(args, cwd) {
  const quiet = [...args, '--no-fund', '--no-audit', '--loglevel=error'];
  const own = process.env['npm_execpath'];
  if (own?.endsWith('npm-cli.js')) return runNode([own, ...quiet], { cwd });
  return ended(start(process.platform === 'win32' ? 'npm.cmd' : 'npm', quiet, { cwd }));
}
