import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { migrate } from '../migrate.ts';
import { connectClient } from '../postgres/client-config.ts';
import { sharedServer } from './shared-server.ts';

/** A real server for one test run: fast, unsafe, gone afterwards. */
export interface ThrowawayPostgres {
  /** Of the database `postgres`; the role may do anything. */
  readonly url: string;
  /** Holds the data. */
  readonly folder: string;
  /** Process id of the server; it is started again, as another process, when it dies. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** The migrated database that test databases are copied from. */
const template = 'halyard_template';

/** Starts a server in a temporary folder and migrates the template. Takes about a second. */
export async function startThrowawayPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<ThrowawayPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-test-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres({
      folder,
      database: template,
      durable: false,
      settings: { max_connections: '200', shared_buffers: '64MB', ...settings },
    });
    await migrate(server.url);
    return {
      url: server.urlOf('postgres'),
      folder,
      get pid() {
        return server.pid;
      },
      async stop() {
        await server.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A database of one test's own. */
export interface TestDatabase {
  readonly url: string;
  /** Closes what is still connected, and deletes the database. */
  drop(): Promise<void>;
}

let databases = 0;

/**
 * Makes a fresh database on the run's server: with our schema, or empty.
 *
 * @param serverUrl default: the test run's shared server, which the first call starts
 */
export async function createTestDatabase(options: { empty?: boolean } = {}, serverUrl?: string): Promise<TestDatabase> {
  const server = serverUrl ?? (await sharedServer());
  databases += 1;
  const name = `test_${process.pid}_${databases}`;
  const source = options.empty === true ? 'template0' : template;
  await command(server, `create database ${name} template ${source} strategy file_copy`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => command(server, `drop database if exists ${name} with (force)`) };
}

async function command(serverUrl: string, sql: string): Promise<void> {
  const client = await connectClient(serverUrl, 'test server');
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
