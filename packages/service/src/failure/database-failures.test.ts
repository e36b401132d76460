import { renameSync } from 'node:fs';
import { join } from 'node:path';
import {
  ask,
  createTestDatabase,
  holdTransaction,
  startTcpProxy,
  startThrowawayPostgres,
  type TestDatabase,
  waitUntil,
} from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newPerson, visitor, writeProject } from './flags-project.cases.ts';
import { type ServiceProcess, serviceProcesses, type Warning } from './service-process.cases.ts';
import { askFlags, isWhole, Traffic } from './traffic.cases.ts';

describe('the service while its database fails', () => {
  const start = serviceProcesses();
  let database: TestDatabase;
  let traffic: Traffic | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
    await writeProject(database.url);
  });

  afterEach(async () => {
    await traffic?.stop();
    traffic = undefined;
    await database.drop();
  });

  /** Two of the pool, one for change notices, and one that is being replaced. */
  const mostConnections = 4;

  /** Connections of the service to a database. */
  const connections = async (url: string): Promise<number> => {
    const [count] = await ask(
      url,
      `select count(*)::int from pg_stat_activity where datname = current_database() and application_name = 'halyard'
          and pid <> pg_backend_pid()`,
    );
    return Number(count);
  };

  /** The service has every flag right again without a restart, leaks nothing, has complained of nothing, and stops when asked. */
  async function expectHealed(
    service: ServiceProcess,
    load: Traffic,
    url: string,
    tolerated: readonly string[] = [],
  ): Promise<void> {
    expect(await load.healthy()).toBe(true);
    expect(await connections(url)).toBeLessThanOrEqual(mostConnections);
    await load.stop();
    expect(load.wrong.filter((text) => !tolerated.includes(text))).toEqual([]);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    expect(await connections(url)).toBe(0);
    expectFewLines(service.warnings);
  }

  /** H218: of a request of one second a tenth is left when its facts are given up, which a busy machine may take for itself. */
  const tooBusy = ['503 The request took too long.'];

  const everyRequestMeets = new Set([
    'a read from the database failed',
    'definitions could not be read',
    'change notices do not arrive; polling goes on',
    'the database is not ready; trying again',
  ]);

  /** Per pool and class of failure a line every ten seconds, and one at the end. */
  function expectFewLines(warnings: readonly Warning[]): void {
    const kinds = new Map<string, Warning[]>();
    for (const line of warnings.filter(({ msg }) => everyRequestMeets.has(msg))) {
      const kind = `${line.msg} ${line.err?.pool} ${line.err?.kind ?? line.err?.type}`;
      kinds.set(kind, [...(kinds.get(kind) ?? []), line]);
    }
    for (const [first, ...others] of kinds.values()) {
      const seconds = ((others.at(-1)?.time ?? 0) - (first?.time ?? 0)) / 1000;
      expect(others.length).toBeLessThanOrEqual(1 + Math.max(0, seconds / 10));
    }
  }

  /** How many failures the lines with this message stand for. */
  function told(warnings: readonly Warning[], message: string): number {
    return warnings.reduce((sum, { msg, suppressed = 1 }) => (msg === message ? sum + suppressed : sum), 0);
  }

  it('E160: a server killed under load is reported, and healed when it is back', async () => {
    // What it has confirmed survives the kill.
    const server = await startThrowawayPostgres({ synchronous_commit: 'on' });
    const own = await createTestDatabase({}, server.url);
    await writeProject(own.url);
    const service = await start({ DATABASE_URL: own.url });
    traffic = new Traffic(service.url);
    expect(await traffic.healthy()).toBe(true);
    // Without its data the server cannot be started again as fast as nobody would notice.
    const data = join(server.folder, 'data');
    renameSync(data, `${data}.away`);
    process.kill(server.pid, 'SIGKILL');
    expect(await traffic.sees('database_unavailable')).toBe(true);
    renameSync(`${data}.away`, data);
    await expectHealed(service, traffic, own.url);
    expect(traffic.codes).toEqual(['database_unavailable', 'hash_key_override_error']);
    // Few lines, but every failure is counted.
    const failed = traffic.answers.filter(({ codes }) => codes.size > 0);
    expect(told(service.warnings, 'a read from the database failed')).toBeGreaterThanOrEqual(failed.length);
    await server.stop();
  });

  it('E163: a database that falls silent is reported in time, and healed when it speaks again', async () => {
    const proxy = await startTcpProxy(database.url);
    const service = await start({ DATABASE_URL: proxy.url, HALYARD_REQUEST_TIMEOUT_MS: '1000' });
    traffic = new Traffic(service.url);
    expect(await traffic.healthy()).toBe(true);
    proxy.freeze();
    expect(await traffic.sees('timeout')).toBe(true);
    proxy.thaw();
    await expectHealed(service, traffic, database.url, tooBusy);
    await proxy.refuse();
  });

  it('E163: statements that wait for a lock are given up within the time of the request, and healed when it is gone', async () => {
    // Shorter than one statement may take: those that wait behind others meet the same limit.
    const service = await start({ DATABASE_URL: database.url, HALYARD_REQUEST_TIMEOUT_MS: '1000' });
    traffic = new Traffic(service.url);
    expect(await traffic.healthy()).toBe(true);
    const release = await holdTransaction(database.url, 'lock table posthog_persondistinctid in access exclusive mode');
    expect(await traffic.sees('timeout')).toBe(true);
    await waitUntil(() => (traffic?.answers.filter(({ codes }) => codes.has('timeout')).length ?? 0) > 10);
    await release();
    await expectHealed(service, traffic, database.url, tooBusy);
  });

  it('E163: a server without free connections is reported, and healed when it has some', async () => {
    const role = `app_${process.pid}`;
    await ask(
      database.url,
      `create role ${role} login`,
      `grant select, insert, update on all tables in schema public to ${role}`,
    );
    const service = await start({ DATABASE_URL: database.url.replace('user=halyard', `user=${role}`) });
    traffic = new Traffic(service.url);
    expect(await traffic.healthy()).toBe(true);
    await ask(
      database.url,
      `alter role ${role} connection limit 0`,
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`,
    );
    expect(await traffic.sees('no_more_connections')).toBe(true);
    await ask(database.url, `alter role ${role} connection limit -1`);
    await expectHealed(service, traffic, database.url);
    await ask(database.url, `drop owned by ${role}`, `drop role ${role}`);
  });

  it('E160, H222: with only the persons reader gone, flags that need no stored facts are right', async () => {
    const reader = await startTcpProxy(database.url);
    const service = await start({ DATABASE_URL: database.url, PERSONS_READ_DATABASE_URL: reader.url });
    traffic = new Traffic(service.url);
    expect(await traffic.healthy()).toBe(true);
    await reader.refuse();
    expect(await traffic.sees('database_unavailable')).toBe(true);
    await reader.accept();
    await expectHealed(service, traffic, database.url);
    await reader.refuse();
  });

  it('E158: with only the writer gone, everything that is only read is right, and a key that cannot be stored is reported', async () => {
    const writer = await startTcpProxy(database.url);
    const reader = await startTcpProxy(database.url);
    const service = await start({ DATABASE_URL: writer.url, READ_DATABASE_URL: reader.url });
    traffic = new Traffic(service.url);
    expect(await traffic.healthy()).toBe(true);
    await writer.refuse();
    // A visitor who signs in now has a key to store (E158).
    const newcomer = await askFlags(service.url, { distinct_id: newPerson, $anon_distinct_id: visitor });
    expect(newcomer.codes).toEqual(new Set(['hash_key_override_error']));
    expect(await traffic.healthy()).toBe(true);
    await writer.accept();
    await expectHealed(service, traffic, database.url);
    expect(traffic.codes).toEqual([]);
    await Promise.all([writer.refuse(), reader.refuse()]);
  });

  it('H86: a project that has not been read before the database went is no unknown token, and is there when it is back', async () => {
    const proxy = await startTcpProxy(database.url);
    const service = await start({ DATABASE_URL: proxy.url });
    await proxy.refuse();
    for (let i = 0; i < 3; i++) {
      expect(await askFlags(service.url)).toMatchObject({ status: 503, text: 'The database cannot be reached.' });
    }
    await proxy.accept();
    await expect.poll(() => askFlags(service.url), { timeout: 5_000 }).toSatisfy(isWhole);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    expect(told(service.warnings, 'definitions could not be read')).toBeGreaterThanOrEqual(3);
    expectFewLines(service.warnings);
    await proxy.refuse();
  });

  it('H215: a service that starts while its database is away says that it is not ready, and serves when it is there', async () => {
    const empty = await createTestDatabase({ empty: true });
    const proxy = await startTcpProxy(empty.url);
    await proxy.refuse();
    const service = await start({ DATABASE_URL: proxy.url, HALYARD_MIGRATE: 'true' });
    const readiness = async (): Promise<string> => (await fetch(`${service.url}/_readiness`)).text();
    expect(await readiness()).toBe('waiting for the database');
    expect((await fetch(`${service.url}/_liveness`)).status).toBe(200);
    expect(await askFlags(service.url)).toMatchObject({ status: 503, text: 'The database cannot be reached.' });
    await proxy.accept();
    await expect.poll(readiness, { timeout: 10_000 }).toBe('ready');
    await writeProject(empty.url);
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    expect(told(service.warnings, 'the database is not ready; trying again')).toBeGreaterThanOrEqual(1);
    expectFewLines(service.warnings);
    await proxy.refuse();
    await empty.drop();
  });

  it('rule 7: a service that starts while only the writer is gone serves, and the tables are brought up to date later', async () => {
    const writer = await startTcpProxy(database.url);
    await writer.refuse();
    const service = await start({ DATABASE_URL: writer.url, READ_DATABASE_URL: database.url, HALYARD_MIGRATE: 'true' });
    expect((await fetch(`${service.url}/_readiness`)).status).toBe(200);
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    await writer.accept();
    await expect.poll(() => service.out, { timeout: 10_000 }).toContain('the database is ready');
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    await writer.refuse();
  });

  it('H220: a stop signal under load lets every request finish', async () => {
    const service = await start({ DATABASE_URL: database.url });
    traffic = new Traffic(service.url);
    expect(await traffic.healthy()).toBe(true);
    const ended = service.stop();
    await waitUntil(() => traffic?.answers.at(-1)?.status === 0);
    await traffic.stop();
    expect(await ended).toEqual({ code: 0, err: '' });
    const answered = traffic.answers.filter(({ status }) => status !== 0);
    expect(answered.every(isWhole)).toBe(true);
    // Those who came later found nobody listening; nobody was cut off.
    const cut = traffic.answers.filter(({ status, text }) => status === 0 && !text.includes('ECONNREFUSED'));
    expect(cut).toEqual([]);
    expect(await connections(database.url)).toBe(0);
  });
});
