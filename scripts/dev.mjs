import { watchBundles } from './lib/bundle.mjs';
import { halyard, nativeCompiler, root } from './lib/paths.mjs';
import { ended, start } from './lib/process.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run dev [-- OPTIONS]    compile on every change, and restart the service when what it loaded changed
 */
await setUp({ build: 'try' });
const compiler = start(nativeCompiler, ['-b', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'], {
  cwd: root,
});
const bundles = await watchBundles();
const watch = ['--watch', '--watch-preserve-output', '--enable-source-maps'];
const service = start(process.execPath, [...watch, halyard, 'serve', ...process.argv.slice(2)], { cwd: root });

// Neither is of use without the other.
const both = [ended(compiler), ended(service)];
const code = await Promise.race(both);
for (const child of [compiler, service]) if (!child.killed) child.kill('SIGTERM');
await Promise.all(both);
await bundles.stop();
process.exitCode = code;
