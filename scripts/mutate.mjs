import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fetchPackages } from './lib/fetched.mjs';
import { scoresByFolder } from './lib/mutation-scores.mjs';
import { cache, root } from './lib/paths.mjs';
import { runNode } from './lib/process.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run mutate -- PATH …    change the code of these folders or files bit by bit, and count the changes that no test notices
 *
 * Takes minutes to hours: see docs/mutation-testing.md. The tool stays in node_modules/.cache, so that `npm ci` does not grow.
 */
const version = '9.6.1'; // the last that runs on Node 20
const folder = join(cache, 'mutation');
const tool = join(folder, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

const paths = process.argv.slice(2);
const unknown = paths.find((path) => !existsSync(join(root, path)));
if (paths.length === 0 || unknown !== undefined) {
  if (unknown !== undefined) console.error(`There is no ${unknown}.`);
  console.error('Which part? npm run mutate -- packages/engine/src/evaluate [file or folder …]');
  process.exit(2);
}
await setUp({ build: 'no' });
await fetchPackages(folder, [`@stryker-mutator/core@${version}`]);
// Of its own for each part, so that several can run at a time.
const name = paths
  .join(',')
  .replaceAll(/[^\w,.-]+/g, '-')
  .slice(0, 100);
const report = join(folder, `${name}.report`);
const settings = join(folder, `${name}.settings.json`);
writeFileSync(settings, JSON.stringify(settingsFor(paths), null, 2));
const code = await runNode([tool, 'run', settings], { cwd: root });
if (code === 0) {
  const found = /** @type {import('./lib/mutation-scores.mjs').Report} */ (
    JSON.parse(readFileSync(`${report}.json`, 'utf8'))
  );
  console.log(scoresByFolder(found));
}
process.exitCode = code;

/** @param {readonly string[]} places */
function settingsFor(places) {
  return {
    plugins: ['./scripts/mutation/in-process-runner.mjs'],
    testRunner: 'in-process',
    halyard: { judges: judges() },
    warnings: { unknownOptions: false },
    mutate: [...places.flatMap(sourcesIn), '!**/*.{test,cases}.ts'],
    // The copy needs no more than the judges read.
    ignorePatterns: ['dist', 'bench', 'examples', 'python', 'packages/service'],
    tsconfigFile: 'none.json', // its rewriting of ours needs an older compiler's API
    tempDirName: '.mutants',
    coverageAnalysis: 'perTest',
    concurrency: Number(process.env['HALYARD_MUTATION_PROCESSES'] ?? 1),
    timeoutMS: 20_000,
    reporters: ['progress-append-only', 'clear-text', 'json', 'html'],
    clearTextReporter: {
      allowColor: false,
      allowEmojis: false,
      logTests: false,
      reportTests: false,
      reportScoreTable: false,
    },
    jsonReporter: { fileName: `${report}.json` },
    htmlReporter: { fileName: `${report}.html` },
    thresholds: { high: 100, low: 0, break: null },
  };
}

/** The tests that judge: quick ones, that need no server. What only looks at memory or time, or repeats many draws, is no help. */
function judges() {
  const folders = [
    'packages/engine/src',
    'packages/data/src/conversation',
    'packages/data/src/memory',
    'packages/data/src/statements',
  ];
  const files = folders.flatMap((tested) =>
    readdirSync(join(root, tested), { recursive: true, encoding: 'utf8' }).map((file) => `${tested}/${file}`),
  );
  const slow = /\/(hostile|hostile-texts|independence|isolation|search-budget|zone)\.test\.ts$/;
  return [
    ...files.filter((file) => file.endsWith('.test.ts') && !slow.test(file)).sort(),
    'scripts/mutation/vectors.mutation.ts',
  ];
}

/** @param {string} path */
function folderOf(path) {
  return path.endsWith('.ts') ? dirname(path) : path.replace(/\/$/, '');
}

/** @param {string} path */
function sourcesIn(path) {
  return path.endsWith('.ts') ? [path] : [`${folderOf(path)}/**/*.ts`];
}
