import { type Logger, pino } from 'pino';
import { GatheredLines, type Sink } from './gathered-lines.ts';
import { OutageLines } from './outage-lines.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

/** What may wait for a stuck reader of standard output; lines beyond it are lost, the service goes on. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

export interface Log {
  readonly logger: Logger;
  /** For failures that every request of an outage meets. */
  readonly outages: OutageLines;
  /** Writes a line that is JSON already, with its line end. */
  readonly line: (text: string) => void;
  /** Writes what is gathered, before the process ends. */
  readonly flush: () => void;
}

/** What the system writes into a pipe at once, whoever else writes into it (PIPE_BUF of Linux; 512 are promised). */
const WHOLE_BYTES = process.platform === 'linux' ? 4_096 : 512;

/**
 * JSON lines on standard output, or on another file descriptor.
 *
 * @param worker one of several processes that write there: its lines say so, and do not run into those of others
 */
export function createLog(level: LogLevel, fd = 1, worker?: number): Log {
  const shared = worker !== undefined;
  const sink = pino.destination({
    dest: fd,
    sync: false,
    contentMode: 'buffer',
    maxLength: MAX_WAITING_BYTES,
    ...(shared ? { maxWrite: WHOLE_BYTES } : {}),
  });
  const pieces: Sink = {
    // The content mode decides what it takes; its types know texts only.
    write: (bytes) => sink.write(bytes as unknown as string),
    flushSync: () => sink.flushSync(),
  };
  const lines = new GatheredLines(pieces, shared ? WHOLE_BYTES : undefined);
  const logger = pino({ level, base: shared ? { worker } : null }, lines);
  const outages = new OutageLines(logger);
  return {
    logger,
    outages,
    line: (text) => lines.write(text),
    flush: () => {
      outages.flush();
      lines.flush();
    },
  };
}
