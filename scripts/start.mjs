import { halyard, root } from './lib/paths.mjs';
import { runNode } from './lib/process.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm start [-- OPTIONS]              set up, then `halyard serve OPTIONS`
 * npm run debug [-- OPTIONS]          the same, open to a debugger, with debug logs and TypeScript stack traces
 * npm run halyard -- COMMAND ...      set up, then that command
 *
 * package.json starts this with `exec`: without it a shell stands between npm and us, swallows npm's signals, and a
 * process manager that stops npm would not wait for the service to finish its requests.
 */
const [mode, ...args] = process.argv.slice(2);
const debug = mode === 'debug';

await setUp();
process.exitCode = await runNode(
  [...(debug ? ['--inspect', '--enable-source-maps'] : []), halyard, ...(mode === 'command' ? [] : ['serve']), ...args],
  { cwd: root, env: debug ? { LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'debug' } : {} },
);
