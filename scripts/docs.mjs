import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, root } from './lib/paths.mjs';
import { runNode } from './lib/process.mjs';
import { findPython, noPython } from './lib/python-find.mjs';
import { buildEngine, preparePython, run } from './lib/python.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run docs    the reference of the Node library and of the Python package, from their comments, into docs/reference/dist
 */
const folder = join(root, 'docs', 'reference');
const out = join(folder, 'dist');

const PIP_INSTALL = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
/** What users import; python/tests/test_reference.py has the same list. */
const PYTHON_MODULES = [
  'halyard',
  '!halyard.django',
  'halyard.django',
  String.raw`!halyard\.django\.`,
  'halyard.django.context',
  'halyard.django.foreign',
  'halyard.django.gates',
  'halyard.django.http',
  'halyard.django.middleware',
  'halyard.django.seen',
  'halyard.django.test',
  'halyard.pytest_plugin',
];

await setUp({ build: 'no' });
process.exitCode = await main().catch((/** @type {unknown} */ error) => {
  console.error(`[docs] ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

async function main() {
  rmSync(out, { recursive: true, force: true });
  // A comment that is missing is an error: see typedoc.json.
  const code = await runNode([join(folder, 'node_modules', 'typedoc', 'bin', 'typedoc')], { cwd: folder });
  if (code !== 0) return code;
  console.log(`[docs] ${join('docs', 'reference', 'dist', 'node', 'index.html')}`);
  const found = findPython();
  if (found === null) {
    console.error(`[docs] The reference of the Python package is left out. ${noPython}.`);
    return 0;
  }
  await buildEngine();
  const python = await preparePython(found, (text) => console.log(`[docs] ${text}`));
  // In a folder of its own: the environment is what the tests run in.
  const requirements = join(folder, 'requirements.txt');
  const tools = join(
    cache,
    `pdoc-${createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8)}`,
  );
  if (!existsSync(tools)) {
    const unfinished = `${tools}.part`;
    rmSync(unfinished, { recursive: true, force: true });
    await run(python, [...PIP_INSTALL, '--target', unfinished, '-r', requirements]);
    renameSync(unfinished, tools);
  }
  await run(python, ['-m', 'pdoc', '--no-show-source', '--output-directory', join(out, 'python'), ...PYTHON_MODULES], {
    env: { PYTHONPATH: tools },
  });
  console.log(`[docs] ${join('docs', 'reference', 'dist', 'python', 'halyard.html')}`);
  return 0;
}
