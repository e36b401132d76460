import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { runNode } from './lib/process.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run bench [-- ARGS]
 */
await setUp();
process.exitCode = await runNode([join(root, 'bench', 'dist', 'main.js'), ...process.argv.slice(2)], { cwd: root });
