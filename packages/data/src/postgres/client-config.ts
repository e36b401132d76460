import { Client, type ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';

/** How our connections show in `pg_stat_activity`. */
export const applicationName = 'halyard';

/**
 * Reads a PostgreSQL URL.
 *
 * @param what where the URL comes from, for the message
 * @throws {Error} with one line that says what is wrong, and never shows the URL, which may hold a password
 */
export function clientConfig(url: string, what: string): ClientConfig {
  if (!/^(postgres|postgresql|socket):/.test(url)) {
    throw new Error(`${what}: not a PostgreSQL URL (it must begin with postgresql://)`);
  }
  try {
    return { application_name: applicationName, ...parseIntoClientConfig(url) };
  } catch {
    throw new Error(`${what}: not a valid PostgreSQL URL`);
  }
}

/**
 * A connection of its own, for transactions, migrations and LISTEN. The caller ends it.
 *
 * @throws what the driver throws when the server cannot be reached
 */
export async function connectClient(url: string, what: string, timeoutMs = 5_000): Promise<Client> {
  const client = new Client({ ...clientConfig(url, what), connectionTimeoutMillis: timeoutMs });
  // Without a listener a broken connection would end the process; the statement under way reports it anyway.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
