import { join, resolve } from 'node:path';

/** The repository's top folder. */
export const root = resolve(import.meta.dirname, '..', '..');

const modules = join(root, 'node_modules');

/** Scratch space of these scripts; goes away with node_modules. */
export const cache = join(modules, '.cache', 'halyard');

/** Scripts of the tools we run, for `node SCRIPT ARGS`: no shell, no PATH, the same on every system. */
export const tools = {
  biome: join(modules, '@biomejs', 'biome', 'bin', 'biome'),
  knip: join(modules, 'knip', 'bin', 'knip.js'),
  oxlint: join(modules, 'oxlint', 'bin', 'oxlint'),
  tsc: join(modules, 'typescript', 'bin', 'tsc'),
  vitest: join(modules, 'vitest', 'vitest.mjs'),
};

/** The compiler itself. Its script waits for it without handing on signals, and so would leave a watching one behind. */
export const nativeCompiler = join(
  modules,
  '@typescript',
  `typescript-${process.platform}-${process.arch}`,
  'lib',
  process.platform === 'win32' ? 'tsc.exe' : 'tsc',
);

/** The command `halyard`, as npm links it. */
export const halyard = join(root, 'packages', 'service', 'bin', 'halyard.js');
