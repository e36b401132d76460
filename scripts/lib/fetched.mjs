import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.mjs';

/**
 * Installs packages into a folder of their own, so that `npm ci` does not grow by what few people need. Nothing is
 * done where they are there already.
 *
 * @param {string} folder
 * @param {readonly string[]} packages each as `name@version`
 */
export async function fetchPackages(folder, packages) {
  if (packages.every((wanted) => isThere(folder, wanted))) return;
  mkdirSync(folder, { recursive: true });
  console.error(`Fetching ${packages.join(' and ')}.`);
  // Without peers, so that a package finds our own copy of them further up.
  const how = ['install', '--no-save', '--no-package-lock', '--legacy-peer-deps', '--prefix', folder];
  const exit = await npm([...how, ...packages], folder);
  if (exit !== 0 || !packages.every((wanted) => isThere(folder, wanted)))
    throw new Error(`npm could not install ${packages.join(', ')} (exit code ${exit})`);
}

/**
 * @param {string} folder
 * @param {string} wanted
 */
function isThere(folder, wanted) {
  const at = wanted.lastIndexOf('@');
  const manifest = join(folder, 'node_modules', wanted.slice(0, at), 'package.json');
  if (!existsSync(manifest)) return false;
  const found = /** @type {{ version: string }} */ (JSON.parse(readFileSync(manifest, 'utf8')));
  return found.version === wanted.slice(at + 1);
}
