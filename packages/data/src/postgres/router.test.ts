import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../store-error.ts';
import { ask } from '../testing/ask.ts';
import { startCountingProxy } from '../testing/counting-proxy.ts';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { createRouter, type Router } from './router.ts';
import { poolUrls, type RouterSettings, urlsFromEnvironment } from './router-settings.ts';
import type { Statement } from '../statements/statement.ts';

const sql = (text: string, ...values: Statement['values']): Statement => ({ text, values });

describe('the router', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  const routers: Router[] = [];

  beforeAll(async () => {
    database = await createTestDatabase({ empty: true });
  });

  beforeEach(async () => {
    proxy = await startTcpProxy(database.url);
  });

  afterEach(async () => {
    await Promise.all(routers.splice(0).map(({ close }) => close()));
    await proxy.refuse();
  });

  afterAll(() => database.drop());

  function open(settings: Partial<RouterSettings> = {}): Router {
    const made = createRouter({ write: proxy.url, ...settings });
    routers.push(made);
    return made;
  }

  const failure = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => null,
      (error: unknown) => error,
    );

  it('opens no connection before the first statement', async () => {
    open();
    expect(proxy.open).toBe(0);
  });

  it('D33, D34: makes pools with equal URLs one pool, under four names', async () => {
    const { personsReader, personsWriter, mainReader, mainWriter } = open({ maxConnections: 1 });
    const pids = [personsReader, personsWriter, mainReader, mainWriter].map((executor) =>
      executor.query(sql('select pg_backend_pid()::text as pid')),
    );
    expect(new Set((await Promise.all(pids)).map(([row]) => row?.['pid'])).size).toBe(1);
    expect(await failure(personsWriter.query(sql('select nonsense')))).toMatchObject({ pool: 'persons writer' });
    expect(await failure(mainReader.query(sql('select nonsense')))).toMatchObject({ pool: 'non-persons reader' });
  });

  it('sends what several callers ask at once down few connections', async () => {
    const { mainReader } = open({ maxConnections: 2 });
    await Promise.all(Array.from({ length: 40 }, () => mainReader.query(sql('select 1'))));
    expect(proxy.open).toBeLessThanOrEqual(2);
  });

  it('answers every caller with their own rows', async () => {
    const { mainReader } = open();
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const rows = await Promise.all(numbers.map((n) => mainReader.query(sql('select $1::text as n', String(n)))));
    expect(rows.map(([row]) => Number(row?.['n']))).toEqual(numbers);
  });

  it('one bad statement fails one caller', async () => {
    const { mainReader } = open({ maxConnections: 1 });
    const [good, bad, alsoGood] = await Promise.allSettled([
      mainReader.query(sql('select 1')),
      mainReader.query(sql('select 1 / 0')),
      mainReader.query(sql('select 2')),
    ]);
    expect([good.status, bad.status, alsoGood.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('D124: an error that would come again is not asked for again', async () => {
    const counting = await startCountingProxy(database.url);
    const router = createRouter({ write: counting.url });
    try {
      await router.mainReader.query(sql('select 1'));
      counting.reset();
      expect(await failure(router.mainReader.query(sql('select 1 / 0')))).toMatchObject({ code: '22012' });
      expect(await failure(router.mainReader.query(sql('select nothing from nowhere')))).toMatchObject({
        code: '42P01',
      });
      // The second is refused when it is parsed, so it is never executed.
      expect(counting.counts).toMatchObject({ statements: 2, roundTrips: 2 });
    } finally {
      await router.close();
      await counting.close();
    }
  });

  it('D42, D118: sends a statement again, on another connection, when its own breaks', async () => {
    const { mainReader } = open({ maxConnections: 1 });
    await mainReader.query(sql('select 1'));
    const slow = mainReader.query(sql('select pg_sleep(0.2), 7::text as n'));
    await waitUntil(async () => (await ask(database.url, sleeping)).length > 0);
    proxy.cut();
    expect(await slow).toMatchObject([{ n: '7' }]);
  });

  const sleeping = `select 1 from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'`;

  it('D118: sends a statement again when the server hangs up on it', async () => {
    const { mainReader } = open({ maxConnections: 1 });
    const slow = mainReader.query(sql('select pg_sleep(0.2), 7::text as n'));
    await waitUntil(async () => (await ask(database.url, sleeping)).length > 0);
    await ask(
      database.url,
      `select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep%'`,
    );
    expect(await slow).toMatchObject([{ n: '7' }]);
  });

  it('says that the server is away, at once, and finds it again by itself', async () => {
    const { mainReader } = open();
    await proxy.refuse();
    expect(await failure(mainReader.query(sql('select 1')))).toMatchObject({
      kind: 'unavailable',
      pool: 'non-persons reader',
    });
    expect(await failure(mainReader.query(sql('select 1')))).toMatchObject({ kind: 'unavailable' });
    await proxy.accept();
    await waitUntil(async () => (await failure(mainReader.query(sql('select 1')))) === null);
    expect(await mainReader.query(sql('select 1::text as n'))).toEqual([{ n: '1' }]);
  });

  it('gives up on a server that has fallen silent, and heals when it speaks again', async () => {
    const { mainReader } = open({ maxConnections: 1, statementTimeoutMs: timeouts(50) });
    await mainReader.query(sql('select 1'));
    proxy.freeze();
    expect(await failure(mainReader.query(sql('select 1')))).toMatchObject({ kind: 'timeout' });
    proxy.thaw();
    expect(await mainReader.query(sql('select 1::text as n'))).toEqual([{ n: '1' }]);
  });

  it('gives up on a server that takes a connection and says nothing', async () => {
    const { mainReader } = open({ acquireTimeoutMs: 100 });
    proxy.freeze();
    expect(await failure(mainReader.query(sql('select 1')))).toBeInstanceOf(StoreError);
    proxy.thaw();
    await waitUntil(async () => (await failure(mainReader.query(sql('select 1')))) === null);
    expect(await mainReader.query(sql('select 1::text as n'))).toEqual([{ n: '1' }]);
  });

  const timeouts = (ms: number) => ({
    'persons reader': ms,
    'persons writer': ms,
    'non-persons reader': ms,
    'non-persons writer': ms,
  });

  it('D37: the server ends a statement that takes too long', async () => {
    const { mainReader } = open({ statementTimeoutMs: timeouts(30) });
    expect(await failure(mainReader.query(sql('select pg_sleep(5)')))).toMatchObject({
      kind: 'timeout',
      code: '57014',
    });
  });

  it('a pool shared by several names has the longest of their time-outs', async () => {
    const { mainReader } = open();
    expect(await mainReader.query(sql('show statement_timeout'))).toEqual([{ statement_timeout: '3s' }]);
  });

  it('a statement waits only so long for a place', async () => {
    const { mainReader } = open({ maxConnections: 1, acquireTimeoutMs: 50 });
    const slow = mainReader.query(sql('select pg_sleep(0.3)'));
    const results = await Promise.all(Array.from({ length: 69 }, () => failure(mainReader.query(sql('select 1')))));
    await slow;
    const refused = results.filter((error) => error !== null);
    expect(refused).toHaveLength(6);
    expect(refused[0]).toMatchObject({ kind: 'no_more_connections', pool: 'non-persons reader' });
  });

  it('closing lets statements under way finish, and refuses new ones', async () => {
    const { mainReader, close } = open();
    const last = mainReader.query(sql('select pg_sleep(0.05), 1::text as n'));
    await waitUntil(() => proxy.open > 0);
    await waitUntil(async () => (await ask(database.url, sleeping)).length > 0);
    await close();
    expect(await last).toMatchObject([{ n: '1' }]);
    await waitUntil(() => proxy.open === 0);
    expect(proxy.open).toBe(0);
    expect(await failure(mainReader.query(sql('select 1')))).toBeInstanceOf(StoreError);
  });
});

describe('router settings', () => {
  const write = 'postgresql://main-writer/db';
  const read = 'postgresql://main-reader/db';
  const personsRead = 'postgresql://persons-reader/db';
  const personsWrite = 'postgresql://persons-writer/db';

  it.each([
    ['one URL serves all', { write }, [write, write, write, write]],
    ['a reader serves both readers', { write, read }, [read, write, read, write]],
    [
      'persons readers fall back to persons writers',
      { write, read, personsWrite },
      [personsWrite, personsWrite, read, write],
    ],
    ['four URLs', { write, read, personsRead, personsWrite }, [personsRead, personsWrite, read, write]],
    ['an empty URL is none', { write, read: ' ', personsRead: '' }, [write, write, write, write]],
  ])('D34: %s', (_what, settings, urls) => {
    expect(Object.values(poolUrls(settings))).toEqual(urls);
  });

  it('come from the environment', () => {
    expect(urlsFromEnvironment({ DATABASE_URL: write, PERSONS_READ_DATABASE_URL: personsRead })).toMatchObject({
      write,
      personsRead,
    });
    expect(urlsFromEnvironment({ DATABASE_URL: read, WRITE_DATABASE_URL: write })).toMatchObject({ write });
    expect(urlsFromEnvironment({ READ_DATABASE_URL: read })).toBeNull();
  });

  it.each(['http://user:hunter2@example.com/db', 'hunter2', 'postgresql://user:hunter2@:notaport/db'])(
    'refuse %j without showing it',
    (url) => {
      expect(() => createRouter({ write: url })).toThrow(/^persons reader URL: not a (valid )?PostgreSQL URL/);
      expect(() => createRouter({ write: url })).not.toThrow(/hunter2/);
    },
  );

  it('refuse a pool without connections', () => {
    expect(() => createRouter({ write, maxConnections: 0 })).toThrow('a pool needs at least one connection, not 0');
  });
});
