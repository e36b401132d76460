import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import {
  createSchedule,
  deleteSchedule,
  type Flag,
  listSchedules,
  readActivity,
  readFlag,
  readSchedule,
  runDueSchedules,
  type ScheduleRun,
  Transactions,
  updateSchedule,
} from '../index.ts';
import { asking, dependsOn, ProjectFixture, refusal } from '../project.cases.ts';
import { isCronExpression, nextTime } from './recurrence.ts';

const project = new ProjectFixture();

const minute = 60_000;
const inMinutes = (count: number): string => new Date(project.now + count * minute).toISOString();
const turning = (on: boolean): JsonObject => ({ operation: 'update_status', value: on });

const plan = (flag: { readonly id: number }, more: JsonObject = {}) =>
  project.write((context) =>
    createSchedule(context, {
      record_id: String(flag.id),
      model_name: 'FeatureFlag',
      payload: turning(false),
      scheduled_at: inMinutes(5),
      ...more,
    }),
  );
const schedule = (id: number) => project.read((context) => readSchedule(context, id));
const flagNow = (flag: Flag) => project.read((context) => readFlag(context, flag.id));

/** Lets so many minutes pass, and one process look for what is due. */
async function pass(minutes: number, store = project.store): Promise<ScheduleRun[]> {
  project.now += minutes * minute;
  const runs: ScheduleRun[] = [];
  const onError = (error: unknown) => {
    throw error;
  };
  await runDueSchedules(store, { clock: () => project.now, onRun: (run) => runs.push(run), onError });
  // Other tests' projects have plans, too.
  return runs.filter(({ teamId }) => teamId === project.teamId);
}

