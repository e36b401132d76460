import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cache } from './paths.mjs';
import { ended, start } from './process.mjs';
import { notRun, planRuns } from './python-versions.mjs';
import { findFurtherPythons, findPython, noPython } from './python-find.mjs';
import { buildEngine, prepareDjango, preparePython, pythonDir } from './python.mjs';
import { emptyTally } from './tally-reporter.mjs';
import { readTally, retries, summary } from './tests.mjs';

/**
 * Runs the tests of the Python package and counts them, with every supported Python and Django that can be had here (see
 * python-versions.mjs). Without any Python they are skipped, by name; with CI set that is a failure.
 *
 * @param {readonly string[]} paths files or folders in python/; those named run once, with the first Python
 * @returns {Promise<import('./tally-reporter.mjs').Tally>}
 */
export async function runPythonTests(paths = []) {
  const first = findPython();
  if (first === null) {
    const server = !['', '0', 'false'].includes(process.env['CI'] ?? '');
    console.log(`${noPython}: ${server ? 'with CI set, that is a failure.' : 'THE TESTS OF python/ DO NOT RUN.'}`);
    const skipped = [{ test: 'every test of python/', reason: noPython }];
    return server ? { ...emptyTally(), failed: 1 } : { ...emptyTally(), skipped };
  }
  const everything = paths.every((path) => path === '.');
  const found = everything ? [first, ...findFurtherPythons(first)] : [first];
  const plan = planRuns(
    first.version,
    found.slice(1).map(({ version }) => version),
  );
  const runs = everything ? plan : plan.slice(0, 1);
  const total = emptyTally();
  try {
    await buildEngine();
    const server = await startServer();
    try {
      for (const run of runs) {
        const python = found.find(({ version }) => version === run.python) ?? first;
        add(total, await runOnce(python, run, paths, server.where));
      }
    } finally {
      await server.stop();
    }
  } catch (error) {
    add(total, broken('The tests of python/', error));
  }
  if (everything) for (const left of notRun(runs)) console.log(`NOT RUN: the tests of python/ with ${left}.`);
  return total;
}

/**
 * @param {import('./python-find.mjs').Python} found
 * @param {import('./python-versions.mjs').TestRun} run
 * @param {readonly string[]} paths
 * @param {string} server
 * @returns {Promise<import('./tally-reporter.mjs').Tally>}
 */
async function runOnce(found, { python: version, django, marks }, paths, server) {
  const name = `Python ${version} with Django ${django}`;
  console.log(`\n== ${name}${marks === 'django' ? ': the tests that use Django' : ''}`);
  const file = join(cache, `tally-python-${process.pid}.json`);
  try {
    const python = await preparePython(found, (text) => console.log(`[python] ${text}`));
    /** @type {NodeJS.ProcessEnv} */
    const env = { HALYARD_TALLY: file, HALYARD_TEST_SERVER: server, HALYARD_TEST_DJANGO: django };
    if (marks === 'django') env['PYTHONPATH'] = await prepareDjango(python, django);
    // Most of them wait for servers: as many at a time as there are cores. A few named ones are read better one after the other.
    const atATime = paths.every((path) => path === '.')
      ? ['--numprocesses', String(Math.min(availableParallelism(), 4))]
      : [];
    const options = [...atATime, ...(marks === '' ? [] : ['-m', marks])];
    /** @param {readonly string[]} chosen */
    const run = async (chosen) => {
      rmSync(file, { force: true });
      const code = await ended(start(python, ['-m', 'pytest', '-q', ...chosen], { cwd: pythonDir, env }));
      /** @type {PythonTally} */
      const tally = { ...emptyTally(), failures: [], ...(existsSync(file) && readTally(file)) };
      if (code !== 0 && tally.failed === 0) tally.failed = 1;
      return tally;
    };
    const tally = await run([...options, ...paths]);
    for (let again = 0; again < retries && mayRunAgain(tally); again++) repeat(tally, await run(tally.failures));
    console.log(`${name}: ${summary(tally)}`);
    const named = (/** @type {{ test: string, reason: string }} */ { test, reason }) => ({
      test: `${name}: ${test}`,
      reason,
    });
    return { ...tally, skipped: tally.skipped.map(named), repeated: tally.repeated.map(named) };
  } catch (error) {
    return broken(name, error);
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * The count of one run of pytest: with `failures`, what pytest calls the tests that failed.
 *
 * @typedef {import('./tally-reporter.mjs').Tally & { failures: string[] }} PythonTally
 */

/**
 * Whether what failed is all named and few: many failures have one cause, which running them again would only hide.
 *
 * @param {PythonTally} tally
 */
function mayRunAgain({ failed, failures }) {
  return failed > 0 && failures.length === failed && failed <= 5;
}

/**
 * @param {PythonTally} tally
 * @param {PythonTally} second the run of what failed in it
 */
function repeat(tally, second) {
  for (const test of tally.failures) {
    if (!second.failures.includes(test)) tally.repeated.push({ test, reason: 'see above' });
  }
  tally.passed += second.passed;
  tally.failed = second.failed;
  tally.failures = second.failures;
}

/**
 * @param {string} what
 * @param {unknown} error
 */
function broken(what, error) {
  console.log(`${what} could not be run, which counts as one failure: ${String(error)}`);
  return { ...emptyTally(), failed: 1 };
}

/**
 * @param {import('./tally-reporter.mjs').Tally} total
 * @param {import('./tally-reporter.mjs').Tally} tally
 */
function add(total, { passed, failed, skipped, repeated }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped.push(...skipped);
  total.repeated.push(...repeated);
}

/** One PostgreSQL for all runs, which take seconds to start and stop one. It ends with its input, so also when we are killed. */
async function startServer() {
  const child = spawn(process.execPath, [join(pythonDir, 'tests', 'postgres.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let where = '';
  for await (where of createInterface({ input: child.stdout })) break;
  if (where === '') throw new Error('the test server did not start');
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  return { where, stop };
}
