import { appendFileSync, chownSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { migrate } from '../migrate.ts';
import { clientConfig } from '../postgres/client-config.ts';
import { ask } from './ask.ts';
import { waitUntil } from './wait-until.ts';

/** A primary and a streaming replica of it, each a real server. */
export interface ReplicatedPostgres {
  /** Of the primary's database, which has our schema. */
  readonly primary: string;
  /** Of the same database at the replica. */
  readonly replica: string;
  /** From now on commits reach the replica this much later; 0: at once. */
  delay(ms: number): Promise<void>;
  /** Waits until the replica has everything that the primary has now. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

const database = 'halyard_replicated';

/**
 * Starts both. The binaries at hand have no `pg_basebackup`, so the replica begins as a copy of the stopped primary's data. Takes
 * about two seconds.
 */
export async function startReplica(): Promise<ReplicatedPostgres> {
  const folders = ['primary', 'replica'].map((name) => mkdtempSync(join(tmpdir(), `halyard-${name}-`)));
  const [first = '', second = ''] = folders;
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    // The replica first: a primary that stops waits for its replicas to have everything, which a delay prevents.
    for (const end of stops.reverse()) await end();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  const start = async (folder: string, settings: Record<string, string>) => {
    const server = await startEmbeddedPostgres({ folder, database, durable: false, settings });
    stops.push(() => server.stop());
    return server;
  };
  const small = { shared_buffers: '32MB', synchronous_commit: 'on' };
  try {
    const empty = await start(first, small);
    await migrate(empty.url);
    await stops.pop()?.();
    copyData(first, second);
    const primary = await start(first, small);
    beReplica(second, primary.url);
    const replica = await start(second, { ...small, hot_standby: 'on', wal_retrieve_retry_interval: '100ms' });
    return {
      primary: primary.url,
      replica: replica.url,
      async delay(ms) {
        await ask(replica.url, `alter system set recovery_min_apply_delay = ${ms}`, 'select pg_reload_conf()');
        await waitUntil(async () => (await ask(replica.url, delaySql))[0] === ms);
      },
      async caughtUp() {
        const [position] = await ask(primary.url, 'select pg_current_wal_insert_lsn()::text');
        await waitUntil(
          async () => (await ask(replica.url, `select pg_last_wal_replay_lsn() >= '${String(position)}'`))[0] === true,
        );
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const delaySql = `select extract(epoch from current_setting('recovery_min_apply_delay')::interval)::int * 1000`;

/** Copies the data of a stopped server, with their owner. */
function copyData(from: string, to: string): void {
  const source = join(from, 'data');
  const target = join(to, 'data');
  cpSync(source, target, { recursive: true });
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(source);
  const names = readdirSync(target, { recursive: true, encoding: 'utf8' });
  for (const path of [to, target, ...names.map((name) => join(target, name))]) chownSync(path, uid, gid);
}

/** Makes the next start of this data a replica's. */
function beReplica(folder: string, primaryUrl: string): void {
  const { host = '', port = 5432, user = '', password } = clientConfig(primaryUrl, 'primary');
  const connection = Object.entries({ host, port, user, password })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
  const data = join(folder, 'data');
  appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${connection}'\n`);
  writeFileSync(join(data, 'standby.signal'), '');
}
