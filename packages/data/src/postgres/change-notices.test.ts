import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { type ChangeNotices, type ChangeNoticesOptions, listenForChanges } from './change-notices.ts';

describe('notices of changed definitions', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let teams: number[];
  let states: boolean[];
  let errors: unknown[];
  let notices: ChangeNotices | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    await ask(
      database.url,
      'insert into posthog_organization default values',
      'insert into posthog_project (organization_id) select id from posthog_organization',
      `insert into posthog_team (id, api_token, project_id, organization_id)
       select 7, 'token', id, organization_id from posthog_project`,
      `insert into posthog_featureflag (id, team_id, key) values (7000, 7, 'flag')`,
      `insert into posthog_evaluationcontext (team_id, name) values (7, 'web')`,
    );
  });

  beforeEach(async () => {
    proxy = await startTcpProxy(database.url);
    teams = [];
    states = [];
    errors = [];
  });

  afterEach(async () => {
    await notices?.close();
    await proxy.refuse();
  });

  afterAll(() => database.drop());

  async function listen(options: Partial<ChangeNoticesOptions> = {}): Promise<void> {
    notices = listenForChanges({
      url: proxy.url,
      onChange: (teamId) => teams.push(teamId),
      onState: (listening) => states.push(listening),
      onError: (error) => errors.push(error),
      ...options,
    });
    await waitUntil(() => states.length > 0);
  }

  const touch = `update posthog_featureflag set active = not active where id = 7000`;

  it.each([
    ['a flag', touch],
    ['a new flag', `insert into posthog_featureflag (team_id, key) values (7, 'new')`],
    ['a removed flag', `delete from posthog_featureflag where key = 'new'`],
    ['a cohort', `insert into posthog_cohort (team_id, name) values (7, 'c')`],
    ['a team', `update posthog_team set timezone = 'Asia/Tokyo' where id = 7`],
    [
      'a group type',
      `insert into posthog_grouptypemapping (team_id, project_id, group_type, group_type_index) values (7, 1, 'org', 0)`,
    ],
    ['a context', `update posthog_evaluationcontext set name = 'app' where team_id = 7`],
    [
      'a new link to a context',
      `insert into posthog_featureflagevaluationcontext (feature_flag_id, evaluation_context_id)
       select 7000, id from posthog_evaluationcontext where team_id = 7`,
    ],
    ['a removed link', 'delete from posthog_featureflagevaluationcontext'],
  ])('tell the team when %s changes', async (_what, change) => {
    await listen();
    await ask(database.url, change);
    await waitUntil(() => teams.length > 0);
    expect(teams).toEqual([7]);
  });

  it('come once for many changes in one transaction', async () => {
    await listen();
    await ask(
      database.url,
      `insert into posthog_featureflag (team_id, key) select 7, 'many-' || n from generate_series(1, 100) n`,
    );
    await ask(database.url, `notify halyard_definitions, '8'`);
    await waitUntil(() => teams.includes(8));
    expect(teams).toEqual([7, 8]);
  });

  it('come again after the connection broke, and the break is told', async () => {
    await listen();
    proxy.cut();
    await waitUntil(() => states.length === 3);
    expect(states).toEqual([true, false, true]);
    expect(errors).toHaveLength(1);
    await ask(database.url, touch);
    await waitUntil(() => teams.length > 0);
    expect(teams).toEqual([7]);
  });

  it('come once the server is there, however late', async () => {
    await proxy.refuse();
    await listen();
    expect(states).toEqual([false]);
    await proxy.accept();
    await waitUntil(() => states.includes(true));
    await ask(database.url, touch);
    await waitUntil(() => teams.length > 0);
    expect(teams).toEqual([7]);
  });

  it('notice text that is no team id is ignored', async () => {
    await listen();
    await ask(database.url, `notify halyard_definitions, 'nonsense'`, `notify halyard_definitions, '9'`);
    await waitUntil(() => teams.length > 0);
    expect(teams).toEqual([9]);
  });

  it('stop when told to, without a sound', async () => {
    await listen();
    await notices?.close();
    await ask(database.url, touch);
    await waitUntil(() => proxy.open === 0);
    expect(teams).toEqual([]);
    expect(states).toEqual([true]);
    expect(errors).toEqual([]);
  });

  it('refuse a URL that cannot be used', () => {
    expect(() => listenForChanges({ url: 'nonsense', onChange: () => undefined })).toThrow('not a PostgreSQL URL');
  });
});
