import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './paths.mjs';
import { ended, start } from './process.mjs';
import { buildEngine, findPython, noPython, preparePython, pythonDir } from './python.mjs';
import { emptyTally } from './tally-reporter.mjs';
import { readTally } from './tests.mjs';

/**
 * Runs the tests of the Python package and counts them. Without a Python they are skipped, by name; with CI set that is
 * a failure.
 *
 * @param {readonly string[]} args arguments for pytest
 * @returns {Promise<import('./tally-reporter.mjs').Tally>}
 */
export async function runPythonTests(args = []) {
  const found = findPython();
  if (found === null) {
    const server = !['', '0', 'false'].includes(process.env['CI'] ?? '');
    console.log(`${noPython}: ${server ? 'with CI set, that is a failure.' : 'THE TESTS OF python/ DO NOT RUN.'}`);
    const skipped = [{ test: 'every test of python/', reason: noPython }];
    return server ? { ...emptyTally(), failed: 1 } : { ...emptyTally(), skipped };
  }
  const file = join(cache, `tally-python-${process.pid}.json`);
  try {
    await buildEngine();
    const python = await preparePython(found, (text) => console.log(`[python] ${text}`));
    const code = await ended(
      start(python, ['-m', 'pytest', '-q', ...args], { cwd: pythonDir, env: { HALYARD_TALLY: file } }),
    );
    const tally = existsSync(file) ? readTally(file) : emptyTally();
    return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
  } catch (error) {
    console.log(`The tests of python/ could not be run, which counts as one failure: ${String(error)}`);
    return { ...emptyTally(), failed: 1 };
  } finally {
    rmSync(file, { force: true });
  }
}
