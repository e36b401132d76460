import type { OutageLines } from './log/outage-lines.ts';

/** Files that a process has open besides its connections: log, libraries, change notices, Redis, and some to spare. */
const OTHER_FILES = 64;

/**
 * How many connections of clients there may be, so that what this process opens itself, such as connections to a database, always finds
 * a file descriptor. Undefined: the system sets no limit, or does not tell.
 *
 * @param ownConnections how many the process may open itself
 */
export function mostConnections(ownConnections: number): number | undefined {
  const { userLimits } = (process.report?.getReport() ?? {}) as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
  };
  const files = Number(userLimits?.open_files?.soft);
  // With a limit that low nothing else would be left, so somebody gets in, and others wait for files.
  return Number.isFinite(files) ? Math.max(1, files - OTHER_FILES - ownConnections) : undefined;
}

/** What hears of connections that could not be taken for want of files, and says what to do. */
export function warnOfFewFiles(outages: OutageLines): (error: Error) => void {
  return (error) =>
    outages.warn('connections are refused; let the process open more files (ulimit -n, LimitNOFILE)', error);
}
