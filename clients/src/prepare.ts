import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './client-program.ts';
import type { Language, Published } from './clients.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const cache = join(folder, '..', 'node_modules', '.cache', 'halyard', 'clients');

const rustTarget = join(cache, 'rust-target');

/** What a language takes beside Node. */
const TOOLS: Readonly<Record<Language, readonly string[]>> = {
  js: [],
  python: ['python3'],
  go: ['go'],
  rust: ['cargo'],
  java: ['mvn', 'javac', 'java'],
  terraform: ['go', 'terraform or tofu'],
  mcp: ['npm', 'tar'],
};

/** Where these tools often are without being on the PATH. */
const USUAL_PLACES = ['/usr/local/go/bin', join(process.env['HOME'] ?? '/', '.cargo', 'bin')];
const path = [process.env['PATH'] ?? '', ...USUAL_PLACES].join(delimiter);

/** The tools that a language takes and this machine does not have. */
export function missingTools(language: Language): readonly string[] {
  return TOOLS[language].filter((tool) => tool.split(' or ').every((one) => findTool(one) === undefined));
}

/** Where a tool is; undefined: this machine does not have it. */
export function findTool(tool: string): string | undefined {
  return path
    .split(delimiter)
    .map((place) => join(place, tool))
    .find((file) => existsSync(file));
}

/**
 * Fetches and builds what a client runs with, unless that was done before.
 *
 * @param newest with the newest releases, in a folder of their own, instead of those that the repository names
 * @throws {Error} with what the tool said, where it fails
 */
export function prepare({ language, package: name, program = '' }: Published, newest: boolean): Command {
  if (language === 'js' && !newest) return { program: process.execPath, args: [join(folder, 'js', program)] };
  const files = readdirSync(join(folder, language), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name: file }) => join(parentPath, file))
    .sort();
  const stamp = createHash('sha256');
  for (const file of files) stamp.update(file).update(readFileSync(file));
  const place = join(cache, `${language}-${newest ? 'newest' : stamp.digest('hex').slice(0, 12)}`);
  const work = new Work(join(place, 'src'));
  const done = join(place, newest ? `done-${name.replaceAll('/', '-')}` : 'done');
  if (newest || !existsSync(done)) {
    if (!newest || !existsSync(work.folder)) {
      rmSync(place, { recursive: true, force: true });
      mkdirSync(work.folder, { recursive: true });
      cpSync(join(folder, language), work.folder, { recursive: true });
    }
    BUILDS[language](work, newest ? name : undefined);
    writeFileSync(done, '');
  }
  return RUNS[language](work.folder, program);
}

/**
 * The version of a client that the repository names.
 *
 * @throws {Error} when it names none
 */
export function pinnedVersion({ language, package: name }: Published): string {
  const [file, pattern] = PINS[language];
  const text = readFileSync(join(folder, file), 'utf8');
  const id = name.replace(/^.*:/, '').replaceAll(/[/.]/g, String.raw`\$&`);
  const version = new RegExp(pattern.replace('NAME', id)).exec(text)?.[1];
  if (version === undefined) throw new Error(`clients/${file} names no version of ${name}`);
  return version;
}

/** Where the version stands. */
const PINS: Readonly<Record<Language, readonly [file: string, pattern: string]>> = {
  js: ['package.json', '"NAME": "([^"]+)"'],
  python: ['python/requirements.txt', '(?:^|\\n)NAME==(.+)'],
  go: ['go/go.mod', 'NAME v(\\S+)'],
  rust: ['rust/Cargo.toml', 'NAME = \\{ version = "=([^"]+)"'],
  java: ['java/pom.xml', '<artifactId>NAME</artifactId>\\s*<version>([^<]+)'],
  terraform: ['terraform/go.mod', 'NAME v(\\S+)'],
  mcp: ['mcp/package.json', '"NAME": "([^"]+)"'],
};

/** A folder in which commands are run, one after the other. */
class Work {
  readonly folder: string;

  constructor(place: string) {
    this.folder = place;
  }

  run(program: string, ...args: readonly string[]): void {
    const { status, stderr, stdout, error } = spawnSync(program, args, {
      cwd: this.folder,
      encoding: 'utf8',
      // What Rust compiled once serves the next lock file, too.
      env: { ...process.env, PATH: path, CARGO_TARGET_DIR: rustTarget },
      maxBuffer: 2 ** 26,
    });
    if (status !== 0)
      throw new Error(
        `${program} ${args.join(' ')}: ${error?.message ?? ''}${stdout.slice(-2000)}${stderr.slice(-2000)}`,
      );
  }
}

