import { parsableDatabaseUrl } from '../operate/settings/parsers.ts';
import { StoreError } from 'halyard/host';
import { DatabaseUnusableError } from '../operate/database.ts';
import { EventsRefusedError } from '../events/event-switch.ts';
import { ProbePortError } from '../operate/probe-port.ts';
import { SettingsError } from '../operate/settings/read-settings.ts';
import type { Settings } from '../operate/settings/table.ts';

/** A mistake of whoever called the command; the message is all that there is to say. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Exit codes of the command line (docs/commands.md). */
export const exitCodes = { done: 0, failed: 1, usage: 2, wouldChange: 2, refused: 3 } as const;

export interface Problem {
  /** One line (several for several mistakes in the settings) that says what to do. */
  readonly text: string;
  readonly exitCode: number;
  /** Nobody foresaw it: the stack is worth showing. */
  readonly unexpected: boolean;
}

/** What to tell about an error that ended a command. Never shows a password. */
export function problemOf(error: unknown, settings: Settings | undefined): Problem {
  if (error instanceof SettingsError) return { text: error.message, exitCode: exitCodes.usage, unexpected: false };
  const text = knownText(error, settings);
  return {
    text: text ?? (error instanceof Error ? error.message : String(error)),
    exitCode: exitCodes.failed,
    unexpected: text === undefined,
  };
}

function knownText(error: unknown, settings: Settings | undefined): string | undefined {
  if (error instanceof UserError || error instanceof ProbePortError || error instanceof EventsRefusedError) {
    return error.message;
  }
  if (error instanceof StoreError || error instanceof DatabaseUnusableError)
    return databaseText(error.message, settings);
  if (!(error instanceof Error)) return undefined;
  // Connections to the database have errors of their own, so a name that is looked up here is the one to listen on.
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === 'listen' || syscall === 'getaddrinfo' ? listenText(code, settings) : undefined;
}

function listenText(code: string | undefined, settings: Settings | undefined): string {
  const where = `${settings?.host ?? ''}:${settings?.port ?? ''}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use. Stop what listens there, or choose another port with --port or PORT.`;
    case 'EACCES':
      return `This user may not listen on ${where}. Choose a port above 1023 with --port or PORT.`;
    default:
      return `${where} is no address of this machine (${code ?? 'unknown error'}). Choose another with --host or HOST.`;
  }
}

function databaseText(message: string, settings: Settings | undefined): string {
  const url = settings?.writeDatabaseUrl ?? settings?.databaseUrl;
  const where = url === undefined ? '' : ` at ${hostOf(url)}`;
  return `The database${where} cannot be used (${oneLine(message)}). Check that it runs, and DATABASE_URL.`;
}

/** A message that quotes something else's text, in one line. */
export function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim();
}

/** Host, port and database of a URL, without user and password. */
function hostOf(url: string): string {
  const { host, pathname, searchParams } = new URL(parsableDatabaseUrl(url));
  const named = host === '' || host === 'in.socket' ? (searchParams.get('host') ?? 'localhost') : host;
  return `${named}${pathname}`;
}
