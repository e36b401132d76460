import { root, tools } from './lib/paths.mjs';
import { runNode } from './lib/process.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run test:watch [-- PATH …]    rerun the tests that a change touches
 */
await setUp({ build: 'try' });
process.exitCode = await runNode([tools.vitest, 'watch', ...process.argv.slice(2)], { cwd: root });
