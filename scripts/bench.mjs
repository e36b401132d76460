import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { runNode } from './lib/process.mjs';
import { runPythonBench } from './lib/python-bench.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run bench [-- ARENA … --quick]    the arena `python` runs in Python, all others in bench/dist/main.js
 */
await setUp();
const args = process.argv.slice(2);
const arenas = args.filter((arg) => !arg.startsWith('-'));
const others = args.filter((arg) => arg !== 'python');
const onlyPython = arenas.length > 0 && arenas.every((arena) => arena === 'python');
const help = args.includes('--help') || args.includes('-h');
const code =
  onlyPython && !help ? 0 : await runNode([join(root, 'bench', 'dist', 'main.js'), ...others], { cwd: root });
const withPython = !help && (arenas.length === 0 || arenas.includes('python'));
process.exitCode = (withPython ? await runPythonBench(args.includes('--quick')) : 0) || code;
