import { type Logger, pino } from 'pino';
import { GatheredLines } from './gathered-lines.ts';
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

/** JSON lines on standard output, or on another file descriptor. */
export function createLog(level: LogLevel, fd = 1): Log {
  const lines = new GatheredLines(pino.destination({ dest: fd, sync: false, maxLength: MAX_WAITING_BYTES }));
  const logger = pino({ level, base: null }, lines);
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
