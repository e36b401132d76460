import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

/*
 * What other people import is one file per entry of a package, not one per file of its source: reading 130 modules
 * costs a process 75 ms and 11 MB before its first flag, reading these costs 22 ms and 3 MB
 * (docs/decisions/light-library.md). The compiler writes the types beside them.
 */

/** Packages that others import. What is only started (service, bench) stays as the compiler writes it. */
const packages = ['json', 'pattern', 'engine', 'people', 'data', 'manage', 'halyard'].map((name) =>
  join(root, 'packages', name),
);

/** Writes each package's files anew where the compiler saw other sources since. */
export async function bundle() {
  for (const folder of packages.filter((place) => !isBundled(place))) {
    const { build } = await bundler();
    const { metafile } = await build(optionsOf(folder));
    prune(folder, new Set(Object.keys(metafile.outputs).map((name) => join(root, name))));
  }
}

// oxlint-disable-next-line no-restricted-imports -- these scripts run before anything is installed, this line afterwards
const bundler = () => import('esbuild');

/** Whether nothing is to be written. */
export const areBundled = () => packages.every(isBundled);

/** Writes them anew at each change, until `stop` is called. */
export async function watchBundles() {
  const { context } = await bundler();
  const contexts = await Promise.all(packages.map((folder) => context({ ...optionsOf(folder), logLevel: 'error' })));
  await Promise.all(contexts.map((each) => each.watch()));
  return { stop: () => Promise.all(contexts.map((each) => each.dispose())) };
}

/**
 * @param {string} folder
 * @returns {import('esbuild').BuildOptions & { metafile: true }}
 */
function optionsOf(folder) {
  return {
    absWorkingDir: root,
    entryPoints: entriesOf(folder),
    outdir: join(folder, 'dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: 'node20.20',
    // Other packages keep files of their own, so that a class is one class whoever imports it.
    packages: 'external',
    external: ['#*', 'node:*'],
    sourcemap: true,
    metafile: true,
  };
}

/**
 * The sources that a package's `exports` and `imports` name, as `dist` calls them.
 *
 * @param {string} folder
 * @returns {{ in: string, out: string }[]}
 */
function entriesOf(folder) {
  const { exports, imports = {} } = /** @type {{ exports: Targets, imports?: Targets }} */ (
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  );
  return [...sourcesOf(exports), ...sourcesOf(imports)].map((source) => ({
    in: join(folder, source),
    out: source.replace(/^\.\/src\//, '').replace(/\.ts$/, ''),
  }));
}

/**
 * @typedef {{ [condition: string]: string | Targets }} Targets
 *
 * @param {Targets} targets
 * @returns {string[]}
 */
function sourcesOf(targets) {
  return Object.entries(targets).flatMap(([condition, target]) => {
    if (typeof target !== 'string') return sourcesOf(target);
    return condition === 'halyard-source' ? [target] : [];
  });
}

/** @param {string} folder */
function isBundled(folder) {
  const compiled = statSync(join(folder, 'dist', '.tsbuildinfo'), { throwIfNoEntry: false });
  return entriesOf(folder).every(({ out }) => {
    const written = statSync(join(folder, 'dist', `${out}.js`), { throwIfNoEntry: false });
    return written !== undefined && compiled !== undefined && written.mtimeMs >= compiled.mtimeMs;
  });
}

/**
 * Takes away what an earlier build wrote and this one did not, or it would be packed.
 *
 * @param {string} folder
 * @param {Set<string>} written
 */
function prune(folder, written) {
  const dist = join(folder, 'dist');
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const file = join(dist, name);
    if (/\.js(\.map)?$/.test(name) && !written.has(file) && existsSync(file)) rmSync(file);
  }
}
