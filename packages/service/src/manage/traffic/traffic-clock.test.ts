import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { compile, evaluate } from 'halyard/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrafficCounter } from '../../observe/traffic-counter.ts';
import { PendingCounts } from './pending-counts.ts';
import { startTrafficClock } from './traffic-clock.ts';

describe('the counts of calls', () => {
  let database: TestDatabase;
  let now = Date.UTC(2026, 10, 20, 10, 59);
  const flags = Array.from({ length: 100 }, (_, i) => ({
    id: i + 1,
    key: `f${i}`,
    active: true,
    filters: { groups: [{ rollout_percentage: i === 0 ? 100 : 0 }] },
  }));
  const program = compile({ teamId: 1, flags, cohorts: [], groupTypeMapping: {} });
  const { results } = evaluate(program, { distinctId: 'ann', now: 0 }, null);

  beforeAll(async () => {
    database = await createTestDatabase();
    await ask(
      database.url,
      `with o as (insert into posthog_organization default values returning id),
            p as (insert into posthog_project (organization_id) select id from o returning id, organization_id)
       insert into posthog_team (id, api_token, project_id, organization_id) select 1, 'phc_1', id, organization_id from p`,
      `insert into posthog_featureflag (id, team_id, key) select i, 1, 'f' || i from generate_series(1, 99) i`,
    );
  });
  afterAll(() => database.drop());

  const errors: unknown[] = [];
  const start = (belongsToPostHog: () => Promise<boolean>) => {
    const counter = new TrafficCounter();
    const options = { databaseUrl: database.url, clock: () => now, belongsToPostHog };
    const clock = startTrafficClock({ ...options, onError: (error) => errors.push(error) }, counter);
    return { counter, clock };
  };
  const counted = () =>
    ask(
      database.url,
      `select concat_ws(' ', to_char(hour at time zone 'UTC', 'HH24'), value, sum(count)) from halyard_flag_traffic group by hour, value order by 1`,
    );

  it('M194: wait while the database is away, and are written later, in their hours; flags that are gone are left out', async () => {
    let away = true;
    const { counter, clock } = start(() => (away ? Promise.reject(new Error('away')) : Promise.resolve(false)));
    counter.count(1, program, results);
    await clock.flush();
    now += 120_000;
    counter.count(1, program, results);
    counter.count(1, program, results);
    await clock.flush();
    expect([await counted(), errors.splice(0).length]).toEqual([[], 2]);
    away = false;
    await clock.close();
    // 99 of the 100 flags are there.
    expect(await counted()).toEqual(['10 false 98', '10 true 1', '11 false 196', '11 true 2']);
    expect(errors).toEqual([]);
    const [called] = await ask(
      database.url,
      'select count(distinct last_called_at)::int || $$ $$ || min(last_called_at)::text from posthog_featureflag',
    );
    expect(called).toMatch(/^1 2026-11-20/);
  });

  it('M194: of several processes add up, and nobody waits for whoever changes a flag', async () => {
    const processes = Array.from({ length: 4 }, () => start(() => Promise.resolve(false)));
    for (let turn = 0; turn < 5; turn += 1) {
      for (const { counter } of processes) counter.count(1, program, results);
      await Promise.all(processes.map(({ clock }) => clock.flush()));
    }
    await Promise.all(processes.map(({ clock }) => clock.close()));
    expect(await counted()).toEqual(['10 false 98', '10 true 1', '11 false 2156', '11 true 22']);
    expect(errors).toEqual([]);
  });

  it('M194: the time of the last call moves at most hourly', async () => {
    const times = () => ask(database.url, 'select last_called_at::text from posthog_featureflag where id = 1');
    const before = await times();
    const { counter, clock } = start(() => Promise.resolve(false));
    now += 30 * 60_000;
    counter.count(1, program, results);
    await clock.flush();
    expect(await times()).toEqual(before);
    now += 31 * 60_000;
    counter.count(1, program, results);
    await clock.close();
    expect(await times()).not.toEqual(before);
  });

  it('M202: are dropped on a database that PostHog made', async () => {
    const before = await counted();
    const { counter, clock } = start(() => Promise.resolve(true));
    counter.count(1, program, results);
    await clock.close();
    expect([await counted(), errors]).toEqual([before, []]);
  });

  it('M194: take bounded memory, and say what is lost', () => {
    const pending = new PendingCounts();
    const many = Array.from({ length: 100_001 }, (_, flagId) => ({ teamId: 1, flagId, value: 'true', count: 2 }));
    expect(pending.add(many, now)).toBe(2);
    expect(pending.add(many.slice(0, 10), now)).toBe(0);
    expect(pending.take(1)).toHaveLength(100_000);
    expect(pending.add(many.slice(0, 10), now)).toBe(0);
  });
});
