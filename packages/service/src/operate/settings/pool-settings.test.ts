import { createTestDatabase, startCountingProxy, type TestDatabase } from '@halyard/data/testing';
import { createRouter, type Executor, type Router } from 'halyard/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../compose.ts';
import { type Database, openDatabase } from '../database.ts';
import { demoRequest } from '../../demo/demo.ts';
import { seedDemo } from '../../demo/seed-demo.ts';
import { createLog } from '../log/logger.ts';
import { openLoggedProjects } from '../../projects.ts';
import { readSettings } from './read-settings.ts';
import { type Setting, settingTable } from './table.ts';

/** Far more than the statements that a start and its look at the definitions take. */
const requests = 50;

const log = createLog('silent', 2);

/** Each pool by the beginning of its settings' names. */
const pools = {
  READ: { name: 'non-persons reader', url: 'READ_DATABASE_URL', executor: ({ mainReader }: Router) => mainReader },
  WRITE: { name: 'non-persons writer', url: 'WRITE_DATABASE_URL', executor: ({ mainWriter }: Router) => mainWriter },
  PERSONS_READ: {
    name: 'persons reader',
    url: 'PERSONS_READ_DATABASE_URL',
    executor: ({ personsReader }: Router) => personsReader,
  },
  PERSONS_WRITE: {
    name: 'persons writer',
    url: 'PERSONS_WRITE_DATABASE_URL',
    executor: ({ personsWriter }: Router) => personsWriter,
  },
} as const;

type Prefix = keyof typeof pools;
const prefixes = Object.keys(pools) as Prefix[];

/** Every setting of a pool that there is, each with a value of its own. */
const poolSettings = Object.fromEntries(
  Object.values<Setting<unknown>>(settingTable)
    .filter(({ env }) => !env.startsWith('HALYARD_INGEST') && /_(POOL_SIZE|(ACQUIRE|STATEMENT)_TIMEOUT_MS)$/.test(env))
    .map(({ env }, at) => [env, String(env.endsWith('_SIZE') ? 10 + at : 60_001 + at)]),
);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedDemo(database.url);
});

afterAll(() => database.drop());

describe('the settings of the pools reach the router', () => {
  let opened: Database;
  let router: Router;

  beforeAll(async () => {
    const urls = Object.fromEntries(prefixes.map((prefix) => [pools[prefix].url, urlFor(prefix)] as const));
    const settings = readSettings({ ...urls, ...poolSettings });
    opened = await openDatabase(settings, { join: false, logger: log.logger, onProgress: () => undefined });
    router = createRouter(opened.urls);
  });

  afterAll(() => router.close());

  /** A URL of its own for each pool, so that no two are one. */
  function urlFor(prefix: Prefix): string {
    const url = new URL(database.url);
    url.searchParams.set('application_name', prefix);
    return url.href;
  }

  async function serverSetting(executor: Executor, name: string): Promise<string | null | undefined> {
    const [row] = await executor.query({ text: 'select current_setting($1) as value', values: [name] });
    return row?.['value'];
  }

  it('there are three of each', () => {
    expect(Object.keys(poolSettings).sort()).toEqual(
      prefixes.flatMap((p) => [`${p}_ACQUIRE_TIMEOUT_MS`, `${p}_POOL_SIZE`, `${p}_STATEMENT_TIMEOUT_MS`]).sort(),
    );
  });

  it.each(prefixes)('%s_DATABASE_URL, its size and its time-outs', async (prefix) => {
    const { name, executor } = pools[prefix];
    const own = executor(router);
    expect(await serverSetting(own, 'application_name')).toBe(prefix);
    expect(await serverSetting(own, 'statement_timeout')).toBe(`${poolSettings[`${prefix}_STATEMENT_TIMEOUT_MS`]}ms`);
    expect(own.acquireTimeoutMs).toBe(Number(poolSettings[`${prefix}_ACQUIRE_TIMEOUT_MS`]));
    const size = router.pools().find(({ names }) => names.includes(name))?.maxConnections;
    expect(size).toBe(Number(poolSettings[`${prefix}_POOL_SIZE`]));
  });

  it('those of the service are the same', async () => {
    const projects = openLoggedProjects(opened.urls, log);
    const bounds = (all: ReturnType<Router['pools']>) =>
      all.map(({ names, maxConnections }) => [names, maxConnections]);
    expect(bounds(projects.pools())).toEqual(bounds(router.pools()));
    await projects.close();
  });
});

it.each([
  ['true', 'only the first', (parses: number) => parses < requests],
  ['false', 'every one', (parses: number) => parses >= requests],
])('HALYARD_PREPARE=%s: of like statements %s is parsed', async (prepare, _which, fits) => {
  const proxy = await startCountingProxy(database.url);
  const settings = readSettings({ DATABASE_URL: proxy.url, PORT: '0', HALYARD_PREPARE: prepare });
  const service = await startService(settings, { log, onProgress: () => undefined });
  for (let i = 0; i < requests; i++) {
    const response = await fetch(`${service.url}/flags?v=2`, { method: 'POST', body: JSON.stringify(demoRequest) });
    expect(await response.json()).toMatchObject({ errorsWhileComputingFlags: false });
  }
  expect(proxy.counts.statements).toBeGreaterThanOrEqual(requests);
  expect(proxy.counts.parses).toSatisfy(fits);
  await service.close();
  await proxy.close();
});
