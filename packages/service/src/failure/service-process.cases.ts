import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { afterAll, afterEach, beforeAll } from 'vitest';

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** Our own packages go into the bundle as they are in the sources; everything else is loaded as in production. Some modules look for
 * files beside their own place, which the bundle has to tell them. */
const others: Plugin = {
  name: 'other packages stay outside',
  setup: (bundling) => {
    bundling.onLoad({ filter: /[/\\](migrate|probe-port|reading-thread)\.ts$/ }, ({ path }) => {
      const place = JSON.stringify(pathToFileURL(path).href);
      return { contents: readFileSync(path, 'utf8').replace('import.meta.url', place), loader: 'ts' };
    });
    bundling.onResolve({ filter: /^[^./]/ }, ({ path }) =>
      /^(@halyard\/|halyard)/.test(path) ? null : { path, external: true },
    );
  },
};

interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  /** Which of several processes wrote it. */
  readonly worker?: number;
  readonly http_status?: number;
  /** Of the line that says where it listens. */
  readonly probes_url?: string;
}

/** A line of the log that tells of a failure. */
export interface Warning extends LogLine {
  readonly suppressed?: number;
  /** `type` is the class of what has no `kind`. */
  readonly err?: { readonly pool?: string; readonly kind?: string; readonly type?: string };
}

/** pino's number of `warn`. */
const WARN = 40;

/** `halyard serve` as a process of its own, running the sources as they are. */
export class ServiceProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  url = '';
  out = '';
  err = '';

  /** @param openFiles how many files it may open */
  constructor(
    bundle: string,
    env: Readonly<Record<string, string>>,
    openFiles?: number,
    commandLine: readonly string[] = ['serve'],
  ) {
    const serve = [process.execPath, bundle, ...commandLine] as const;
    const limited = ['/bin/sh', '-c', `ulimit -n ${openFiles}; exec "$0" "$@"`, ...serve] as const;
    const [program, ...args] = openFiles === undefined ? serve : limited;
    this.child = spawn(program, args, {
      env: { PATH: process.env['PATH'], PORT: '0', HALYARD_MIGRATE: 'false', ...env },
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk) => (this.out += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.err += String(chunk)));
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  /** Waits until it listens. */
  async listening(): Promise<void> {
    for (;;) {
      const url = /(?:"url":"|answers at )(http[^"\s]+)/.exec(this.out)?.[1];
      if (url !== undefined) {
        this.url = url;
        return;
      }
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}: ${this.err}`);
      await Promise.race([once(this.child.stdout as NonNullable<ChildProcess['stdout']>, 'data'), this.ended]);
    }
  }

  /** Waits until its log has these words. */
  async prints(words: string): Promise<void> {
    while (!this.out.includes(words)) {
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}: ${this.err}`);
      await Promise.race([once(this.child.stdout as NonNullable<ChildProcess['stdout']>, 'data'), this.ended]);
    }
  }

  /** Every line of its log. */
  get lines(): readonly LogLine[] {
    const lines = this.out.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** Where the probes have a port of their own. */
  get probesUrl(): string {
    return this.lines.find(({ probes_url: url }) => url !== undefined)?.probes_url ?? '';
  }

  /** What it has logged as a warning or worse. */
  get warnings(): readonly Warning[] {
    return this.lines.filter((line): line is Warning => line.level >= WARN);
  }

  /** Asks it to stop; its exit code and whatever it complained of. */
  async stop(): Promise<{ code: number | null; err: string }> {
    this.child.kill('SIGTERM');
    return { code: await this.ended, err: this.err };
  }
}

type Environment = Readonly<Record<string, string>>;

interface ServiceProcesses {
  /** Starts a service and waits until it listens. */
  (env: Environment, openFiles?: number): Promise<ServiceProcess>;
  /** Starts a command, of which nobody knows how it ends. */
  readonly begin: (env: Environment, commandLine?: readonly string[]) => ServiceProcess;
}

/** Builds the service once per test file, and ends what a failing test leaves behind. */
export function serviceProcesses(): ServiceProcesses {
  // Beside `src`, where the program looks for its package.json and Node for its packages.
  const bundle = join(packageFolder, 'dist', `failure.test-${process.pid}.js`);
  const started: ServiceProcess[] = [];
  beforeAll(async () => {
    await build({
      entryPoints: [join(packageFolder, 'src', 'main.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      plugins: [others],
      conditions: ['halyard-source'],
      logLevel: 'silent',
    });
  });
  afterEach(() => {
    for (const { child } of started.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => rmSync(bundle, { force: true }));
  const begin = (env: Environment, openFiles?: number, commandLine?: readonly string[]): ServiceProcess => {
    const service = new ServiceProcess(bundle, env, openFiles, commandLine);
    started.push(service);
    return service;
  };
  const start = async (env: Environment, openFiles?: number): Promise<ServiceProcess> => {
    const service = begin(env, openFiles);
    await service.listening();
    return service;
  };
  return Object.assign(start, {
    begin: (env: Environment, commandLine?: readonly string[]) => begin(env, undefined, commandLine),
  });
}
