import { logLevels } from '../log/logger.ts';
import {
  boolean,
  countOrProcessors,
  databaseUrl,
  integer,
  oneOf,
  path,
  redisUrl,
  secret,
  secrets,
  text,
} from './parsers.ts';
import { guardSettings } from './guard-settings.ts';
import { ingestSettings } from './ingest-settings.ts';
import { managementSettings } from './management-settings.ts';
import { optional, required, type Setting } from './setting.ts';

export type { Setting, SettingGroup } from './setting.ts';

const DAY_MS = 86_400_000;

type PoolSettings<Key extends string> = {
  readonly [Name in `${Key}PoolSize` | `${Key}AcquireTimeoutMs` | `${Key}StatementTimeoutMs`]: Setting<number> & {
    readonly default: undefined;
  };
};

/** The bounds of one of the router's pools, named like the pool's URL. Pools with equal URLs are one, with the widest bounds. */
function pool<Key extends string>(key: Key, env: string, name: string): PoolSettings<Key> {
  return {
    [`${key}PoolSize`]: optional(
      `${env}_POOL_SIZE`,
      'database',
      integer(1, 1_000),
      `Connections of the ${name}; 2 unless said.`,
    ),
    [`${key}AcquireTimeoutMs`]: optional(
      `${env}_ACQUIRE_TIMEOUT_MS`,
      'database',
      integer(1, DAY_MS),
      `Longest wait for a connection of the ${name}; 2000 unless said.`,
    ),
    [`${key}StatementTimeoutMs`]: optional(
      `${env}_STATEMENT_TIMEOUT_MS`,
      'database',
      integer(0, DAY_MS),
      `Time of a statement on the ${name}, 0 for the server's own; ${name === 'non-persons reader' ? 2000 : 3000} unless said.`,
    ),
  } as PoolSettings<Key>;
}

