import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';
import { findPython, noPython } from './python-find.mjs';
import { buildEngine, preparePython, run } from './python.mjs';

/**
 * The Python arena: next to PyPI's `posthog`, threads and the interpreter lock, and with a throw-away PostgreSQL.
 *
 * @param {boolean} quick
 * @returns {Promise<number>} exit code
 */
export async function runPythonBench(quick) {
  const found = findPython();
  if (found === null) {
    console.log(`\n== python: left out. ${noPython}`);
    return 0;
  }
  console.log('\n== python');
  await buildEngine();
  const python = await preparePython(found, (text) => console.log(`[python] ${text}`));
  const folder = join(root, 'bench', 'python');
  await run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    join(folder, 'requirements.txt'),
  ]);
  const testing = pathToFileURL(join(root, 'packages', 'data', 'dist', 'testing', 'index.js')).href;
  const { createTestDatabase, startThrowawayPostgres } = /** @type {typeof import('@halyard/data/testing')} */ (
    await import(testing)
  );
  const seconds = ['--seconds', quick ? '0.2' : '1'];
  await run(python, [join(folder, 'against_posthog.py'), ...seconds]);
  await run(python, [join(folder, 'against_posthog.py'), ...seconds, '--one-core']);
  await run(python, [join(folder, 'locks.py'), ...seconds]);
  const server = await startThrowawayPostgres();
  try {
    const { url } = await createTestDatabase({}, server.url);
    await run(python, [join(folder, 'with_database.py'), url, ...seconds]);
  } finally {
    await server.stop();
  }
  return 0;
}
