import { startService } from '../compose.ts';
import { demoCurl, demoToken } from '../demo/demo.ts';
import { createLog } from '../operate/log/logger.ts';
import type { Settings } from '../operate/settings/table.ts';
import type { Io } from './io.ts';

/** `halyard serve`: runs until it is asked to stop. Rejects when the service cannot start. */
export async function serve(settings: Settings, io: Io): Promise<void> {
  const log = createLog(settings.logLevel);
  // Also when the process ends in a way that nobody foresaw.
  process.once('exit', log.flush);
  io.onHangup(() => log.logger.info('SIGHUP is ignored: settings are read at the start only'));
  const greet = io.interactive || (settings.databaseUrl ?? settings.writeDatabaseUrl) === undefined;
  try {
    const service = await startService(settings, {
      log,
      onProgress: (message) => {
        if (greet) io.print(`${message}\n`);
      },
    });
    if (greet) io.print(greeting(service.url, service.tokens, io.command));
    else log.logger.info({ url: service.url }, 'listening');
    try {
      const signal = await Promise.race([io.stopRequest(), service.failed]);
      log.logger.info({ signal }, 'stopping');
    } finally {
      await service.close();
    }
    log.logger.info('stopped');
  } finally {
    log.flush();
  }
}

/** What somebody who has just started the service wants to know. */
export function greeting(listening: string, known: readonly string[] | null, command: string): string {
  const url = reachable(listening);
  const tokens = known ?? [];
  const others = tokens.filter((token) => token !== demoToken);
  const lines = ['', `Halyard answers at ${url}`, ''];
  if (known === null) lines.push('The database cannot be reached yet. Flags are answered as soon as it can.', '');
  else if (tokens.length === 0) lines.push('There is no project yet.', '');
  if (others.length > 0) lines.push(`Project token${others.length > 1 ? 's' : ''}: ${others.join(', ')}`, '');
  if (tokens.includes(demoToken)) {
    lines.push(
      `Project token: ${demoToken} (the demo project)`,
      '',
      'Ask for the flags of a user:',
      `  ${demoCurl(url)}`,
      '',
      'See how a flag comes to its value:',
      `  ${command} explain --token ${demoToken} --flag smart-cart --distinct-id ada`,
      '',
    );
  }
  lines.push(
    "Load your own definitions, as PostHog's /flags/definitions serves them:",
    `  ${command} import FILE`,
    '',
    '',
  );
  return lines.join('\n');
}

/** An address that a client on this machine can use. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
