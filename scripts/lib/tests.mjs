import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, root, tools } from './paths.mjs';
import { ended, start } from './process.mjs';
import { emptyTally } from './tally-reporter.mjs';

/** How often a failed test is run again before it counts as failed: HALYARD_RETRIES, 0 unless set. */
export const retries = Number.parseInt(process.env['HALYARD_RETRIES'] ?? '0', 10) || 0;

/**
 * Runs the tests and counts them.
 *
 * @param {{ args?: readonly string[], node?: string }} [options] arguments for vitest; the Node that runs it
 * @returns {Promise<import('./tally-reporter.mjs').Tally>} `failed` is at least 1 if the run itself failed
 */
export async function runTests({ args = [], node = process.execPath } = {}) {
  mkdirSync(cache, { recursive: true });
  const file = join(cache, `tally-${process.pid}.json`);
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'lib', 'tally-reporter.mjs')}`];
  const code = await ended(
    start(
      node,
      [tools.vitest, 'run', '--allowOnly=false', '--passWithNoTests', `--retry=${retries}`, ...reporters, ...args],
      {
        cwd: root,
        env: { HALYARD_TALLY: file },
      },
    ),
  );
  const tally = existsSync(file) ? readTally(file) : emptyTally();
  rmSync(file, { force: true });
  if (code !== 0 && tally.failed === 0) {
    console.log(`The test run ended with exit code ${code} although no test failed; that counts as one failure.`);
    tally.failed = 1;
  }
  return tally;
}

/** @param {string} file */
export function readTally(file) {
  return /** @type {import('./tally-reporter.mjs').Tally} */ (JSON.parse(readFileSync(file, 'utf8')));
}

/** @param {import('./tally-reporter.mjs').Tally} tally */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
}