describe('planning a change', () => {
  it('M135, M137: keeps what is planned, with the time zone of the project', async () => {
    await project.sql(`update posthog_team set timezone = 'Europe/Berlin' where id = ${project.teamId}`);
    const flag = await project.createFull('a');
    const made = await plan(flag);
    expect(made).toMatchObject({
      team_id: project.teamId,
      record_id: String(flag.id),
      model_name: 'FeatureFlag',
      payload: turning(false),
      scheduled_at: '2026-11-20T10:05:02.000000Z',
      executed_at: null,
      failure_reason: null,
      created_by: { id: 1 },
      is_recurring: false,
      recurrence_interval: null,
      cron_expression: null,
      last_executed_at: null,
      end_date: null,
      timezone: 'Europe/Berlin',
    });
    const other = await project.createFull('b');
    await plan(other);
    const list = (recordId: string | null) =>
      project.read((context) => listSchedules(context, { model: 'FeatureFlag', recordId }, { limit: 1, offset: 0 }));
    expect(await list(null)).toMatchObject({ count: 2, results: [{ record_id: String(other.id) }] });
    expect(await list(String(flag.id))).toEqual({ count: 1, results: [made] });
    const times = (isExecuted: boolean | null, isDescending: boolean) =>
      project.read((context) =>
        listSchedules(
          context,
          { model: null, recordId: null, isExecuted },
          { limit: 9, offset: 0 },
          { by: 'scheduled_at', isDescending },
        ),
      );
    const { scheduled_at: soonest } = await plan(other, { scheduled_at: inMinutes(3) });
    await project.sql(`update posthog_scheduledchange set executed_at = now() where id = ${made.id}`);
    const [soon, later] = [{ scheduled_at: soonest }, { record_id: String(other.id) }];
    expect(await times(false, false)).toMatchObject({ count: 2, results: [soon, later] });
    expect(await times(true, false)).toMatchObject({ count: 1, results: [{ id: made.id }] });
    expect((await times(null, true)).results.at(-1)).toMatchObject(soon);
    project.teamId = await project.newProject();
    expect((await list(null)).count).toBe(0);
    expect(await refusal(schedule(made.id))).toMatchObject({ status: 404 });
  });

  it.each<[payload: JsonValue, code?: string]>([
    [{}],
    [{ operation: 'delete', value: true }, 'invalid_choice'],
    [{ operation: 'update_status', value: 'on' }],
    [{ operation: 'add_release_condition', value: { groups: [] } }],
    [{ operation: 'update_variants', value: [] }],
    ['x', 'not_a_dict'],
    [null, 'null'],
  ])('M136: the payload %j does nothing that there is', async (payload, code) => {
    const flag = await project.createFull('a');
    const before = await project.everything();
    const error = await refusal(plan(flag, { payload }));
    expect(error).toMatchObject({ status: 400, attr: 'payload', ...(code === undefined ? {} : { code }) });
    expect(await project.everything()).toBe(before);
  });

  it('M136: what it makes of the flag is judged as a change is', async () => {
    const flag = await project.createFull('a');
    const wrong: JsonObject[] = [
      { operation: 'add_release_condition', value: { groups: [{ rollout_percentage: 101 }] } },
      { operation: 'update_variants', value: { variants: [{ key: 'a', rollout_percentage: 50 }] } },
    ];
    for (const payload of wrong) expect(await refusal(plan(flag, { payload }))).toMatchObject({ attr: 'filters' });
  });

  it.each<[more: JsonObject, attr: string]>([
    [{ is_recurring: true }, 'recurrence_interval'],
    [{ recurrence_interval: 'daily' }, 'recurrence_interval'],
    [{ cron_expression: '0 9 * * 1' }, 'cron_expression'],
    [{ is_recurring: true, recurrence_interval: 'hourly' }, 'recurrence_interval'],
    [{ is_recurring: true, cron_expression: '0 9 * *' }, 'cron_expression'],
    [{ is_recurring: true, cron_expression: '0 0 30 2 *' }, 'cron_expression'],
    [{ is_recurring: true, cron_expression: '* * * * * *' }, 'cron_expression'],
    [{ is_recurring: true, recurrence_interval: 'daily', cron_expression: '0 9 * * 1' }, 'cron_expression'],
    [{ is_recurring: true, recurrence_interval: 'daily', end_date: '2026-11-01T00:00:00Z' }, 'end_date'],
    [{ scheduled_at: 'tomorrow' }, 'scheduled_at'],
    [{ scheduled_at: null }, 'scheduled_at'],
    [{ model_name: 'Cohort' }, 'model_name'],
  ])('M137: %j is refused', async (more, attr) => {
    expect(await refusal(plan(await project.createFull('a'), more))).toMatchObject({ status: 400, attr });
  });

  it('M137, M138: its flag is there and stays the same, and what has run is history', async () => {
    const flag = await project.createFull('a');
    for (const id of [flag.id + 1000, 'x']) {
      const error = await refusal(plan(flag, { record_id: id }));
      expect(error).toMatchObject({ status: 400, detail: 'Feature flag not found' });
    }
    const groups = { operation: 'add_release_condition', value: { groups: [{}] } };
    const recurring = { payload: groups, is_recurring: true, recurrence_interval: 'daily' };
    expect(await refusal(plan(flag, recurring))).toMatchObject({ attr: 'payload' });
    const made = await plan(flag);
    const change = (body: JsonObject) => project.write((context) => updateSchedule(context, made.id, body));
    expect(await refusal(change({ record_id: '7' }))).toMatchObject({ attr: 'record_id' });
    expect(await refusal(change({ model_name: 'Cohort' }))).toMatchObject({ attr: 'model_name' });
    expect(await change({ scheduled_at: inMinutes(9), payload: turning(true) })).toMatchObject({
      payload: turning(true),
      scheduled_at: '2026-11-20T10:09:07.000000Z',
    });
    await pass(10);
    expect(await refusal(change({ scheduled_at: inMinutes(9) }))).toMatchObject({ status: 400 });
    await project.write((context) => deleteSchedule(context, made.id));
    expect(await refusal(schedule(made.id))).toMatchObject({ status: 404 });
  });
});

