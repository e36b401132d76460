import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { belongsToPostHog, migrate, PostHogDatabaseError } from './migrate.ts';
import { ask } from './testing/ask.ts';
import { createTestDatabase, type TestDatabase } from './testing/throwaway-postgres.ts';

const all = readdirSync(new URL('../migrations', import.meta.url))
  .map((file) => file.replace(/\.sql$/, ''))
  .sort();

describe('migrations', () => {
  const databases: TestDatabase[] = [];

  afterEach(async () => {
    await Promise.all(databases.splice(0).map((database) => database.drop()));
  });

  async function emptyDatabase(): Promise<string> {
    const database = await createTestDatabase({ empty: true });
    databases.push(database);
    return database.url;
  }

  it('D32: create the schema in an empty database, once', async () => {
    const url = await emptyDatabase();
    const lines: string[] = [];
    expect(await migrate(url, { log: (line) => lines.push(line) })).toEqual(all);
    expect(all.slice(0, 2)).toEqual(['0001_definitions', '0002_persons']);
    expect(await migrate(url)).toEqual([]);
    expect(lines).toEqual(all.map((name) => `migration ${name}`));
  });

  it('run once when several processes start together', async () => {
    const url = await emptyDatabase();
    const ran = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    expect(ran.map((names) => names.length).sort((a, b) => a - b)).toEqual([0, 0, all.length]);
  });

  it('refuse a database that PostHog manages, and leave it as it is', async () => {
    const url = await emptyDatabase();
    await ask(url, `create table django_migrations as select 'posthog' as app`);
    await expect(migrate(url)).rejects.toThrow(PostHogDatabaseError);
    expect(await ask(url, `select count(*)::int from pg_tables where schemaname = 'public'`)).toEqual([1]);
  });

  it('run in a database of another Django project, and again', async () => {
    const url = await emptyDatabase();
    await ask(url, `create table django_migrations as select 'shop' as app`);
    expect(await migrate(url)).toEqual(all);
    expect(await belongsToPostHog(url)).toBe(false);
    expect(await migrate(url)).toEqual([]);
  });

  it.each(['posthog_featureflag', 'posthog_person'])('refuse a database whose %s is not ours', async (table) => {
    const url = await emptyDatabase();
    await ask(url, `create table ${table} (id integer)`);
    await expect(migrate(url)).rejects.toThrow(PostHogDatabaseError);
    expect(await ask(url, `select count(*)::int from pg_tables where schemaname = 'public'`)).toEqual([1]);
  });

  it('run on a database that PostHog manages when told to', async () => {
    const url = await emptyDatabase();
    await ask(url, `create table django_migrations as select 'posthog' as app`);
    expect(await migrate(url, { evenPostHog: true })).toEqual(all);
  });

  it('D26: sticky keys go with their person, through a foreign key that is checked at commit', async () => {
    expect(
      await ask(
        await migrated(),
        `select confdeltype::text, condeferrable, condeferred from pg_constraint
          where conrelid = 'posthog_featureflaghashkeyoverride'::regclass and contype = 'f'`,
      ),
    ).toEqual(['c', true, true]);
  });

  it.each([
    ['D7', 'posthog_team', 'api_token'],
    ['D9', 'posthog_featureflag', 'team_id, key'],
    ['D10', 'posthog_evaluationcontext', 'team_id, name'],
    ['D10', 'posthog_featureflagevaluationcontext', 'feature_flag_id, evaluation_context_id'],
    ['D15', 'posthog_personalapikey', 'secure_value'],
    ['D16', 'posthog_projectsecretapikey', 'team_id, label'],
    ['D22', 'posthog_persondistinctid', 'team_id, distinct_id'],
    ['D23', 'posthog_group', 'team_id, group_key, group_type_index'],
    ['D24', 'posthog_grouptypemapping', 'project_id, group_type_index'],
    ['D24', 'posthog_grouptypemapping', 'project_id, group_type'],
    ['D25', 'posthog_cohortpeople', 'cohort_id, person_id'],
    ['D26', 'posthog_featureflaghashkeyoverride', 'team_id, person_id, feature_flag_key'],
  ])('%s: %s is unique by %s', async (_rule, table, columns) => {
    const url = await migrated();
    const keys = await ask(
      url,
      `select string_agg(attname, ', ' order by ord) from pg_constraint c
         cross join unnest(conkey) with ordinality as k (num, ord)
         join pg_attribute a on a.attrelid = conrelid and attnum = num
        where conrelid = '${table}'::regclass and contype = 'u' group by c.oid`,
    );
    expect(keys).toContain(columns);
  });

  let shared: Promise<string> | undefined;

  /** One migrated database for tests that only look. */
  function migrated(): Promise<string> {
    shared ??= createTestDatabase().then(({ url }) => url);
    return shared;
  }
});
