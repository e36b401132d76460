import { writeConsoleTypes } from './lib/console.mjs';
import { root, tools } from './lib/paths.mjs';
import { captureNode, runNode } from './lib/process.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run check     format, lint (with types), types, dead code; all at once, each one's words in one piece
 * npm run format    write the format
 * npm run fix       write the format and what the linter can mend
 */
const format = [tools.biome, 'format', '.'];
const lint = [tools.oxlint, '--deny-warnings'];

const checks = {
  format,
  lint,
  types: [tools.tsc, '-b'],
  'dead code': [tools.knip, '--no-progress'],
};

await setUp({ build: 'no' });
await writeConsoleTypes();
const mode = process.argv[2];
if (mode === '--format') process.exitCode = await write();
else if (mode === '--fix') process.exitCode = (await runNode([...lint, '--fix'], { cwd: root })) | (await write());
else process.exitCode = (await Promise.all(Object.entries(checks).map(check))).every(Boolean) ? 0 : 1;

function write() {
  return runNode([...format, '--write'], { cwd: root });
}

/** @param {[name: string, args: string[]]} entry */
async function check([name, args]) {
  const begun = performance.now();
  const { code, output } = await captureNode(args, { cwd: root, env: process.stdout.isTTY ? {} : { NO_COLOR: '1' } });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  if (code !== 0) console.log(output.trimEnd());
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  return code === 0;
}