describe('what is due', () => {
  it('M139: is carried out once, by its creator, with what caused it in the history', async () => {
    const flag = await project.createFull('a');
    const made = await plan(flag);
    expect(await pass(4)).toEqual([]);
    expect(await pass(1)).toEqual([{ id: made.id, teamId: project.teamId, failure: null }]);
    expect(await pass(60)).toEqual([]);
    expect(await flagNow(flag)).toMatchObject({ active: false, version: 2, last_modified_by: { id: 1 } });
    expect(await schedule(made.id)).toMatchObject({ executed_at: '2026-11-20T10:05:02.000000Z', failure_reason: null });
    const query = { scope: 'FeatureFlag', itemId: String(flag.id), limit: 1, page: 1 };
    const { results } = await project.read((context) => readActivity(context, query));
    const trigger = { job_type: 'scheduled_change', job_id: String(made.id), payload: turning(false) };
    expect(results).toMatchObject([
      { user: { email: 'ada@example.com' }, detail: { trigger, context: { via: 'schedule' } } },
    ]);
  });

  it('M136, M139: conditions are added, variants replaced; several come in the order of their times', async () => {
    const flag = await project.createFull('a');
    const variants = [{ key: 'v', rollout_percentage: 100 }];
    await plan(flag, {
      payload: { operation: 'add_release_condition', value: { groups: [{ rollout_percentage: 7 }] } },
    });
    const value = { variants, payloads: { v: '1' } };
    await plan(flag, { payload: { operation: 'update_variants', value }, scheduled_at: inMinutes(1) });
    expect((await pass(30)).map(({ failure }) => failure)).toEqual([null, null]);
    expect((await flagNow(flag)).filters).toMatchObject({
      groups: [{ rollout_percentage: 100 }, { rollout_percentage: 7 }],
      multivariate: { variants },
      payloads: { v: '1' },
    });
  });

  it('M139: what a guard refuses has failed for good, and says why', async () => {
    const base = await project.createFull('base');
    const top = await project.create({ key: 'top', filters: asking(dependsOn(base)) });
    const [made, gone] = [await plan(base), await plan(top)];
    await project.patch(top.id, { deleted: true });
    await project.patch(top.id, { deleted: false });
    await project.sql(`update posthog_featureflag set deleted = true where id = ${top.id}`);
    await project.sql(`insert into posthog_featureflag (team_id, key, filters)
      values (${project.teamId}, 'still', '${JSON.stringify(asking(dependsOn(base)))}')`);
    const runs = await pass(10);
    expect(runs.map(({ failure }) => failure)).toEqual([expect.stringContaining('still'), 'The flag is deleted.']);
    expect(await schedule(made.id)).toMatchObject({
      executed_at: expect.any(String) as string,
      failure_reason: runs[0]?.failure,
    });
    expect(await schedule(gone.id)).toMatchObject({ failure_reason: 'The flag is deleted.' });
    expect(await flagNow(base)).toMatchObject({ active: true, version: 1 });
    expect(await pass(10)).toEqual([]);
  });

  it('M139: a change that a fault keeps from being carried out is tried ten times, then it has failed, and others go on', async () => {
    const flag = await project.createFull('a');
    const other = await project.createFull('b');
    const made = await plan(flag);
    await plan(other);
    await project.sql(
      `create function fault() returns trigger language plpgsql as $$ begin raise exception 'a fault'; end $$`,
      `create trigger fault before update on posthog_featureflag for each row when (old.id = ${flag.id}) execute function fault()`,
    );
    const errors: unknown[] = [];
    const look = () =>
      runDueSchedules(project.store, { clock: () => project.now, onError: (error) => errors.push(error) });
    try {
      project.now += 6 * minute;
      await look();
      expect(await flagNow(other)).toMatchObject({ active: false });
      const tried = await schedule(made.id);
      expect([tried.executed_at, tried.failure_reason?.includes('fault')]).toEqual([null, true]);
      for (let tries = 1; tries < 12; tries += 1) {
        project.now += minute;
        await look();
      }
    } finally {
      await project.sql('drop trigger fault on posthog_featureflag', 'drop function fault()');
    }
    expect(errors).toHaveLength(10);
    expect((await schedule(made.id)).executed_at).not.toBeNull();
    expect(await flagNow(flag)).toMatchObject({ active: true, version: 1 });
  });

  it('M137, M139: a recurring change is planned anew, once however long nobody looked, until its end', async () => {
    const flag = await project.createFull('a');
    const end = new Date(project.now + 4 * 24 * 60 * minute).toISOString();
    const made = await plan(flag, { is_recurring: true, recurrence_interval: 'daily', end_date: end });
    expect(await pass(6)).toHaveLength(1);
    expect(await schedule(made.id)).toMatchObject({
      scheduled_at: '2026-11-21T10:05:02.000000Z',
      last_executed_at: '2026-11-20T10:06:02.000000Z',
      executed_at: null,
    });
    expect(await pass(2 * 24 * 60)).toHaveLength(1);
    expect(await schedule(made.id)).toMatchObject({ scheduled_at: '2026-11-23T10:05:02.000000Z', executed_at: null });
    await project.write((context) => updateSchedule(context, made.id, { is_recurring: false }));
    expect(await pass(3 * 24 * 60)).toEqual([]);
    await project.write((context) => updateSchedule(context, made.id, { is_recurring: true }));
    expect(await pass(1)).toHaveLength(1);
    expect(await schedule(made.id)).toMatchObject({ executed_at: expect.any(String) as string });
  });

  it('M139: of many processes one carries it out, and after a kill another', async () => {
    const flags = [];
    for (let n = 0; n < 6; n += 1) flags.push(await project.createFull(`f${n}`));
    for (const flag of flags) await plan(flag);
    // Killed between its check and its end: everything of it is gone, its locks too.
    const killed = new Transactions(project.url, { size: 1 });
    const dying = killed.write(function* dies() {
      yield {
        text: `update posthog_scheduledchange set failure_reason = 'half done' where team_id = ${project.teamId}`,
        values: [],
      };
      throw new Error('killed');
    });
    await expect(dying).rejects.toThrow('killed');
    await killed.close();
    project.now += 10 * minute;
    const others = [new Transactions(project.url), new Transactions(project.url)];
    const runs = (await Promise.all([...others, project.store].map((store) => pass(0, store)))).flat();
    await Promise.all(others.map((store) => store.close()));
    expect(runs.map(({ id }) => id).toSorted((a, b) => a - b)).toHaveLength(6);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(6);
    for (const flag of flags) expect(await flagNow(flag)).toMatchObject({ active: false, version: 2 });
  });
});

