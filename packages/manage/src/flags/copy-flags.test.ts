import type { JsonObject } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { copyFlag, createCohort, listCohorts, listFlags, readActivity, readCopyWish } from '../index.ts';
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

  it.each<JsonObject>([
    {},
    { feature_flag_key: 'a', from_project: 1 },
    { feature_flag_key: 'a', from_project: 1, target_project_ids: [] },
    { feature_flag_key: 'a', from_project: 1, target_project_ids: ['x'] },
    { feature_flag_key: 'a', from_project: 'x', target_project_ids: [1] },
    { feature_flag_key: 'a', from_project: 1, target_project_ids: Array.from({ length: 51 }, (_, i) => i + 1) },
    { feature_flag_key: {}, from_project: 1, target_project_ids: [1] },
    { feature_flag_key: 'a', from_project: 1, target_project_ids: [1], copy_schedule: true },
  ])('M102: %j is refused', async (body) => {
    const attempt = Promise.resolve().then(() => readCopyWish(body));
    expect(await refusal(attempt)).toMatchObject({ status: 400 });
  });

  it('M102: a flag that is not there is not found', async () => {
    expect(await refusal(copy(project.teamId, [project.teamId]))).toMatchObject({ status: 404 });
  });
});
