import { join } from 'node:path';
import { root, tools } from './lib/paths.mjs';
import { ended, start } from './lib/process.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run drill [-- PATTERN]    break everything that docs/failure-modes.md names of the service, with real processes, and say of
 *                               each promise whether it was kept. About ten minutes; PATTERN chooses promises by their test's
 *                               name. Those of Python are tests of python/
 *
 * The tests are those of `npm test`, one at a time and with more and longer of everything: a variable that is set says how much.
 */
const amounts = {
  HALYARD_TEST_CRASHES: '40',
  HALYARD_TEST_KILLS: '60',
  HALYARD_TEST_KILL_PAUSE_MS: '1000',
  HALYARD_TEST_FLOOD: '6000',
  HALYARD_TEST_KEPT: '2000',
  HALYARD_TEST_FLOOD_MS: '5000',
  HALYARD_SOAK_PROJECTS: '200',
  HALYARD_SOAK_FLAGS: '1000',
};
const promises = [
  // Each file whose name ends so.
  'failures.test.ts',
  'packages/service/src/http/overload.test.ts',
  'packages/service/src/redis.test.ts',
  'packages/data/src/redis/usage-counters.test.ts',
];

const [pattern] = process.argv.slice(2);
if (pattern === '--help') {
  console.log('npm run drill [-- PATTERN]\n');
  console.log(
    'Breaks everything that docs/failure-modes.md names of the service and says whether each promise was kept.',
  );
  console.log('PATTERN chooses promises by the name of their test. Takes about ten minutes; change that with');
  for (const [name, value] of Object.entries(amounts)) console.log(`  ${name.padEnd(28)} ${value}`);
  process.exit(0);
}
await setUp();
const only =
  pattern === undefined ? [] : ['--testNamePattern', pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)];
const reporter = `--reporter=${join(root, 'scripts', 'lib', 'promise-reporter.mjs')}`;
process.exitCode = await ended(
  start(
    process.execPath,
    [tools.vitest, 'run', '--allowOnly=false', '--no-file-parallelism', reporter, ...only, ...promises],
    {
      cwd: root,
      env: { ...amounts, ...process.env },
    },
  ),
);