describe('when something happens again', () => {
  const at = (text: string) => Date.parse(text);
  it.each<[interval: string, from: string, after: string, next: string]>([
    ['daily', '2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z', '2026-11-21T10:00:00.000Z'],
    ['weekly', '2026-11-20T10:00:00Z', '2026-12-04T10:00:00Z', '2026-12-11T10:00:00.000Z'],
    ['monthly', '2026-01-31T10:00:00Z', '2026-01-31T10:00:00Z', '2026-02-28T10:00:00.000Z'],
    ['monthly', '2026-01-31T10:00:00Z', '2026-03-01T10:00:00Z', '2026-03-31T10:00:00.000Z'],
    ['yearly', '2024-02-29T10:00:00Z', '2026-11-20T10:00:00Z', '2027-02-28T10:00:00.000Z'],
  ])('M137: %s from %s after %s: %s', (interval, from, after, next) => {
    const time = nextTime({ interval, cron: null, timezone: 'UTC' }, at(from), at(after));
    expect(new Date(time ?? 0).toISOString()).toBe(next);
  });

  it('M137: cron fields are those of the time zone, over its changes too', () => {
    const next = (after: string) =>
      new Date(
        nextTime({ interval: null, cron: '0 9 * * *', timezone: 'Europe/Berlin' }, 0, at(after)) ?? 0,
      ).toISOString();
    expect(next('2026-10-24T12:00:00Z')).toBe('2026-10-25T08:00:00.000Z');
    expect(next('2026-10-23T12:00:00Z')).toBe('2026-10-24T07:00:00.000Z');
    expect(['0 9 * * 1', '*/5 * * * *'].every(isCronExpression)).toBe(true);
    expect(['', 'x', '61 * * * *', '0 0 31 2 *', '@daily', '* * * * * *'].some(isCronExpression)).toBe(false);
  });
});
