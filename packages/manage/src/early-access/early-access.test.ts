import type { JsonObject } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import {
  createEarlyAccess,
  deleteEarlyAccess,
  listEarlyAccess,
  readActivity,
  readEarlyAccess,
  readFlag,
  updateEarlyAccess,
} from '../index.ts';
import { ProjectFixture, refusal } from '../project.cases.ts';

const project = new ProjectFixture();

const offer = (body: JsonObject) => project.write((context) => createEarlyAccess(context, body));
const change = (id: string, body: JsonObject) => project.write((context) => updateEarlyAccess(context, id, body));
const flagWithId = (id: unknown) => project.read((context) => readFlag(context, Number(id)));

describe('early access features', () => {
  it('M128, M130: without a flag one is made, which is off for all but those who join', async () => {
    await project.createFull('new-search');
    const feature = await offer({
      name: 'New search!',
      stage: 'draft',
      description: 'd',
      documentation_url: 'https://docs',
    });
    expect(feature).toMatchObject({
      name: 'New search!',
      stage: 'draft',
      description: 'd',
      documentation_url: 'https://docs',
    });
    expect(feature.feature_flag).toMatchObject({ key: 'new-search-2', active: true });
    const flag = await flagWithId(feature.feature_flag?.['id']);
    expect(flag.filters).toMatchObject({ groups: [{ rollout_percentage: 0 }] });
    expect(flag.features).toMatchObject([
      { id: feature.id, name: 'New search!', documentationUrl: 'https://docs', flagKey: 'new-search-2' },
    ]);
    const page = await project.read((context) => listEarlyAccess(context, { limit: 10, offset: 0 }));
    expect(page).toEqual({ count: 1, results: [feature] });
    project.teamId = await project.newProject();
    expect(await refusal(project.read((context) => readEarlyAccess(context, feature.id)))).toMatchObject({
      status: 404,
    });
    expect(await refusal(project.read((context) => readEarlyAccess(context, 'x')))).toMatchObject({ status: 404 });
  });

  it('M129, M131: people may join in the released stages only, and not when it has gone', async () => {
    const { id: flagId } = await project.createFull('a');
    const { id } = await offer({ name: 'A', stage: 'beta', feature_flag_id: flagId });
    const joins = async () => (await flagWithId(flagId)).filters['feature_enrollment'] === true;
    expect(await joins()).toBe(true);
    await change(id, { stage: 'concept' });
    expect(await joins()).toBe(false);
    await change(id, { stage: 'general-availability', feature_flag_id: 7 });
    expect(await joins()).toBe(true);
    expect(await change(id, { name: 'B' })).toMatchObject({ name: 'B', stage: 'general-availability' });
    const query = { scope: 'EarlyAccessFeature', itemId: id, limit: 9, page: 1 };
    expect((await project.read((context) => readActivity(context, query))).total).toBe(4);
    await project.write((context) => deleteEarlyAccess(context, id));
    expect(await joins()).toBe(false);
    expect(await project.patch(flagId, { deleted: true })).toMatchObject({ deleted: true });
  });

  it('M130: a flag is there, has no other feature, no group targeting and no variants', async () => {
    const variants = [{ key: 'v', rollout_percentage: 100 }];
    const split = await project.createFull('split', { filters: { groups: [{}], multivariate: { variants } } });
    const grouped = await project.createFull('grouped', { filters: { groups: [{ aggregation_group_type_index: 0 }] } });
    const taken = await project.createFull('taken');
    await offer({ name: 'A', stage: 'draft', feature_flag_id: taken.id });
    const gone = await project.createFull('gone');
    await project.patch(gone.id, { deleted: true });
    const before = await project.everything();
    for (const id of [split.id, grouped.id, taken.id, gone.id, 999_999]) {
      const error = await refusal(offer({ name: 'B', stage: 'beta', feature_flag_id: id }));
      expect(error).toMatchObject({ status: 400, attr: 'feature_flag_id' });
    }
    expect(await project.everything()).toBe(before);
  });

  it.each<[body: JsonObject, attr: string]>([
    [{ stage: 'beta' }, 'name'],
    [{ name: 'a' }, 'stage'],
    [{ name: 'x'.repeat(201), stage: 'beta' }, 'name'],
    [{ name: 'a', stage: 'soon' }, 'stage'],
    [{ name: 'a', stage: null }, 'stage'],
    [{ name: 'a', stage: 'beta', documentation_url: [] }, 'documentation_url'],
  ])('M128: %j is refused', async (body, attr) => {
    expect(await refusal(offer(body))).toMatchObject({ status: 400, attr });
  });
});