/** What the newest release of a package runs on here, where that does not come with it. */
const ALONG: Readonly<Record<string, readonly string[]>> = {
  'posthog-react-native': ['react-native@npm:react-native-web@latest', 'react@latest', 'react-dom@latest'],
};

/** How each language is built; with a name, first the newest release of that package is taken. */
const BUILDS: Readonly<Record<Language, (work: Work, newest: string | undefined) => void>> = {
  js: (work, newest) => {
    if (newest === undefined) return;
    writeFileSync(join(work.folder, 'package.json'), '{"type":"module","private":true}');
    const along = ALONG[newest] ?? [];
    work.run('npm', 'install', '--no-audit', '--no-fund', '--legacy-peer-deps', `${newest}@latest`, ...along);
  },
  python: (work, newest) => {
    work.run('python3', '-m', 'venv', 'venv');
    const pip = [join(work.folder, 'venv', 'bin', 'python'), '-m', 'pip', 'install', '--quiet'] as const;
    const [python, ...install] = pip;
    if (newest === undefined) work.run(python, ...install, '--no-deps', '-r', 'requirements.txt');
    else work.run(python, ...install, '--upgrade', newest);
  },
  go: (work, newest) => {
    if (newest !== undefined) {
      work.run('go', 'get', `${newest}@latest`);
      work.run('go', 'mod', 'tidy');
    }
    work.run('go', 'build', '-o', 'client', '.');
  },
  rust: (work, newest) => {
    if (newest === undefined) restoreLock(work);
    else {
      rmSync(join(work.folder, 'Cargo.lock'));
      const manifest = join(work.folder, 'Cargo.toml');
      writeFileSync(manifest, readFileSync(manifest, 'utf8').replaceAll('"=', '">='));
    }
    work.run('cargo', 'build', ...(newest === undefined ? ['--locked'] : []));
  },
  java: (work, newest) => {
    if (newest !== undefined) {
      const pom = join(work.folder, 'pom.xml');
      const own = /(<artifactId>posthog-server<\/artifactId>\s*<version>)[^<]*/;
      writeFileSync(pom, readFileSync(pom, 'utf8').replace(own, '$1[2.0,)'));
    }
    const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    work.run('mvn', '-q', '-B', copy, '-DoutputDirectory=lib');
    work.run('javac', '-d', 'classes', '-cp', join('lib', '*'), 'ClientProgram.java');
  },
  terraform: (work) => work.run('go', 'build', '-o', 'terraform-provider-posthog', PROVIDER),
  // The package names many that its tools never load: these three are all.
  mcp: (work) => {
    const { dependencies } = JSON.parse(readFileSync(join(work.folder, 'package.json'), 'utf8')) as {
      dependencies: Readonly<Record<string, string>>;
    };
    for (const [name, version] of Object.entries(dependencies)) {
      const place = join('node_modules', name);
      mkdirSync(join(work.folder, place), { recursive: true });
      work.run('npm', 'pack', '--silent', '--pack-destination', place, `${name}@${version}`);
      const [archive = ''] = readdirSync(join(work.folder, place));
      work.run('tar', 'xzf', join(place, archive), '-C', place, '--strip-components=1');
    }
  },
};

/** By the name that its own module file says; the module is fetched under the name of its repository. */
const PROVIDER = 'github.com/posthog/terraform-provider';

const RUNS: Readonly<Record<Language, (place: string, program: string) => Command>> = {
  js: (place, program) => ({ program: process.execPath, args: [join(place, program)] }),
  python: (place, program) => ({ program: join(place, 'venv', 'bin', 'python'), args: [join(place, program)] }),
  go: (place) => ({ program: join(place, 'client'), args: [] }),
  rust: () => ({ program: join(rustTarget, 'debug', 'client'), args: [] }),
  java: (place) => ({
    program: 'java',
    args: ['-cp', [join(place, 'classes'), join(place, 'lib', '*')].join(delimiter), 'ClientProgram'],
  }),
  terraform: (place) => ({ program: join(place, 'terraform-provider-posthog'), args: [] }),
  mcp: (place) => ({ program: process.execPath, args: [join(place, 'tools.mjs')] }),
};

/**
 * The lock file of the repository names versions and checksums and no registry; cargo wants to read one. It says itself which: in the
 * lock file that it makes where there is none.
 */
function restoreLock(work: Work): void {
  const lock = join(work.folder, 'Cargo.lock');
  const ours = readFileSync(lock, 'utf8');
  rmSync(lock);
  work.run('cargo', 'generate-lockfile');
  const source = /^source = .*$/m.exec(readFileSync(lock, 'utf8'))?.[0] ?? '';
  writeFileSync(lock, ours.replaceAll(/^checksum = /gm, `${source}\nchecksum = `));
}
