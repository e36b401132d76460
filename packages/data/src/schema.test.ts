import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { ask } from './testing/ask.ts';
import { createTestDatabase, type TestDatabase } from './testing/throwaway-postgres.ts';

describe('the schema of an empty database', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase({ empty: true });
    await migrate(database.url);
  });

  afterAll(() => database.drop());

  /** Column → type of a table, as PostgreSQL writes it. */
  async function columns(table: string): Promise<Record<string, string>> {
    const rows = await ask(
      database.url,
      `select attname || '=' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end
         from pg_attribute where attrelid = 'public.${table}'::regclass and attnum > 0 and not attisdropped`,
    );
    return Object.fromEntries(rows.map((row) => String(row).split('=', 2) as [string, string]));
  }

  async function tables(): Promise<readonly unknown[]> {
    return ask(
      database.url,
      `select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    );
  }

  it('D1: a row needs no value but its keys, its names and what has no sensible default', async () => {
    const needed = await ask(
      database.url,
      `select table_name || '.' || column_name from information_schema.columns
        where table_schema = 'public' and table_name like 'posthog%'
          and is_nullable = 'NO' and column_default is null and is_identity = 'NO' order by 1`,
    );
    const kinds =
      /(_id|\.id|\.key|_key|_index|\.api_token|\.name|\.label|\.stage|\.group_type|activitylog\.(activity|scope)|\.model_name|\.scheduled_at)$/;
    expect(needed.filter((column) => !kinds.test(String(column)))).toEqual([]);
    await ask(
      database.url,
      `with o as (insert into posthog_organization default values returning id),
            p as (insert into posthog_project (organization_id) select id from o returning id, organization_id)
       insert into posthog_team (api_token, project_id, organization_id) select 'phc_d1', id, organization_id from p`,
      `insert into posthog_featureflag (team_id, key) select id, 'f' from posthog_team where api_token = 'phc_d1'`,
      `insert into posthog_cohort (team_id) select id from posthog_team where api_token = 'phc_d1'`,
    );
    expect(await ask(database.url, 'select active, deleted, version, filters::text from posthog_featureflag')).toEqual([
      true,
      false,
      1,
      '{}',
    ]);
  });

  it('M190, M192: what management keeps has PostHog’s names, and what cannot be is refused', async () => {
    expect(await columns('posthog_activitylog')).toMatchObject({
      team_id: 'integer',
      organization_id: 'uuid',
      activity: 'character varying(79) not null',
      item_id: 'character varying(72)',
      scope: 'character varying(79) not null',
      detail: 'jsonb',
    });
    expect(await columns('posthog_scheduledchange')).toMatchObject({
      record_id: 'character varying(200) not null',
      model_name: 'character varying(100) not null',
      recurrence_interval: 'character varying(20)',
      cron_expression: 'character varying(100)',
      timezone: 'character varying(240)',
      failure_count: 'integer not null',
    });
    expect(await columns('posthog_tag')).toMatchObject({ name: 'character varying(255) not null' });
    expect(await columns('posthog_taggeditem')).toMatchObject({ feature_flag_id: 'integer' });
    const archived = `insert into posthog_featureflag (team_id, key, archived) select id, 'both', true from posthog_team limit 1`;
    await expect(ask(database.url, archived)).rejects.toThrow('archived_flag_must_be_disabled');
    const nowhere = `insert into posthog_activitylog (activity, scope) values ('created', 'FeatureFlag')`;
    await expect(ask(database.url, nowhere)).rejects.toThrow('must_have_team_or_organization_id');
  });

  it.each<[rule: string, table: string, expected: Record<string, string>]>([
    [
      'D2, D7: short text, long text, JSON, numbers, times and lists of a project',
      'posthog_team',
      {
        api_token: 'character varying(200) not null',
        cookieless_server_hash_mode: 'smallint',
        session_recording_minimum_duration_milliseconds: 'integer',
        session_recording_sample_rate: 'numeric(3,2)',
        session_replay_config: 'jsonb',
        session_recording_url_trigger_config: 'jsonb[]',
        session_recording_event_trigger_config: 'text[]',
        recording_domains: 'character varying(200)[]',
      },
    ],
    [
      'D2, D9: those of a flag',
      'posthog_featureflag',
      {
        key: 'character varying(400) not null',
        name: 'text not null',
        filters: 'jsonb not null',
        active: 'boolean not null',
        ensure_experience_continuity: 'boolean',
        version: 'integer',
        evaluation_runtime: 'character varying(10)',
        bucketing_identifier: 'character varying(50)',
        created_at: 'timestamp with time zone not null',
        updated_at: 'timestamp with time zone',
      },
    ],
    [
      'D13: those of a cohort',
      'posthog_cohort',
      {
        name: 'character varying(400)',
        description: 'character varying(1000)',
        deleted: 'boolean not null',
        filters: 'jsonb',
        query: 'jsonb',
        groups: 'jsonb not null',
        is_static: 'boolean not null',
        errors_calculating: 'integer not null',
        cohort_type: 'character varying(50)',
        last_backfill_person_properties_at: 'timestamp with time zone',
        kind: 'character varying(50)',
      },
    ],
    [
      'D14: those of an early-access feature',
      'posthog_earlyaccessfeature',
      {
        id: 'uuid not null',
        feature_flag_id: 'integer',
        name: 'character varying(200) not null',
        stage: 'character varying(40) not null',
        documentation_url: 'character varying(800) not null',
      },
    ],
    [
      'D15: those of a personal key',
      'posthog_personalapikey',
      {
        id: 'character varying(50) not null',
        user_id: 'integer not null',
        secure_value: 'character varying(300)',
        scopes: 'character varying(100)[]',
        scoped_teams: 'integer[]',
        scoped_organizations: 'character varying(100)[]',
      },
    ],
    ['D18: those of a user', 'posthog_user', { id: 'integer not null', is_active: 'boolean not null' }],
    [
      'D18: those of a membership',
      'posthog_organizationmembership',
      { user_id: 'integer not null', organization_id: 'uuid not null' },
    ],
    [
      'D20: those of a person',
      'posthog_person',
      {
        id: 'bigint not null',
        team_id: 'integer not null',
        uuid: 'uuid not null',
        properties: 'jsonb not null',
        is_identified: 'boolean not null',
        version: 'bigint',
        is_user_id: 'integer',
        is_deleted: 'boolean not null',
        merged_into_id: 'bigint',
      },
    ],
    [
      'D27: those of the second table of sticky keys',
      'posthog_featureflaghashkeyoverride_v2',
      {
        team_id: 'integer not null',
        person_id: 'bigint not null',
        feature_flag_id: 'integer not null',
        hash_key: 'character varying(400) not null',
        created_at: 'timestamp with time zone not null',
      },
    ],
  ])('%s', async (_rule, table, expected) => {
    expect(await columns(table)).toMatchObject(expected);
  });

  it('D3: identifiers have the width that the service sees', async () => {
    const of = async (table: string, column: string) => (await columns(table))[column]?.replace(' not null', '');
    expect(await of('posthog_team', 'id')).toBe('integer');
    expect(await of('posthog_project', 'id')).toBe('bigint');
    expect(await of('posthog_team', 'project_id')).toBe('bigint');
    expect(await of('posthog_featureflag', 'id')).toBe('integer');
    expect(await of('posthog_cohort', 'id')).toBe('integer');
    expect(await of('posthog_cohortpeople', 'person_id')).toBe('bigint');
    expect(await of('posthog_persondistinctid', 'person_id')).toBe('bigint');
    expect(await of('posthog_featureflaghashkeyoverride', 'person_id')).toBe('bigint');
    expect(await of('posthog_grouptypemapping', 'group_type_index')).toBe('integer');
  });

  it('D6: one database holds the tables of the definitions and those of the persons', async () => {
    const expected = [
      'posthog_team',
      'posthog_featureflag',
      'posthog_cohort',
      'posthog_person',
      'posthog_persondistinctid',
      'posthog_group',
      'posthog_grouptypemapping',
      'posthog_cohortpeople',
      'posthog_featureflaghashkeyoverride',
    ];
    expect(await tables()).toEqual(expect.arrayContaining(expected));
  });

  it('D28: tables that no flag needs are not made', async () => {
    const found = (await tables()).map(String);
    expect(found).toContain('posthog_person');
    expect(found.filter((name) => /personless|personhog|personoverride|lifecycle|queue/.test(name))).toEqual([]);
  });

  it('D8: a project has a wide id, and teams point to it', async () => {
    expect(
      await ask(
        database.url,
        `select conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) from pg_constraint
          where confrelid = 'posthog_project'::regclass`,
      ),
    ).toEqual(['posthog_team FOREIGN KEY (project_id) REFERENCES posthog_project(id) ON DELETE CASCADE']);
  });

  it('D19: what was created is not created again, and nothing is lost', async () => {
    const before = await tables();
    await ask(database.url, `insert into posthog_person (team_id) values (9019)`);
    expect(await migrate(database.url)).toEqual([]);
    expect(await tables()).toEqual(before);
    expect(await ask(database.url, 'select count(*)::int from posthog_person where team_id = 9019')).toEqual([1]);
  });

  it('D20, D21: persons are found by team and id; a uuid may occur twice, and huge documents are refused', async () => {
    const keys = await ask(
      database.url,
      `select contype::text || ' ' || pg_get_constraintdef(oid) from pg_constraint
        where conrelid = 'posthog_person'::regclass and contype in ('p', 'u', 'c') order by contype`,
    );
    expect(keys).toEqual(['c CHECK ((pg_column_size(properties) <= 655360))', 'p PRIMARY KEY (team_id, id)']);
    const twice = `insert into posthog_person (team_id, uuid) values (9020, '00000000-0000-4000-8000-000000000001')`;
    await ask(database.url, twice, twice);
    await expect(
      ask(
        database.url,
        `insert into posthog_person (team_id, properties)
         select 9020, jsonb_object_agg(n::text, md5(n::text)) from generate_series(1, 20000) n`,
      ),
    ).rejects.toThrow('check_properties_size');
  });

  it('D27: the second table of sticky keys has a key of its own and no foreign key', async () => {
    expect(
      await ask(
        database.url,
        `select pg_get_constraintdef(oid) from pg_constraint
          where conrelid = 'posthog_featureflaghashkeyoverride_v2'::regclass and contype in ('p', 'u', 'f')`,
      ),
    ).toEqual(['PRIMARY KEY (team_id, person_id, feature_flag_id)']);
  });
});
