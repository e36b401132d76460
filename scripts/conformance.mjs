import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { runNode } from './lib/process.mjs';
import { findPython, noPython } from './lib/python-find.mjs';
import { buildEngine, preparePython } from './lib/python.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run conformance [-- DIR … --door http|python]    folders are relative to where npm was called
 */
await setUp();
const args = process.argv.slice(2);
const door = args.includes('--door') ? args[args.indexOf('--door') + 1] : args.find((arg) => arg.startsWith('--door='));
/** @type {NodeJS.ProcessEnv} */
const env = {};
if (door?.endsWith('python') === true) env['HALYARD_DOOR_PYTHON'] = await python();
process.exitCode = await runNode([join(root, 'conformance', 'dist', 'main.js'), ...args], {
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  env,
});

/** A Python with the package as it is in this checkout. */
async function python() {
  const found = findPython();
  if (found === null) {
    console.error(`${noPython}.`);
    process.exit(2);
  }
  await buildEngine();
  return preparePython(found, (text) => console.error(`[python] ${text}`));
}
