import './operate/tick-shape.ts';
import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { CommanderError } from 'commander';
import { explain } from './cli/explain.ts';
import type { Io } from './cli/io.ts';
import { createKey, listKeys, revokeKey } from './cli/keys.ts';
import { exitCodes, problemOf } from './cli/problem-line.ts';
import { createProgram } from './cli/program.ts';
import { createProject, listProjects, rotateToken } from './cli/projects.ts';
import { serve } from './cli/serve.ts';
import { createUser, resetPassword, type UserIo } from './cli/users.ts';
import type { Settings } from './operate/settings/table.ts';
import type { ToWorker } from './workers/messages.ts';
import { type Channel, servePart, workerArgument } from './workers/serve-part.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Whoever signals a process group reaches us twice, once more through npm: within this time it is one wish. */
const SAME_WISH_MS = 1000;

/** SIGHUP says that the terminal has gone. To a process without one, people send it in the hope that settings are read again. */
const stopSignals: readonly NodeJS.Signals[] = process.stdout.isTTY
  ? ['SIGINT', 'SIGTERM', 'SIGHUP']
  : ['SIGINT', 'SIGTERM'];

const io: Io = {
  print: (text) => void process.stdout.write(text),
  interactive: process.stdout.isTTY,
  command: commandOf(process.env['npm_lifecycle_event']),
  script: process.argv[1] ?? '',
  stopRequest: () =>
    new Promise((resolve) => {
      let asked: number | undefined;
      const ask = (signal: NodeJS.Signals): void => {
        if (asked === undefined) {
          asked = performance.now();
          resolve(signal);
        } else if (performance.now() - asked > SAME_WISH_MS) {
          // Asked again: without a listener the signal ends the process at once.
          process.removeAllListeners(signal);
          process.kill(process.pid, signal);
        }
      };
      for (const signal of stopSignals) process.on(signal, ask);
    }),
  onHangup: (heard) => {
    if (!stopSignals.includes('SIGHUP')) process.on('SIGHUP', heard);
  },
};

const userIo: UserIo = {
  ...io,
  passwordLine: async () => {
    for await (const line of createInterface({ input: process.stdin })) return line;
    return '';
  },
};

/** The settings of the command that ran, for the words about its failure. */
let current: Settings | undefined;

/** A service has ended, and nothing that it could not close may keep the process. */
let hasServed = false;

// What works with files is loaded by who asks for it: it brings a parser that a service does not need.
const program = createProgram(version, process.env, {
  serve: async (settings, reread) => {
    hasServed = true;
    await serve((current = settings), reread, io);
  },
  import: async (settings, file, options) => {
    const { importFile } = await import('./cli/import.ts');
    process.exitCode = await importFile((current = settings), fromCaller(file), options, io);
  },
  explain: (settings, options) => explain((current = settings), options, io),
  export: async (settings, options) => {
    const { exportCode } = await import('./cli/code/export.ts');
    process.exitCode = await exportCode((current = settings), withOut(options), io);
  },
  apply: async (settings, path, options) => {
    const { apply } = await import('./cli/code/apply.ts');
    process.exitCode = await apply((current = settings), fromCaller(path), options, io);
  },
  lint: async (settings, path, options) => {
    const { lint } = await import('./cli/code/lint.ts');
    process.exitCode = await lint((current = settings), path === undefined ? path : fromCaller(path), options, io);
  },
  types: async (settings, path, options) => {
    const { types } = await import('./cli/code/types.ts');
    await types((current = settings), path === undefined ? path : fromCaller(path), withOut(options), io);
  },
  createProject: (settings, name, options) => createProject((current = settings), name, options, io),
  listProjects: (settings, options) => listProjects((current = settings), options, io),
  rotateToken: (settings, project, options) => rotateToken((current = settings), project, options, io),
  createKey: (settings, options) => createKey((current = settings), options, io),
  listKeys: (settings, options) => listKeys((current = settings), options, io),
  revokeKey: (settings, id, options) => revokeKey((current = settings), id, options, io),
  createUser: (settings, email, options) => createUser((current = settings), email, options, userIo),
  resetPassword: (settings, email, options) => resetPassword((current = settings), email, options, userIo),
});

// Whoever read what a command prints has read enough, as `| head` has. A service lives on without a reader.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (hasServed) return;
  if (error.code !== 'EPIPE') process.exitCode = report(error);
  process.exit();
});

try {
  if (process.send !== undefined && process.argv[2] === workerArgument) {
    hasServed = true;
    await servePart(channelOf(process));
  } else await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
if (hasServed) process.exit();

/** What the primary and this process say to each other. */
function channelOf(own: NodeJS.Process): Channel {
  // When to end is for the primary to say. Whoever signals the whole group reaches that as well.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) own.on(signal, () => undefined);
  return {
    say: (said) => {
      if (own.connected) own.send?.(said, undefined, undefined, () => undefined);
    },
    onMessage: (hear) =>
      own.on('message', (message, socket) => hear(message as ToWorker, socket as Socket | undefined)),
    onLost: (lost) => (own.connected ? own.once('disconnect', lost) : lost()),
  };
}

/** A path as its caller means it. npm runs the script of a clone in the clone's root, wherever whoever called it stands. */
function fromCaller(path: string): string {
  const { npm_lifecycle_event: script, INIT_CWD: stands } = process.env;
  return script === 'halyard' && stands !== undefined ? resolvePath(stands, path) : path;
}

/** Options with the path that they may name as its caller means it. */
function withOut<Options extends { readonly out?: string }>(options: Options): Options {
  return options.out === undefined ? options : { ...options, out: fromCaller(options.out) };
}

/** How somebody who came through this npm script (none: undefined) calls the command line. */
function commandOf(script: string | undefined): string {
  if (script === undefined) return 'halyard';
  return script === 'npx' ? 'npx halyard' : 'npm run halyard --';
}

/** Says what went wrong, and gives the exit code. */
function report(error: unknown): number {
  // Commander has said it already; asking for help or the version is no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const { text, exitCode, unexpected } = problemOf(error, current);
  process.stderr.write(`${text}\n`);
  if (unexpected && error instanceof Error && process.env['LOG_LEVEL'] === 'debug') {
    process.stderr.write(`${error.stack ?? ''}\n`);
  }
  return exitCode;
}
