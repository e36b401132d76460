import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { npm } from './lib/npm.mjs';
import { root } from './lib/paths.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run pack -- FOLDER    compile, and pack what `npx halyard` needs as archives that npm installs
 */
const [folder = 'dist/packages'] = process.argv.slice(2);
const packages = ['json', 'pattern', 'engine', 'people', 'data', 'manage', 'halyard', 'console', 'service'];

await setUp();
const there = resolve(folder);
mkdirSync(there, { recursive: true });
const workspaces = packages.map((name) => `--workspace=packages/${name}`);
process.exitCode = await npm(
  ['pack', '--silent', '--ignore-scripts', `--pack-destination=${there}`, ...workspaces],
  root,
);
