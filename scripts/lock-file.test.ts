import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './lib/paths.mjs';

interface Package {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Package> };
const packages = Object.entries(lock.packages);

describe('package-lock.json', () => {
  it('names no download address, so that every registry will do', () => {
    const addresses = packages.filter(([, { resolved, link }]) => resolved !== undefined && link !== true);
    expect(addresses.map(([place]) => place)).toEqual([]);
  });

  it('holds the binaries of every platform, or `npm ci` refuses it', () => {
    const missing = packages.flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(name, place)),
    );
    // One cause: a version so new that the registry lacks some of its binaries. Take a slightly older one.
    expect(missing).toEqual([]);
  });
});

/** Looks a package up as Node does: beside its dependant, then in every folder above. */
function isLocked(name: string, place: string): boolean {
  for (let from = place; ; from = from.slice(0, from.lastIndexOf('node_modules/'))) {
    if (`${from}${from === '' || from.endsWith('/') ? '' : '/'}node_modules/${name}` in lock.packages) return true;
    if (!from.includes('node_modules/')) return false;
  }
}
