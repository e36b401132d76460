import { fileURLToPath } from 'node:url';
import type { RunnerOption } from 'node-pg-migrate';
import { oneByOne } from './import/batches.ts';
import { belongToPostHog, migrationsTable } from './import/table-owner.ts';
import { connectClient } from './postgres/client-config.ts';
import type { Row } from './statements/statement.ts';

export interface MigrateOptions {
  /** One line per migration that runs. */
  readonly log?: (message: string) => void;
  /** Also add our tables to a database that Django's migrations of PostHog manage. Default false. */
  readonly evenPostHog?: boolean;
}

const folder = fileURLToPath(new URL('../migrations', import.meta.url));

/** The tables are PostHog's own; our migrations must not run. */
export class PostHogDatabaseError extends Error {
  override readonly name = 'PostHogDatabaseError';

  constructor() {
    super('the tables of this database belong to PostHog; Halyard does not change its schema');
  }
}

/**
 * Brings the schema up to date (D7 to D27, D32). Safe to run at any time, also by several processes at once: they wait for
 * each other, and what has run does not run again. All or nothing.
 *
 * @returns the names of the migrations that ran now
 * @throws {PostHogDatabaseError} unless told otherwise
 */
export async function migrate(
  url: string,
  { log, evenPostHog = false }: MigrateOptions = {},
): Promise<readonly string[]> {
  // Loaded on use: most starts need no migration, and the package takes its time.
  const { runner } = await import('node-pg-migrate');
  const client = await connectClient(url, 'database for migrations');
  try {
    if (!evenPostHog && (await isPostHogs(client))) throw new PostHogDatabaseError();
    const quiet = () => undefined;
    const options: RunnerOption = {
      dbClient: client,
      dir: folder,
      direction: 'up',
      migrationsTable,
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    };
    const ran = await runner(options);
    for (const { name } of ran) log?.(`migration ${name}`);
    return ran.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/**
 * Whether the tables are PostHog's own: nothing but keys of experience continuity may be written to them, with or without migrations.
 *
 * @throws what the driver throws
 */
export async function belongsToPostHog(url: string): Promise<boolean> {
  const client = await connectClient(url, 'database URL');
  try {
    return await isPostHogs(client);
  } finally {
    await client.end();
  }
}

interface Client {
  query(statement: { text: string; values: unknown[] }): Promise<{ rows: Row[] }>;
}

async function isPostHogs(client: Client): Promise<boolean> {
  const work = oneByOne(belongToPostHog());
  let step = work.next();
  while (step.done !== true) {
    const { text, values } = step.value;
    step = work.next((await client.query({ text, values: [...values] })).rows);
  }
  return step.value;
}
