import { readdirSync, readFileSync } from 'node:fs';
import { migrate } from '@halyard/data';
import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchHost, openBatchHost } from './batch-host.cases.ts';
import { halyard } from './index.ts';
import type { Migration } from './migrations.ts';

/** As the bundler puts them in. */
const folder = new URL('../../data/migrations/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
const migrations: readonly Migration[] = files
  .sort((a, b) => a.localeCompare(b, 'en'))
  .map((name) => ({ name: name.slice(0, -4), sql: readFileSync(new URL(name, folder), 'utf8') }));
const names = migrations.map(({ name }) => name);

describe('migrations over text', () => {
  let database: TestDatabase;
  const hosts: BatchHost[] = [];

  async function host(): Promise<BatchHost> {
    const opened = await openBatchHost(database.url);
    hosts.push(opened);
    return opened;
  }

  const migrated = async (by: BatchHost) => JSON.parse(await by.run('migrate', {})) as object;
  const tables = () => ask(database.url, `select count(*)::int from pg_tables where schemaname = 'public'`);

  beforeEach(async () => {
    globalThis.HALYARD_MIGRATIONS = migrations;
    database = await createTestDatabase({ empty: true });
  });

  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((opened) => opened.close()));
    await database.drop();
    globalThis.HALYARD_MIGRATIONS = undefined;
  });

  it('are handed out as they stand in their files', () => {
    expect(JSON.parse(halyard.migrations('').slice(1))).toEqual(migrations);
  });

  it("D32: make the tables once, also in another Django project's database, and are no news to the service", async () => {
    await ask(database.url, `create table django_migrations as select 'shop' as app`);
    const one = await host();
    expect(await migrated(one)).toEqual({ ran: names });
    expect(await migrated(one)).toEqual({ ran: [] });
    expect(await migrate(database.url)).toEqual([]);
    expect(await ask(database.url, 'select name from halyard_migrations order by id')).toEqual(names);
  });

  it('D32: what the service has run is not run again, and what is missing is', async () => {
    globalThis.HALYARD_MIGRATIONS = migrations.slice(0, 3);
    await migrated(await host());
    expect(await migrate(database.url)).toEqual(names.slice(3));
    globalThis.HALYARD_MIGRATIONS = [...migrations, { name: '9999_more', sql: 'create table more (id integer)' }];
    expect(await migrated(await host())).toEqual({ ran: ['9999_more'] });
  });

  it('run once when several processes start together', async () => {
    const several = [await host(), await host(), await host()];
    const ran = (await Promise.all(several.map(migrated))) as { ran: string[] }[];
    expect(ran.map((one) => one.ran.length).sort((a, b) => a - b)).toEqual([0, 0, names.length]);
  });

  it('run all or not at all', async () => {
    globalThis.HALYARD_MIGRATIONS = [...migrations, { name: '9999_broken', sql: 'create table broken (id nothing)' }];
    await expect(migrated(await host())).rejects.toThrow('type "nothing" does not exist');
    expect(await tables()).toEqual([0]);
  });

  it.each([
    ['that PostHog manages', `create table django_migrations as select 'posthog' as app`],
    ['with flags that are not ours', 'create table posthog_featureflag (id integer)'],
    ['with persons that are not ours', 'create table posthog_person (id integer)'],
  ])('D32: leave a database %s as it is', async (_, sql) => {
    await ask(database.url, sql);
    expect(await migrated(await host())).toEqual({ theirs: true });
    expect(await tables()).toEqual([1]);
  });
});
