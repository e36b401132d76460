import { isIP } from 'node:net';
import type { Client, ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import { Endpoint } from './endpoint.ts';
import { type TlsAttempts, type TlsParameters, tlsAttempts, tlsParameters } from './tls-mode.ts';

/** How our connections show in `pg_stat_activity`. */
export const applicationName = 'halyard';

/** Parameters of a URL that are passed on; the driver would take any of its own options, and act on them. */
const passedOn = new Set([
  'application_name',
  'client_encoding',
  'database',
  'db',
  'encoding',
  'fallback_application_name',
  'host',
  'idle_in_transaction_session_timeout',
  'lock_timeout',
  'options',
  'password',
  'port',
  'sslnegotiation',
  'statement_timeout',
  'user',
]);

/** libpq's name for the same. */
const aliases: Readonly<Record<string, string>> = { dbname: 'database' };

/**
 * Reads a PostgreSQL URL: `postgresql://user:password@host:port/database?parameters`. A socket is a host that begins with
 * a slash, percent-encoded in its place or as `?host=`. What the URL leaves out comes from libpq's variables (`PGHOST`,
 * `PGUSER`, `PGOPTIONS` …).
 *
 * @param what where the URL comes from, for the message
 * @throws {Error} with one line that says what is wrong, and never shows the URL, which may hold a password
 */
export function clientConfig(url: string, what: string): ClientConfig {
  return read(url, what).config;
}

/**
 * The server behind a URL, with all ways of TLS that the URL allows.
 *
 * @throws {Error} like `clientConfig`, also for an unknown TLS mode and unreadable certificates
 */
export function endpoint(url: string, what: string): Endpoint {
  const { config, attempts } = read(url, what);
  return new Endpoint(config, attempts);
}

function read(url: string, what: string): { config: ClientConfig; attempts: TlsAttempts } {
  const text = url.trim();
  if (!/^(postgres|postgresql|socket):/i.test(text)) {
    throw new Error(`${what}: not a PostgreSQL URL (it must begin with postgresql://)`);
  }
  const question = text.indexOf('?');
  const given = new URLSearchParams(question < 0 ? '' : text.slice(question));
  const kept = new URLSearchParams();
  const tls: TlsParameters = {};
  for (const name of Object.keys(tlsParameters) as (keyof typeof tlsParameters)[]) {
    const variable = tlsParameters[name];
    const value = given.get(name) ?? (variable === undefined ? undefined : process.env[variable]);
    if (value !== undefined && value !== '') tls[name] = value;
  }
  for (const [name, value] of given) if (passedOn.has(aliases[name] ?? name)) kept.set(aliases[name] ?? name, value);
  const base = question < 0 ? text : text.slice(0, question);
  let config: ClientConfig;
  try {
    // Percent-encoded blanks: the parser would take a plus sign for itself.
    config = parseIntoClientConfig(`${base}?${kept.toString().replaceAll('+', '%20')}`);
  } catch {
    throw new Error(`${what}: not a valid PostgreSQL URL`);
  }
  const database = kept.get('database');
  if (database !== null) config = { ...config, database };
  const host = config.host ?? process.env['PGHOST'] ?? '';
  const attempts = host.startsWith('/') ? ([false] as const) : tlsAttempts(tls, what, isLocal(host));
  return { config: { application_name: applicationName, ...config }, attempts };
}

function isLocal(host: string): boolean {
  return host === '' || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * A connection of its own, for transactions, migrations and LISTEN. The caller ends it.
 *
 * @throws what the driver throws when the server cannot be reached
 */
export function connectClient(url: string, what: string, timeoutMs = 5_000): Promise<Client> {
  return endpoint(url, what).connect({ connectionTimeoutMillis: timeoutMs }, (client) => {
    // Without a listener a broken connection would end the process; the statement under way reports it anyway.
    client.on('error', () => undefined);
  });
}
