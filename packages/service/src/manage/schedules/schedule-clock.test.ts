import { ask, createTestDatabase, startTcpProxy, type TestDatabase, waitUntil } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManagementOptions } from '../options.ts';
import { startScheduleClock } from './schedule-clock.ts';

describe('planned changes', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await ask(
      database.url,
      `with o as (insert into posthog_organization default values returning id),
            p as (insert into posthog_project (organization_id) select id from o returning id, organization_id)
       insert into posthog_team (id, api_token, project_id, organization_id) select 1, 'phc_1', id, organization_id from p`,
      `insert into posthog_featureflag (id, team_id, key) values (1, 1, 'a'), (2, 1, 'b')`,
    );
  });
  afterAll(() => database.drop());

  const plan = (flag: number) =>
    ask(
      database.url,
      `insert into posthog_scheduledchange (team_id, record_id, model_name, payload, scheduled_at)
       values (1, '${flag}', 'FeatureFlag', '{"operation": "update_status", "value": false}', '2026-11-20T10:00:00Z')`,
    );
  const isOn = async (flag: number) =>
    (await ask(database.url, `select active from posthog_featureflag where id = ${flag}`))[0];
  const errors: unknown[] = [];
  const start = (more: Partial<ManagementOptions> = {}) =>
    startScheduleClock({
      databaseUrl: database.url,
      belongsToPostHog: () => Promise.resolve(false),
      onPostHog: 'refuse',
      readOnly: false,
      clock: () => Date.UTC(2026, 10, 20, 11),
      onError: (error) => errors.push(error),
      scheduleEveryMs: 20,
      ...more,
    } as ManagementOptions);

  it('M139: are carried out by a process that looks for them', async () => {
    await plan(1);
    const looking = start();
    await waitUntil(async () => (await isOn(1)) === false);
    await looking.close();
    expect(errors).toEqual([]);
  });

  it('M204: are left alone where PostHog runs them, unless its application is retired', async () => {
    await plan(2);
    let asked = 0;
    const belongsToPostHog = () => {
      asked += 1;
      return Promise.resolve(true);
    };
    const waiting = start({ belongsToPostHog });
    await waitUntil(() => asked > 2);
    await waiting.close();
    const reading = start({ readOnly: true });
    await reading.close();
    expect(await isOn(2)).toBe(true);
    const direct = start({ belongsToPostHog, onPostHog: 'direct' });
    await waitUntil(async () => (await isOn(2)) === false);
    await direct.close();
    expect(errors).toEqual([]);
  });

  it('M139: what came due during an outage is carried out once after it, whoever looks', async () => {
    await ask(database.url, `insert into posthog_featureflag (id, team_id, key) values (3, 1, 'c')`);
    await plan(3);
    const proxy = await startTcpProxy(database.url);
    await proxy.refuse();
    const processes = [start({ databaseUrl: proxy.url }), start({ databaseUrl: proxy.url })];
    await waitUntil(() => errors.length > 2);
    expect(errors.splice(0)[0]).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    await proxy.accept();
    await waitUntil(async () => (await isOn(3)) === false);
    await Promise.all(processes.map((one) => one.close()));
    errors.splice(0);
    await proxy.refuse();
    expect(
      await ask(
        database.url,
        `select concat_ws(' ', f.version, (select count(*) from posthog_activitylog where item_id = '3'), s.failure_count,
           s.executed_at is not null) from posthog_featureflag f join posthog_scheduledchange s on s.record_id = '3' where f.id = 3`,
      ),
    ).toEqual(['2 1 0 t']);
  });
});
