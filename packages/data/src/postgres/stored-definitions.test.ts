import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DefinitionSource, ProjectDefinitions } from '../ports.ts';
import { mayBeOlder } from '../position.ts';
import { ask } from '../testing/ask.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import { PostgresStore } from './postgres-store.ts';
import { createRouter, type Router } from './router.ts';

const team = (id: number, token: string) =>
  `insert into posthog_team (id, api_token, name, project_id, organization_id, secret_api_token)
   select ${id}, '${token}', 'Team ${id}', ${id}, id, 'phs_secret' from posthog_organization limit 1`;

const project = (id: number) =>
  `insert into posthog_project (id, organization_id) select ${id}, id from posthog_organization limit 1`;

const flag = (teamId: number, key: string, columns: Record<string, string> = {}) =>
  `insert into posthog_featureflag (team_id, key${Object.keys(columns)
    .map((name) => `, ${name}`)
    .join('')})
   values (${teamId}, '${key}'${Object.values(columns)
     .map((value) => `, ${value}`)
     .join('')})`;

describe('definitions from PostgreSQL', () => {
  const databases: TestDatabase[] = [];
  const routers: Router[] = [];
  let url: string;

  beforeAll(async () => {
    url = await database();
  });

  afterAll(async () => {
    await Promise.all(routers.map((router) => router.close()));
    await Promise.all(databases.map((one) => one.drop()));
  });

  async function database(): Promise<string> {
    const made = await createTestDatabase();
    databases.push(made);
    await ask(made.url, 'insert into posthog_organization default values');
    return made.url;
  }

  function source(write: string, errors: unknown[] = [], personsRead?: string): DefinitionSource {
    const router = createRouter({ write, personsRead });
    routers.push(router);
    return new PostgresStore({ ...router, onError: (error) => errors.push(error) }).definitions;
  }

  async function load(from: DefinitionSource, token: string): Promise<ProjectDefinitions> {
    const loaded = await from.load(token);
    if (loaded === null) throw new Error(`no project ${token}`);
    return loaded;
  }

  const keys = ({ definitions }: ProjectDefinitions) =>
    definitions.flags.map((value) => (value as unknown as { key: string }).key);

  it('E11, E141: inactive flags come, deleted and encrypted remote-config flags do not', async () => {
    await ask(
      url,
      project(1),
      team(1, 'which'),
      flag(1, 'on'),
      flag(1, 'off', { active: 'false' }),
      flag(1, 'gone', { deleted: 'true' }),
      flag(1, 'remote', { is_remote_configuration: 'true', has_encrypted_payloads: 'false' }),
      flag(1, 'encrypted', { is_remote_configuration: 'true', has_encrypted_payloads: 'true' }),
      flag(1, 'unsure', { is_remote_configuration: 'null', has_encrypted_payloads: 'true' }),
    );
    expect(keys(await load(source(url), 'which'))).toEqual(['on', 'off', 'remote', 'unsure']);
  });

  it('H43: tokens that are looked up at the same time share statements, and each has its own answer', async () => {
    await ask(url, project(50), project(51), team(50, 'known'), flag(50, 'mine'), team(51, "it''s known"));
    let statements = 0;
    const router = createRouter({ write: url, onStatement: () => (statements += 1) });
    routers.push(router);
    const { definitions } = new PostgresStore(router);
    const unknown = Array.from({ length: 1_000 }, (_, i) => definitions.load(`nobody ${i}`));
    const known = [definitions.load("it's known"), definitions.load('known')];
    expect(new Set(await Promise.all(unknown))).toEqual(new Set([null]));
    const [other, mine] = await Promise.all(known);
    expect([other?.project.teamId, other?.definitions.flags.length]).toEqual([51, 0]);
    expect([mine?.project.teamId, mine === undefined || mine === null ? [] : keys(mine)]).toEqual([50, ['mine']]);
    // One that is sent at once, then 64 together; and flags, cohorts and group types of the two projects.
    expect(statements).toBeLessThan(40);
  });

  it('a line end in a text does not end the flag', async () => {
    const key = "two' || chr(10) || 'lines";
    const filters = `jsonb_build_object('groups', jsonb_build_array(), 'note', E'a\\nb\\r\\u2028')`;
    await ask(url, project(52), team(52, 'lines'), flag(52, key, { filters }), flag(52, 'next'));
    expect((await load(source(url), 'lines')).definitions.flags).toMatchObject([
      { key: 'two\nlines', filters: { note: 'a\nb\r\u2028' } },
      { key: 'next' },
    ]);
  });

  it('D7: a project comes with its settings and without its secrets', async () => {
    await ask(
      url,
      project(2),
      team(2, 'settings'),
      `update posthog_team set timezone = 'Asia/Tokyo', surveys_opt_in = true where id = 2`,
    );
    const loaded = await load(source(url), 'settings');
    expect(loaded.project).toMatchObject({
      teamId: 2,
      projectId: 2,
      token: 'settings',
      name: 'Team 2',
      timezone: 'Asia/Tokyo',
      settings: { surveys_opt_in: true, heatmaps_opt_in: null },
    });
    expect(JSON.stringify(loaded)).not.toContain('phs_secret');
  });

  it('D10: a flag names its evaluation contexts', async () => {
    await ask(
      url,
      project(3),
      team(3, 'contexts'),
      flag(3, 'both', { id: '301' }),
      flag(3, 'none', { id: '302' }),
      `insert into posthog_evaluationcontext (team_id, name) values (3, 'web'), (3, 'app')`,
      `insert into posthog_featureflagevaluationcontext (feature_flag_id, evaluation_context_id)
       select 301, id from posthog_evaluationcontext where team_id = 3`,
    );
    expect((await load(source(url), 'contexts')).definitions.flags).toMatchObject([
      { key: 'both', evaluation_contexts: ['app', 'web'] },
      { key: 'none', evaluation_contexts: [] },
    ]);
  });

  const tagTables = [
    'drop table posthog_taggeditem, posthog_tag',
    'create table posthog_tag (id uuid primary key default gen_random_uuid(), name varchar(255), team_id integer)',
    `create table posthog_featureflagevaluationtag (id bigint generated always as identity, feature_flag_id integer,
       tag_id uuid, created_at timestamptz)`,
    `insert into posthog_tag (name, team_id) values ('tagged', 1)`,
    `insert into posthog_featureflagevaluationtag (feature_flag_id, tag_id) select 11, id from posthog_tag`,
  ];

  it('D11: without context tables the older tag tables say the same', async () => {
    const older = await database();
    await ask(
      older,
      project(1),
      team(1, 'tags'),
      flag(1, 'flag', { id: '11' }),
      'drop table posthog_featureflagevaluationcontext',
      'drop table posthog_evaluationcontext',
      ...tagTables,
    );
    expect((await load(source(older), 'tags')).definitions.flags).toMatchObject([{ evaluation_contexts: ['tagged'] }]);
  });

  it('D11: where both are there, the tag tables are stale', async () => {
    const both = await database();
    await ask(both, project(1), team(1, 'both'), flag(1, 'flag', { id: '11' }), ...tagTables);
    expect((await load(source(both), 'both')).definitions.flags).toMatchObject([{ evaluation_contexts: [] }]);
  });

  it('columns that an older database lacks are empty ones', async () => {
    const older = await database();
    await ask(
      older,
      project(1),
      team(1, 'old'),
      flag(1, 'flag'),
      'alter table posthog_featureflag drop column has_experiment, drop column bucketing_identifier',
      'alter table posthog_team drop column property_matching_version, drop column minimal_flag_called_events',
    );
    const { definitions } = await load(source(older), 'old');
    expect(definitions.flags).toMatchObject([{ key: 'flag', bucketing_identifier: null, has_experiment: null }]);
    expect(definitions).not.toHaveProperty('propertyMatchingVersion');
  });

  it('without a column for it, an experiment tells which flags it uses', async () => {
    const posthogs = await database();
    await ask(
      posthogs,
      project(1),
      team(1, 'experiments'),
      flag(1, 'used', { id: '11' }),
      flag(1, 'was-used', { id: '12' }),
      flag(1, 'unused', { id: '13' }),
      'alter table posthog_featureflag drop column has_experiment',
      'create table posthog_experiment (id integer, feature_flag_id integer, deleted boolean)',
      'insert into posthog_experiment values (1, 11, null), (2, 12, true)',
    );
    expect((await load(source(posthogs), 'experiments')).definitions.flags).toMatchObject([
      { key: 'used', has_experiment: true },
      { key: 'was-used', has_experiment: false },
      { key: 'unused', has_experiment: false },
    ]);
  });

  it('D7a: the configuration that PostHog keeps of a project comes with it, and its change is one of the project', async () => {
    const posthogs = await database();
    await ask(posthogs, project(1), team(1, 'configured'));
    expect((await load(source(posthogs), 'configured')).project.remoteConfig).toBeNull();
    await ask(
      posthogs,
      'create table posthog_remoteconfig (id uuid primary key default gen_random_uuid(), team_id integer unique, config jsonb)',
    );
    const empty = await load(source(posthogs), 'configured');
    expect(empty.project.remoteConfig).toBeNull();
    await ask(posthogs, `insert into posthog_remoteconfig (team_id, config) values (1, '{"surveys": [{"id": "s1"}]}')`);
    const definitions = source(posthogs);
    const loaded = await load(definitions, 'configured');
    expect(loaded.project.remoteConfig).toEqual({ surveys: [{ id: 's1' }] });
    expect(loaded.revision).not.toBe(empty.revision);
    await ask(posthogs, `update posthog_remoteconfig set config = '"odd"'`);
    const odd = await load(definitions, 'configured');
    expect(odd.project.remoteConfig).toBeNull();
    expect(odd.revision).not.toBe(loaded.revision);
  });

  it('experiments that may not be read leave flags without a word about them', async () => {
    const posthogs = await database();
    const role = `no_experiments_${process.pid}`;
    await ask(
      posthogs,
      project(1),
      team(1, 'limited'),
      flag(1, 'flag'),
      'alter table posthog_featureflag drop column has_experiment',
      `create role ${role} login`,
      `grant select on all tables in schema public to ${role}`,
      'create table posthog_experiment (id integer, feature_flag_id integer, deleted boolean)',
    );
    const limited = source(posthogs.replace('user=halyard', `user=${role}`));
    expect((await load(limited, 'limited')).definitions.flags).toMatchObject([{ key: 'flag', has_experiment: null }]);
    await ask(posthogs, `drop owned by ${role}`, `drop role ${role}`);
  });

  it('deleted cohorts do not come', async () => {
    await ask(
      url,
      project(4),
      team(4, 'cohorts'),
      `insert into posthog_cohort (team_id, name, is_static, deleted) values (4, 'here', true, false), (4, 'gone', true, true)`,
    );
    expect((await load(source(url), 'cohorts')).definitions.cohorts).toMatchObject([{ name: 'here', is_static: true }]);
  });

  it('a flag that is nested too deeply stands alone, as text', async () => {
    const nested = '['.repeat(600) + ']'.repeat(600);
    await ask(url, project(5), team(5, 'deep'), flag(5, 'deep', { filters: `'{"deep": ${nested}}'` }), flag(5, 'fine'));
    const router = createRouter({ write: url });
    routers.push(router);
    const loaded = await load(new PostgresStore(router).definitions, 'deep');
    expect(loaded.definitions.flags).toMatchObject([expect.stringContaining('"deep"'), { key: 'fine' }]);
  });

  describe('parts that may be lost', () => {
    it('D43: group types that cannot be read are a failure inside the definitions', async () => {
      await ask(url, project(6), team(6, 'no-persons'), flag(6, 'flag'));
      const errors: unknown[] = [];
      const loaded = await load(source(url, errors, 'postgresql://halyard@127.0.0.1:1/none'), 'no-persons');
      expect(keys(loaded)).toEqual(['flag']);
      expect(loaded.definitions.groupTypeMapping).toMatchObject({ failed: true, code: 'database_unavailable' });
      expect(errors).toMatchObject([{ pool: 'persons reader' }]);
    });

    it('D43: so are cohorts, and what was read last is better than nothing', async () => {
      const broken = await database();
      await ask(broken, project(1), team(1, 'broken'), `insert into posthog_cohort (team_id, name) values (1, 'c')`);
      const before = source(broken);
      const { definitions } = await load(before, 'broken');
      await ask(broken, 'alter table posthog_cohort rename to elsewhere');
      expect((await load(before, 'broken')).definitions.cohorts).toEqual(definitions.cohorts);
      expect((await load(source(broken), 'broken')).definitions.cohorts).toMatchObject({
        failed: true,
        code: 'database_error',
      });
    });

    it('an unreachable database is an error, never an unknown token', async () => {
      await expect(source('postgresql://halyard@127.0.0.1:1/none').load('any')).rejects.toMatchObject({
        name: 'StoreError',
        kind: 'unavailable',
        pool: 'non-persons reader',
      });
    });
  });

  describe('the position', () => {
    it('an earlier read may be older than a later one, and never the other way round', async () => {
      await ask(url, project(9), team(9, 'position'));
      const from = source(url);
      const before = await load(from, 'position');
      await ask(url, flag(9, 'new'));
      const after = await load(from, 'position');
      expect(mayBeOlder(before.position, after.position)).toBe(true);
      expect(mayBeOlder(after.position, before.position)).toBe(false);
    });

    it('the writer can be asked where the reader is down', async () => {
      await ask(url, project(10), team(10, 'writer'), flag(10, 'flag'));
      const down = createRouter({ write: url, read: 'postgresql://halyard@127.0.0.1:1/none' });
      routers.push(down);
      const from = new PostgresStore(down).definitions;
      const loaded = await from.load('writer', { side: 'writer' });
      expect(loaded?.definitions.flags).toMatchObject([{ key: 'flag' }]);
      await expect(from.load('writer')).rejects.toMatchObject({ pool: 'non-persons reader' });
    });
  });

  describe('the revision', () => {
    const changes: [string, string, boolean][] = [
      ['a changed flag', `update posthog_featureflag set filters = '{"groups": []}' where id = 701`, true],
      ['a new flag', flag(7, 'new', { id: '703' }), true],
      ['a removed flag', 'delete from posthog_featureflag where id = 703', true],
      ['a changed team', `update posthog_team set timezone = 'Europe/Paris' where id = 7`, true],
      [
        'a new context',
        `insert into posthog_featureflagevaluationcontext (feature_flag_id, evaluation_context_id)
         select 701, id from posthog_evaluationcontext where team_id = 7`,
        true,
      ],
      ['a renamed context', `update posthog_evaluationcontext set name = 'new name' where team_id = 7`, true],
      ['a changed cohort', `update posthog_cohort set filters = '{"properties": {}}' where team_id = 7`, true],
      [
        'a recalculated cohort',
        'update posthog_cohort set count = 5, last_calculation = now() where team_id = 7',
        false,
      ],
      [
        'a new group type',
        `insert into posthog_grouptypemapping (team_id, project_id, group_type, group_type_index)
         values (7, 7, 'org', 0)`,
        true,
      ],
      ['a renamed group type', `update posthog_grouptypemapping set group_type = 'company' where team_id = 7`, true],
      ['nothing', 'select 1', false],
      ['a change of another team', 'update posthog_featureflag set active = false where id = 801', false],
    ];

    beforeAll(async () => {
      await ask(
        url,
        project(7),
        team(7, 'revision'),
        flag(7, 'flag', { id: '701' }),
        `insert into posthog_evaluationcontext (team_id, name) values (7, 'web')`,
        `insert into posthog_cohort (team_id, name) values (7, 'c')`,
        project(8),
        team(8, 'other'),
        flag(8, 'flag', { id: '801' }),
      );
    });

    it.each(changes)('after %s', async (_what, change, differs) => {
      const from = source(url);
      const before = await load(from, 'revision');
      await ask(url, change);
      const after = await from.revision(before.project);
      expect(after !== before.revision).toBe(differs);
      expect((await load(from, 'revision')).revision).toBe(after);
    });
  });
});
