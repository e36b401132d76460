import { runPythonTests } from './lib/python-tests.mjs';
import { runTests, summary } from './lib/tests.mjs';
import { emptyTally } from './lib/tally-reporter.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm test [-- PATH …]                 set up and run the tests, all or those of some files; the last line counts them.
 *                                      Paths below python/ are tests of the Python package
 * npm run test:one -- NAME [PATH …]    run the tests whose full name contains NAME
 */
const compiled = await setUp({ build: 'try' });
const [mode, ...rest] = process.argv.slice(2);
process.exitCode = await (mode === '--one' ? one(rest) : all(process.argv.slice(2)));

/** @param {string[]} args */
async function all(args) {
  const tally = await both(args);
  if (!compiled) {
    console.log('Halyard does not compile (see the top); that counts as one failure.');
    tally.failed++;
  }
  for (const { test, reason } of tally.skipped) console.log(`skipped: ${test} (${reason})`);
  return conclude(tally, 'No test ran.');
}

/**
 * Without names both languages run; a path below python/ is pytest's, any other argument vitest's.
 *
 * @param {string[]} args
 */
async function both(args) {
  const ofPython = args.filter((arg) => /^python(\/|$)/.test(arg));
  const others = args.filter((arg) => !ofPython.includes(arg));
  const tally = ofPython.length > 0 && others.length === 0 ? emptyTally() : await runTests({ args: others });
  if (args.length > 0 && ofPython.length === 0) return tally;
  const python = await runPythonTests(ofPython.map((path) => path.replace(/^python\/?/, '') || '.'));
  return {
    passed: tally.passed + python.passed,
    failed: tally.failed + python.failed,
    skipped: [...tally.skipped, ...python.skipped],
    repeated: [...tally.repeated, ...python.repeated],
  };
}

/** @param {string[]} args */
async function one([name, ...args]) {
  if (name === undefined) {
    console.error('Which test? npm run test:one -- "part of its name" [file or folder]');
    return 2;
  }
  const pattern = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const tally = await runTests({ args: ['--testNamePattern', pattern, ...args] });
  // The other tests count as skipped for vitest; nobody asked for them.
  return conclude({ ...tally, skipped: [] }, `No test has "${name}" in its name.`);
}

/**
 * @param {import('./lib/tally-reporter.mjs').Tally} tally
 * @param {string} nothingRan
 */
function conclude(tally, nothingRan) {
  for (const { test, reason } of tally.repeated) {
    console.log(`passed only when it was run again, which is a fault to mend: ${test} (first: ${reason})`);
  }
  const ran = tally.passed + tally.failed > 0;
  if (!ran) console.log(nothingRan);
  console.log(summary(tally));
  return ran && tally.failed === 0 ? 0 : 1;
}
