import {
  belongsToPostHog,
  type EmbeddedPostgres,
  migrate,
  type PoolLimits,
  PostHogDatabaseError,
  type RouterSettings,
  runningPostgresUrl,
  startEmbeddedPostgres,
} from 'halyard/host';
import type { Logger } from 'pino';
import type { Settings } from './settings/table.ts';

/** The database cannot be reached or brought up to date; the message is the cause's own. */
export class DatabaseUnusableError extends Error {
  override readonly name = 'DatabaseUnusableError';

  constructor(cause: unknown) {
    super(cause instanceof Error && cause.message !== '' ? cause.message : String(cause), { cause });
  }
}

/** The database that a command works on. */
export interface Database {
  readonly urls: RouterSettings;
  /** The folder of our own server; null when the settings name another. */
  readonly folder: string | null;
  /**
   * The tables are PostHog's, so nothing but the keys of experience continuity may be written. Whatever the settings say. Rejects with a
   * `DatabaseUnusableError`.
   */
  belongsToPostHog(): Promise<boolean>;
  /** Brings the schema up to date, where the settings want that and it is ours. Rejects likewise. */
  migrate(): Promise<void>;
  /** Stops the server, if it is ours. */
  close(): Promise<void>;
}

/** What PostgreSQL allows by itself … */
const DEFAULT_CONNECTIONS = 100;
/** … and what each worker may need besides: two for what it asks, one for notices, one for events, and as many for the one that takes its place. */
const CONNECTIONS_OF_A_WORKER = 8;

export interface OpenOptions {
  /** Join the embedded server of a service that runs on the same folder, instead of refusing the folder. */
  readonly join: boolean;
  readonly logger: Logger;
  /** Told what takes time, for somebody who waits. */
  readonly onProgress: (message: string) => void;
}

/** Finds the database of the settings: the one they name, or an embedded one in the data folder, which is started. */
export async function openDatabase(settings: Settings, options: OpenOptions): Promise<Database> {
  const limits = limitsOf(settings);
  const external = externalUrls(settings);
  if (external !== null) return database({ ...external, ...limits }, null, settings, options);
  const running = options.join ? runningPostgresUrl(settings.dataDir) : null;
  if (running !== null) return database({ write: running, ...limits }, null, settings, options);
  options.onProgress(`Starting PostgreSQL in ${settings.dataDir} …`);
  const server = await startEmbeddedPostgres({
    folder: settings.dataDir,
    log: (level, message, fields) => options.logger[level](fields ?? {}, message),
    settings: { max_connections: String(DEFAULT_CONNECTIONS + settings.workers * CONNECTIONS_OF_A_WORKER) },
  });
  return database({ write: server.url, ...limits }, server, settings, options);
}

function externalUrls(settings: Settings): RouterSettings | null {
  const write = settings.writeDatabaseUrl ?? settings.databaseUrl;
  if (write === undefined) return null;
  return {
    write,
    read: settings.readDatabaseUrl,
    personsRead: settings.personsReadDatabaseUrl,
    personsWrite: settings.personsWriteDatabaseUrl,
  };
}

/** Bounds of the pools and what else the router is told besides its URLs. */
function limitsOf(settings: Settings): Pick<RouterSettings, 'pools' | 'prepare'> {
  const limits = (
    maxConnections?: number,
    acquireTimeoutMs?: number,
    statementTimeoutMs?: number,
  ): Partial<PoolLimits> => ({
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(acquireTimeoutMs === undefined ? {} : { acquireTimeoutMs }),
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
  });
  return {
    prepare: settings.prepare,
    pools: {
      'non-persons reader': limits(
        settings.readPoolSize,
        settings.readAcquireTimeoutMs,
        settings.readStatementTimeoutMs,
      ),
      'non-persons writer': limits(
        settings.writePoolSize,
        settings.writeAcquireTimeoutMs,
        settings.writeStatementTimeoutMs,
      ),
      'persons reader': limits(
        settings.personsReadPoolSize,
        settings.personsReadAcquireTimeoutMs,
        settings.personsReadStatementTimeoutMs,
      ),
      'persons writer': limits(
        settings.personsWritePoolSize,
        settings.personsWriteAcquireTimeoutMs,
        settings.personsWriteStatementTimeoutMs,
      ),
    },
  };
}

function database(
  urls: RouterSettings,
  server: EmbeddedPostgres | null,
  settings: Settings,
  { logger, onProgress }: OpenOptions,
): Database {
  return {
    urls,
    folder: server?.folder ?? null,
    belongsToPostHog: async () => {
      try {
        return await belongsToPostHog(urls.write);
      } catch (error) {
        throw new DatabaseUnusableError(error);
      }
    },
    migrate: async () => {
      if (!settings.migrate || (server === null && settings.readOnly)) return;
      try {
        const ran = await migrate(urls.write, { log: (message) => logger.debug(message) });
        if (ran.length > 0) onProgress(`Created the tables (${ran.length} migrations).`);
      } catch (error) {
        if (!(error instanceof PostHogDatabaseError)) throw new DatabaseUnusableError(error);
      }
    },
    close: () => server?.stop() ?? Promise.resolve(),
  };
}
