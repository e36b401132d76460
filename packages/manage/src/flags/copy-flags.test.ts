import type { JsonObject } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import {
  copyFlag,
  createCohort,
  createSchedule,
  listCohorts,
  listFlags,
  listSchedules,
  readActivity,
  readCopyWish,
} from '../index.ts';
import { asking, dependsOn, ProjectFixture, refusal } from '../project.cases.ts';
import { byText } from './flag-input.ts';

const project = new ProjectFixture();

describe('copying a flag to other projects', () => {
  const copy = (from: number, targets: unknown, more: JsonObject = {}, key = 'a') => {
    const body = { feature_flag_key: key, from_project: from, target_project_ids: targets, ...more } as JsonObject;
    const contextOf = (teamId: number) => (teamId > 1_000_000 ? null : { ...project.context(), teamId });
    return copyFlag(project.store, readCopyWish(body), contextOf);
  };
  const flagsIn = async (teamId: number) => {
    project.teamId = teamId;
    const { flags } = await project.read((context) => listFlags(context, { order: 'key' }, { limit: 10, offset: 0 }));
    return flags;
  };
  const person: JsonObject = { key: 'plan', type: 'person', operator: 'exact', value: ['pro'] };

  it('M102: makes it, or changes the one of that key, with its own history', async () => {
    await project.createFull('a', { name: 'n', tags: ['t'], evaluation_contexts: ['docs'] });
    const from = project.teamId;
    const to = [await project.newProject(), await project.newProject()];
    const outcome = await copy(from, [...to, 2_000_000, from]);
    expect(outcome.success).toMatchObject([
      { key: 'a', team_id: to[0] },
      { key: 'a', team_id: to[1] },
    ]);
    expect(outcome.failed).toMatchObject([
      { project_id: 2_000_000, error_message: 'Project not found.' },
      { project_id: from },
    ]);
    const [made] = await flagsIn(to[0]!);
    expect(made).toMatchObject({ name: 'n', tags: ['t'], evaluation_contexts: ['docs'], active: true, version: 1 });
    await project.patch(made!.id, { name: 'other' });
    await copy(from, [to[0]], { disable_copied_flag: true });
    expect(await flagsIn(to[0]!)).toMatchObject([{ name: 'n', active: false, version: 3 }]);
    const query = { scope: 'FeatureFlag', itemId: String(made!.id), limit: 1, page: 1 };
    const { results } = await project.read((context) => readActivity(context, query));
    expect(results).toMatchObject([{ detail: { context: { note: `Copied from project ${from}.` } } }]);
  });

  it('M102: cohorts are found by name or made, children first, and their ids are those of the other project', async () => {
    const cohort = async (name: string, ...values: JsonObject[]) => {
      const filters = { properties: { type: 'OR', values } };
      return (await project.write((context) => createCohort(context, { name, filters }))).cohort.id;
    };
    const child = await cohort('Child', person);
    const outer = await cohort('Outer', { key: 'id', type: 'cohort', value: child });
    const known = await cohort('Known', person);
    const inCohort = (id: number): JsonObject => ({ key: 'id', type: 'cohort', operator: 'in', value: id });
    await project.create({ key: 'a', filters: asking(inCohort(outer), inCohort(known)) });
    const from = project.teamId;
    const to = await project.newProject();
    project.teamId = to;
    const there = await cohort('Known', { ...person, value: ['free'] });
    expect((await copy(from, [to])).failed).toEqual([]);
    const selection = { search: null, isStatic: null, createdBy: null, hideBehavioural: false };
    const { cohorts } = await project.read((context) => listCohorts(context, selection, { limit: 10, offset: 0 }));
    const id = (name: string) => cohorts.find((one) => one.name === name)?.id;
    expect(cohorts.map(({ name }) => name ?? '').toSorted(byText)).toEqual(['Child', 'Known', 'Outer']);
    expect(JSON.stringify(cohorts.find(({ name }) => name === 'Outer')?.filters)).toContain(`"value":${id('Child')}`);
    const [flag] = await flagsIn(to);
    const used = JSON.stringify(flag?.filters).match(/"value":\d+/g);
    expect(used).toEqual([`"value":${id('Outer')}`, `"value":${there}`]);
  });

  it('M102: flags that it asks about are there and on, or come along where that is wanted; else nothing is written', async () => {
    const base = await project.createFull('base');
    const middle = await project.create({ key: 'middle', filters: asking(dependsOn(base)) });
    await project.create({ key: 'a', filters: asking(dependsOn(middle), dependsOn(base)) });
    const from = project.teamId;
    const to = await project.newProject();
    const refused = await copy(from, [to]);
    expect(refused.success).toEqual([]);
    expect(refused.failed[0]?.error_message).toContain('"middle"');
    expect(await flagsIn(to)).toEqual([]);
    expect((await copy(from, [to], { copy_dependencies: true })).failed).toEqual([]);
    const [a, there] = await flagsIn(to);
    expect((await flagsIn(to)).map(({ key }) => key)).toEqual(['a', 'base', 'middle']);
    expect(JSON.stringify(a?.filters)).toContain(`"key":"${there!.id}"`);
  });

  it('M102, M136: what is planned and has not run is planned over there, once, with the ids of that project', async () => {
    const flag = await project.createFull('a');
    const [from, to] = [project.teamId, await project.newProject()];
    const cohort = await project.write((context) =>
      createCohort(context, { name: 'Known', filters: { properties: { type: 'OR', values: [person] } } }),
    );
    const inCohort = { key: 'id', type: 'cohort', operator: 'in', value: cohort.cohort.id };
    const plan = (payload: JsonObject, more: JsonObject = {}) => {
      const body = { record_id: String(flag.id), model_name: 'FeatureFlag', scheduled_at: '2126-01-01T00:00:00Z' };
      return project.write((context) => createSchedule(context, { ...body, payload, ...more }));
    };
    await plan({ operation: 'add_release_condition', value: asking(inCohort) });
    await plan({ operation: 'update_status', value: false }, { is_recurring: true, recurrence_interval: 'weekly' });
    const past = await plan({ operation: 'update_status', value: false });
    await project.sql(`update posthog_scheduledchange set executed_at = now() where id = ${past.id}`);
    const schedules = async () => {
      project.teamId = to;
      const page = { limit: 10, offset: 0 };
      return (await project.read((context) => listSchedules(context, { model: null, recordId: null }, page))).results;
    };
    await copy(from, [to]);
    expect(await schedules()).toEqual([]);
    for (let times = 0; times < 2; times += 1) {
      project.teamId = from;
      expect((await copy(from, [to], { copy_schedule: true })).failed).toEqual([]);
      const [copied] = await flagsIn(to);
      const selection = { search: null, isStatic: null, createdBy: null, hideBehavioural: false };
      const { cohorts } = await project.read((context) => listCohorts(context, selection, { limit: 9, offset: 0 }));
      expect((await schedules()).toSorted((a, b) => a.id - b.id)).toMatchObject([
        {
          record_id: String(copied!.id),
          scheduled_at: '2126-01-01T00:00:00.000000Z',
          payload: { value: { groups: [{ properties: [{ type: 'cohort', value: cohorts[0]!.id }] }] } },
        },
        { record_id: String(copied!.id), is_recurring: true, recurrence_interval: 'weekly' },
      ]);
    }
  });

  it.each<JsonObject>([
    {},
    { feature_flag_key: 'a', from_project: 1 },
    { feature_flag_key: 'a', from_project: 1, target_project_ids: [] },
    { feature_flag_key: 'a', from_project: 1, target_project_ids: ['x'] },
    { feature_flag_key: 'a', from_project: 'x', target_project_ids: [1] },
    { feature_flag_key: 'a', from_project: 1, target_project_ids: Array.from({ length: 51 }, (_, i) => i + 1) },
    { feature_flag_key: {}, from_project: 1, target_project_ids: [1] },
  ])('M102: %j is refused', async (body) => {
    const attempt = Promise.resolve().then(() => readCopyWish(body));
    expect(await refusal(attempt)).toMatchObject({ status: 400 });
  });

  it('M102: a flag that is not there is not found', async () => {
    expect(await refusal(copy(project.teamId, [project.teamId]))).toMatchObject({ status: 404 });
  });
});
