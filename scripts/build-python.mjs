import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findPython, noPython } from './lib/python-find.mjs';
import { buildEngine, engineFile, preparePython, pythonDir, run } from './lib/python.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run build:python                   the wheel and the sdist, in python/dist
 * npm run build:python -- --engine-only  only the engine that they carry
 * npm run build:python -- --develop      a virtual environment with the package installed for editing, and its path
 */
process.exitCode = await main(process.argv.slice(2)).catch((/** @type {unknown} */ error) => {
  say(error instanceof Error ? error.message : String(error));
  return 1;
});

/** @param {string[]} args */
async function main(args) {
  await setUp({ build: 'no' });
  say('Bundling the engine.');
  await buildEngine();
  if (args.includes('--engine-only')) return 0;
  const found = findPython();
  if (found === null) throw new Error(`${noPython}.`);
  const python = await preparePython(found, say);
  if (args.includes('--develop')) {
    say(`Ready: ${python} runs the package from python/src.`);
    return 0;
  }
  const dist = join(pythonDir, 'dist');
  rmSync(dist, { recursive: true, force: true });
  say('Building wheel and sdist.');
  await run(python, ['-m', 'build', '--no-isolation', '--outdir', dist, pythonDir]);
  say(`The engine is ${Math.round(statSync(engineFile).size / 1024)} KiB.`);
  for (const name of readdirSync(dist)) say(`Built python/dist/${name}`);
  return 0;
}

/** @param {string} text */
function say(text) {
  console.error(`[python] ${text}`);
}