/** Every setting there is. `docs/settings.md` shows this table, and a test compares the two. */
export const settingTable = {
  host: required('HOST', 'server', text, '127.0.0.1', 'Address to listen on; 0.0.0.0 for every network.'),
  port: required('PORT', 'server', integer(0, 65_535), '8000', 'Port to listen on; 0 for any free one.'),
  probePort: optional(
    'HALYARD_PROBE_PORT',
    'server',
    integer(0, 65_535),
    'Port on which a thread of its own answers the probes at once, however much waits on PORT; 0 for any free one.',
  ),
  workers: required(
    'HALYARD_WORKERS',
    'server',
    countOrProcessors(256),
    '1',
    'Processes that serve; auto for as many as there are processors. They share what the limits below allow.',
  ),
  envFile: optional(
    'HALYARD_ENV_FILE',
    'database',
    path,
    'File with settings, NAME=value in each line, for those that the environment does not have. Read again at SIGHUP.',
  ),
  databaseUrl: optional(
    'DATABASE_URL',
    'database',
    databaseUrl,
    'The PostgreSQL database. Without it an embedded server is started in HALYARD_DATA_DIR.',
  ),
  readDatabaseUrl: optional('READ_DATABASE_URL', 'database', databaseUrl, 'Where definitions are read.'),
  writeDatabaseUrl: optional(
    'WRITE_DATABASE_URL',
    'database',
    databaseUrl,
    'Where definitions are written; comes before DATABASE_URL.',
  ),
  personsReadDatabaseUrl: optional(
    'PERSONS_READ_DATABASE_URL',
    'database',
    databaseUrl,
    'Where persons, groups and memberships are read.',
  ),
  personsWriteDatabaseUrl: optional(
    'PERSONS_WRITE_DATABASE_URL',
    'database',
    databaseUrl,
    'Where the keys of experience continuity are written.',
  ),
  ...pool('read', 'READ', 'non-persons reader'),
  ...pool('write', 'WRITE', 'non-persons writer'),
  ...pool('personsRead', 'PERSONS_READ', 'persons reader'),
  ...pool('personsWrite', 'PERSONS_WRITE', 'persons writer'),
  prepare: required(
    'HALYARD_PREPARE',
    'database',
    boolean,
    'true',
    'Use prepared statements. Behind a pooler in transaction mode they switch themselves off; false saves the one failing try.',
  ),
  dataDir: required('HALYARD_DATA_DIR', 'database', path, './.halyard', 'Folder of the embedded database.'),
  migrate: required(
    'HALYARD_MIGRATE',
    'database',
    boolean,
    'true',
    'Bring the schema up to date at start. A database that belongs to PostHog is never touched.',
  ),
  readOnly: required(
    'HALYARD_READ_ONLY',
    'server',
    boolean,
    'false',
    'Write nothing to a database that the settings name: no tables, and no keys of experience continuity.',
  ),
  redisUrl: optional(
    'REDIS_URL',
    'server',
    redisUrl,
    'Redis or Valkey through which processes share definitions. The service runs without it, too.',
  ),
  redisPrefix: required(
    'HALYARD_REDIS_PREFIX',
    'server',
    text,
    'halyard',
    'Begins every key and channel in Redis. Services on different databases need different ones.',
  ),
  logLevel: required('LOG_LEVEL', 'log', oneOf(logLevels), 'info', 'Least level that is logged; debug explains more.'),
  logIds: required('HALYARD_LOG_IDS', 'log', boolean, 'true', 'Log distinct, device and anonymous ids.'),
  logAddress: required('HALYARD_LOG_ADDRESS', 'log', boolean, 'true', "Log the client's address."),
  trustProxy: required(
    'HALYARD_TRUST_PROXY',
    'server',
    boolean,
    'false',
    "Take the client's address from X-Forwarded-For. Only behind a proxy that sets it.",
  ),
  decideByPath: required(
    'HALYARD_DECIDE_BY_PATH',
    'server',
    boolean,
    'true',
    'Answer /decide in the shapes of the old protocol also without the header X-Original-Endpoint.',
  ),
  typedRecords: required(
    'FLAGS_V3_RESPONSE_ENABLED',
    'server',
    boolean,
    'true',
    'Answer requests for version 3 and above with typed records; false: with the records of version 2.',
  ),
  neighbours: required(
    'HALYARD_NEIGHBOURS',
    'server',
    boolean,
    'true',
    'Accept events, also where they are dropped, and answer the array and survey routes, so that SDKs pointed here stay quiet.',
  ),
  requestTimeoutMs: required(
    'HALYARD_REQUEST_TIMEOUT_MS',
    'server',
    integer(1, DAY_MS),
    '4500',
    'Time of a request from its acceptance, in milliseconds; then 503.',
  ),
  concurrency: required('HALYARD_CONCURRENCY', 'server', integer(1, 1_000_000), '1000', 'Requests that run at once.'),
  queue: required(
    'HALYARD_QUEUE',
    'server',
    integer(0, 1_000_000),
    '2000',
    'Requests that may wait for their turn; the next one gets 504.',
  ),
  queueMs: required(
    'HALYARD_QUEUE_MS',
    'server',
    integer(0, DAY_MS),
    '500',
    'Longest wait of a request for its turn, in milliseconds; then 504. New ones get it at once while one has waited half to three quarters as long, or 0.4 s later on a connection that was refused within the last second.',
  ),
  unknownPerSecond: required(
    'HALYARD_UNKNOWN_PER_SECOND',
    'server',
    integer(0, 1_000_000),
    '100',
    "Tokens of no project that one address may have looked up per second, five seconds' worth at once, and ten times that in all; then 429. 0: any number.",
  ),
  flagsSecretKeys: optional(
    'FLAGS_SECRET_KEYS',
    'server',
    secrets,
    'Keys of encrypted payloads of remote configuration, with commas between them, the newest first. As PostHog has them.',
  ),
  secretKey: optional(
    'SECRET_KEY',
    'server',
    secret,
    'The key of encrypted payloads where FLAGS_SECRET_KEYS is not set. As PostHog has it.',
  ),
  shutdownMs: required(
    'HALYARD_SHUTDOWN_MS',
    'server',
    integer(0, DAY_MS),
    '15000',
    'Longest time from the signal to stop to the end of the process, in milliseconds, whatever hangs. Running requests have most of it.',
  ),
  drainMs: required(
    'HALYARD_DRAIN_MS',
    'server',
    integer(0, DAY_MS),
    '0',
    'Part of HALYARD_SHUTDOWN_MS: how long requests are still taken while /_readiness says 503, for load balancers that look seldom.',
  ),
  ...guardSettings,
  ...managementSettings,
  ...ingestSettings,
  metrics: required('HALYARD_METRICS', 'server', boolean, 'false', 'Answer GET /metrics with Prometheus text.'),
  demo: required(
    'HALYARD_DEMO',
    'server',
    oneOf(['auto', 'never']),
    'auto',
    'Seed a demo project: auto seeds a fresh embedded database.',
  ),
} satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof settingTable;

type ValueOf<S> = S extends Setting<infer T> ? (S extends { readonly default: string } ? T : T | undefined) : never;

/** The settings by name, parsed. */
export type Settings = { readonly [N in SettingName]: ValueOf<(typeof settingTable)[N]> };

/** The command line option of a setting, such as `--data-dir`. */
export function optionOf(setting: Setting<unknown>): string {
  return `--${setting.env
    .replace(/^HALYARD_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
}
