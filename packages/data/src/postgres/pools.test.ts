import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pause } from '../embedded/postmaster.ts';
import { ask } from '../testing/ask.ts';
import { holdTransaction } from '../testing/hold.ts';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { endpoint } from './client-config.ts';
import type { Endpoint } from './endpoint.ts';
import { PipelinePool } from './pipeline-pool.ts';
import type { StatementEvent } from './pool-events.ts';
import { createRouter, type Router } from './router.ts';
import { poolNames } from '../pool-names.ts';
import { poolLimits, type RouterSettings } from './router-settings.ts';
import type { Statement } from '../statements/statement.ts';

const sql = (text: string, ...values: Statement['values']): Statement => ({ text, values });
const write = 'postgresql://db/flags';

describe('bounds of a pool', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  const routers: Router[] = [];

  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
    proxy = await startTcpProxy(database.url);
  });

  afterEach(async () => {
    await Promise.all(routers.splice(0).map(({ close }) => close()));
    await proxy.refuse();
    await database.drop();
  });

  function open(settings: Partial<RouterSettings> = {}): Router {
    const made = createRouter({ write: proxy.url, ...settings });
    routers.push(made);
    return made;
  }

  const backends = `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  const pid = async ({ mainReader }: Router) =>
    (await mainReader.query(sql('select pg_backend_pid()::text as pid')))[0];

  it('a minimum is kept open without work, also when a connection breaks', async () => {
    const router = open({ pools: { 'persons reader': { minConnections: 2, idleTimeoutMs: 100 } } });
    await waitUntil(() => router.pools()[0]?.connections === 2);
    const before = await ask(database.url, backends);
    expect(before).toHaveLength(2);
    proxy.cut();
    await waitUntil(async () => {
      const now = await ask(database.url, backends);
      return now.length === 2 && now.every((one) => !before.includes(one));
    });
    expect(router.pools()[0]?.connections).toBe(2);
  });

  it('idle connections are closed, and opened again for the next statement', async () => {
    const router = open({ pools: allPools({ idleTimeoutMs: 60 }) });
    await router.mainReader.query(sql('select 1'));
    expect(proxy.open).toBe(1);
    await waitUntil(() => proxy.open === 0);
    expect(proxy.open).toBe(0);
    expect(await router.mainReader.query(sql(`select 'x' as x`))).toEqual([{ x: 'x' }]);
  });

  it('old connections are replaced before they go, and nothing fails', async () => {
    const router = open({ maxConnections: 1, pools: allPools({ maxLifetimeMs: 80 }) });
    const first = await pid(router);
    const seen = new Set([first?.['pid']]);
    for (const until = performance.now() + 2_000; performance.now() < until && seen.size < 3; await pause(5)) {
      seen.add((await pid(router))?.['pid']);
    }
    expect(seen.size).toBe(3);
    await waitUntil(() => proxy.open === 1);
    expect(proxy.open).toBe(1);
  });

  const allPools = (limits: Partial<NonNullable<RouterSettings['pools']>[(typeof poolNames)[number]]>) =>
    Object.fromEntries(poolNames.map((name) => [name, limits]));

  it('every pool has its own', async () => {
    const router = open({
      read: `${database.url}${database.url.includes('?') ? '&' : '?'}application_name=reader`,
      pools: {
        'non-persons reader': { maxConnections: 5, statementTimeoutMs: 40 },
        'non-persons writer': { statementTimeoutMs: 7_000 },
      },
    });
    expect(router.pools()).toMatchObject([
      { names: ['persons reader', 'non-persons reader'], maxConnections: 5 },
      { names: ['persons writer', 'non-persons writer'], maxConnections: 2 },
    ]);
    expect(await router.mainWriter.query(sql('show statement_timeout'))).toEqual([{ statement_timeout: '7s' }]);
    // Shared with the persons reader, whose default is longer.
    expect(await router.mainReader.query(sql('show statement_timeout'))).toEqual([{ statement_timeout: '3s' }]);
  });

  it('nobody waits behind a large answer while another connection can be had', async () => {
    const router = open({ maxConnections: 2 });
    const end = await holdTransaction(database.url, 'select pg_advisory_xact_lock(7)');
    let come = false;
    const large = router.mainReader.query(sql('select pg_advisory_xact_lock(7)'), true).then(() => (come = true));
    await waitUntil(() => router.pools().some(({ underWay }) => underWay === 1));
    // Without another connection they would come after it, which waits for a lock.
    for (let i = 0; i < 20; i++) expect(await router.mainReader.query(sql(`select 'x' as x`))).toEqual([{ x: 'x' }]);
    expect(come).toBe(false);
    await end();
    await large;
  });

  it('where no other can be had, they come after it', async () => {
    const real = endpoint(database.url, 'persons reader URL');
    let connects = 0;
    const connect: Endpoint['connect'] = (...how) =>
      connects++ === 0 ? real.connect(...how) : Promise.reject(new Error('no more'));
    const failing = { connect } as Endpoint;
    const pool = new PipelinePool({
      endpoint: failing,
      names: ['persons reader'],
      ...poolLimits({ write }, 'persons reader'),
      prepare: true,
    });
    const end = await holdTransaction(database.url, 'select pg_advisory_xact_lock(7)');
    const large = pool.query(sql('select pg_advisory_xact_lock(7)'), 'persons reader', true);
    await waitUntil(() => pool.state.underWay === 1);
    const small = Array.from({ length: 3 }, () => pool.query(sql(`select 'x' as x`), 'persons reader', false));
    await waitUntil(() => connects === 2 && pool.state.underWay === 4);
    await end();
    await large;
    expect(await Promise.all(small)).toEqual([[{ x: 'x' }], [{ x: 'x' }], [{ x: 'x' }]]);
    await pool.close();
  });

  it('D39: tells of every statement: its pool, its waiting and how it failed', async () => {
    const events: StatementEvent[] = [];
    const router = open({ onStatement: (event) => events.push(event) });
    await router.personsReader.query(sql('select 1'));
    await router.mainWriter.query(sql('select 1 / 0')).catch(() => undefined);
    await proxy.refuse();
    await router.mainReader.query(sql('select 1')).catch(() => undefined);
    expect(events).toMatchObject([
      { pool: 'persons reader', failure: null, attempts: 1 },
      { pool: 'non-persons writer', failure: 'query', attempts: 1 },
      { pool: 'non-persons reader', failure: 'unavailable' },
    ]);
    expect(events[0]?.acquireMs).toBeGreaterThan(0); // it opened the connection
    expect(events[0]?.totalMs).toBeGreaterThanOrEqual(events[0]?.acquireMs ?? Infinity);
  });

  it('D39: says how much of it is in use', async () => {
    const router = open({ maxConnections: 1 });
    expect(router.pools()).toMatchObject([{ connections: 0, underWay: 0, waiting: 0, utilisation: 0 }]);
    const slow = [1, 2].map(() => router.mainReader.query(sql('select pg_sleep(0.1)')));
    await waitUntil(() => router.pools()[0]?.underWay === 2);
    expect(router.pools()).toMatchObject([{ connections: 1, underWay: 2, utilisation: 2 / 64 }]);
    await Promise.all(slow);
    expect(router.pools()).toMatchObject([{ connections: 1, underWay: 0, utilisation: 0 }]);
  });

  it('no error shows a value or a password', async () => {
    const url = proxy.url.replace('@127', ':hunter2-password@127');
    const router = open({ write: url });
    const shown: string[] = [];
    const failing = [
      sql(`select $1::int`, 'phc_a_whole_token'),
      sql(`select 1 / length($1::text) - length($1::text) / 0`, 'phc_a_whole_token'),
    ];
    for (const statement of failing) {
      const error: unknown = await router.mainReader.query(statement).catch((thrown: unknown) => thrown);
      shown.push(inspect(error, { depth: Infinity, showHidden: true }));
    }
    await proxy.refuse();
    const gone: unknown = await router.mainReader
      .query(sql('select $1', 'phc_a_whole_token'))
      .catch((thrown: unknown) => thrown);
    shown.push(inspect(gone, { depth: Infinity, showHidden: true }));
    expect(shown.join('\n')).not.toMatch(/hunter2-password|phc_a_whole_token/);
  });

  it('a minimum above the maximum is the maximum', async () => {
    const router = open({ maxConnections: 1, pools: { 'persons reader': { minConnections: 9 } } });
    await waitUntil(() => router.pools()[0]?.connections === 1);
    await pause(50);
    expect(router.pools()[0]?.connections).toBe(1);
  });
});

describe('bounds that cannot be used', () => {
  it.each<[Partial<RouterSettings>, string]>([
    [{ maxConnections: 0 }, 'persons reader: a pool needs at least one connection, not 0'],
    [{ maxConnections: 1.5 }, 'persons reader: a pool needs at least one connection, not 1.5'],
    [
      { pools: { 'persons writer': { maxConnections: 0 } } },
      'persons writer: a pool needs at least one connection, not 0',
    ],
    [{ acquireTimeoutMs: 0 }, 'persons reader: acquireTimeoutMs must be a whole number from 1 to 2147483647, not 0'],
    [
      { statementTimeoutMs: { 'non-persons reader': -1 } },
      'non-persons reader: statementTimeoutMs must be a whole number from 0 to 2147483647, not -1',
    ],
    [
      { pools: { 'non-persons writer': { idleTimeoutMs: Number.NaN } } },
      'non-persons writer: idleTimeoutMs must be a whole number from 0 to 2147483647, not NaN',
    ],
  ])('%j is refused with one line', (settings, message) => {
    expect(() => createRouter({ write, ...settings })).toThrow(new Error(message));
  });
});
