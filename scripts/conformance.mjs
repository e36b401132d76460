import { join } from 'node:path';
import { conformanceDir, root } from './lib/paths.mjs';
import { runNode } from './lib/process.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run conformance -- DIR … [--door http]    folders are relative to where npm was called
 */
await setUp();
process.exitCode = await runNode([join(root, 'conformance', 'dist', 'main.js'), ...process.argv.slice(2)], {
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  env: { HALYARD_CONFORMANCE_DIR: conformanceDir },
});
