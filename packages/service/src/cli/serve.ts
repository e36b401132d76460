import { type ComposeOptions, type Service, startService } from '../compose.ts';
import { demoCurl, demoLocalCode, demoSecretKey, demoToken } from '../demo/demo.ts';
import { findConsole, setupPath } from '../console/find-console.ts';
import { createLog, type Log } from '../operate/log/logger.ts';
import type { Settings } from '../operate/settings/table.ts';
import { startWorkers } from '../workers/primary.ts';
import { workerArgument } from '../workers/serve-part.ts';
import type { Io } from './io.ts';
import { problemOf } from './problem-line.ts';

/**
 * `halyard serve`: runs until it is asked to stop. Rejects when the service cannot start.
 *
 * @param reread the settings as they are written now; throws like reading them at the start
 */
export async function serve(settings: Settings, reread: () => Settings, io: Io): Promise<void> {
  const log = createLog(settings.logLevel);
  // Also when the process ends in a way that nobody foresaw.
  process.once('exit', log.flush);
  const greet = io.interactive || (settings.databaseUrl ?? settings.writeDatabaseUrl) === undefined;
  try {
    const service = await start(settings, reread, io, {
      log,
      onProgress: (message) => {
        if (greet) io.print(`${message}\n`);
      },
    });
    // Before anybody can read that it listens: whoever stops it at once means an orderly end as well.
    const stopped = io.stopRequest();
    try {
      if (greet) {
        io.print(greeting(service.url, service.tokens, io.command, settings.mode));
        if (service.probesUrl !== undefined) io.print(`Probes are answered at ${reachable(service.probesUrl)}\n\n`);
        // Asks the database, which nobody who stops the service waits for.
        void setupText(service, io.command, findConsole(settings) !== undefined).then((text) => io.print(text));
      } else log.logger.info({ url: service.url, probes_url: service.probesUrl }, 'listening');
      const signal = await Promise.race([stopped, service.failed]);
      log.logger.info({ signal }, 'stopping');
    } finally {
      await service.close();
    }
    log.logger.info('stopped');
  } finally {
    log.flush();
  }
}

/** In this process, or in several, which are exchanged at a hangup. */
async function start(settings: Settings, reread: () => Settings, io: Io, options: ComposeOptions): Promise<Service> {
  const { logger } = options.log;
  if (settings.workers === 1) {
    io.onHangup(() => logger.info('SIGHUP is ignored: with one worker, settings are read at the start only'));
    return startService(settings, options);
  }
  let onHangup = (): void => logger.info('SIGHUP is ignored: the service is about to start');
  io.onHangup(() => onHangup());
  const service = await startWorkers(settings, { script: io.script, args: [workerArgument] }, options);
  onHangup = () => {
    const wanted = readAgain(reread, options.log);
    if (wanted === null) return;
    logger.info('reloading');
    void service.reload(wanted);
  };
  return service;
}

/** Null, and a line in the log: they cannot be used. */
function readAgain(reread: () => Settings, { logger }: Log): Settings | null {
  try {
    return reread();
  } catch (error) {
    logger.error({ problem: problemOf(error, undefined).text }, 'the settings cannot be used; the old ones stay');
    return null;
  }
}

/** What somebody who has just started the service wants to know: of the routes that the mode has (H2). */
export function greeting(
  listening: string,
  known: readonly string[] | null,
  command: string,
  mode: Settings['mode'] = 'all',
): string {
  const url = reachable(listening);
  const tokens = known ?? [];
  const others = tokens.filter((token) => token !== demoToken);
  const lines = ['', `Halyard answers at ${url}`, ''];
  if (known === null) lines.push('The database cannot be reached yet. Flags are answered as soon as it can.', '');
  else if (tokens.length === 0) lines.push('There is no project yet.', '');
  if (others.length > 0) lines.push(`Project token${others.length > 1 ? 's' : ''}: ${others.join(', ')}`, '');
  if (tokens.includes(demoToken)) {
    const secret = mode === 'flags' ? '' : `, secret key: ${demoSecretKey}`;
    lines.push(`Project token: ${demoToken} (the demo project)${secret}`, '');
    if (mode !== 'definitions') lines.push('Ask for the flags of a user:', `  ${demoCurl(url)}`, '');
    lines.push(
      'See how a flag comes to its value:',
      `  ${command} explain --token ${demoToken} --flag smart-cart --distinct-id ada`,
      '',
    );
    if (mode !== 'flags') {
      lines.push(
        'Evaluate flags in your own process (npm install posthog-node, then node app.mjs):',
        ...demoLocalCode(url).map((line) => `  ${line}`),
        '',
      );
    }
  }
  lines.push("Load your own definitions, as PostHog's /flags/definitions serves them:", `  ${command} import FILE`, '');
  if (mode !== 'flags') lines.push('Make a key for SDKs of your own project:', `  ${command} key create`, '');
  lines.push('');
  return lines.join('\n');
}

/** How the first user is made (M185); '' where there is nothing to say. */
async function setupText(service: Service, command: string, hasConsole: boolean): Promise<string> {
  // Without a database there is a greeting all the same, and another start.
  const secret = await service.newSetup().catch(() => null);
  if (secret === null) return '';
  const url = reachable(service.url);
  const body = `{"secret":"${secret}","email":"you@example.com","password":"…"}`;
  return [
    'Nobody can change flags here yet. Make the first user, within a day and only once,',
    hasConsole
      ? `  in a browser: ${url}${setupPath(secret)}`
      : `  curl -H 'content-type: application/json' -d '${body}' ${url}/api/halyard/setup`,
    'or at any time, with a password that is shown once:',
    `  ${command} user create you@example.com`,
    '',
    '',
  ].join('\n');
}

/** An address that a client on this machine can use. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
