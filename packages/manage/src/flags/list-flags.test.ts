import type { JsonObject } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import {
  bulkArchive,
  bulkDelete,
  bulkKeys,
  bulkUpdateTags,
  dependentFlags,
  listFlags,
  matchingIds,
  readActivity,
  renderFlags,
  renderOne,
} from '../index.ts';
import { asking, dependsOn, ProjectFixture, refusal } from '../project.cases.ts';

const project = new ProjectFixture();

const list = async (parameters: Record<string, string> = {}, limit = 100, offset = 0) => {
  const page = await project.read((context) => listFlags(context, parameters, { limit, offset }));
  return { count: page.count, keys: page.flags.map((flag) => flag.key) };
};
const keys = async (parameters: Record<string, string>) => (await list(parameters)).keys;
const age = (key: string, days: number, column = 'created_at') =>
  project.sql(`update posthog_featureflag set ${column} = '2026-11-20T10:00:00Z'::timestamptz - interval '${days} days'
    where key = '${key}' and team_id = ${project.teamId}`);

describe('the list of flags', () => {
  it('M35, M37: newest first, without deleted and archived ones, in pages that do not overlap', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await project.createFull(key);
    await project.sql(`update posthog_featureflag set created_at = '2026-01-01' where team_id = ${project.teamId}`);
    const all = (await list()).keys;
    expect(all).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect([...(await list({}, 2, 0)).keys, ...(await list({}, 2, 2)).keys, ...(await list({}, 2, 4)).keys]).toEqual(
      all,
    );
    expect(await list({}, 2, 6)).toEqual({ count: 5, keys: [] });
    const ids = await project.read((context) => matchingIds(context, {}));
    await project.patch(ids[0]!, { deleted: true });
    await project.patch(ids[1]!, { active: false, archived: true });
    expect(await list()).toEqual({ count: 3, keys: ['c', 'b', 'a'] });
    expect(await keys({ archived: 'true' })).toEqual(['d']);
    expect(await keys({ archived: 'false' })).toEqual(['c', 'b', 'a']);
  });

  it('M37: takes as many statements for many flags as for one', async () => {
    const [cohort] = await project.sql(
      `insert into posthog_cohort (team_id, name, is_static) values (${project.teamId}, 'Gold', true) returning id`,
    );
    const inCohort = { type: 'cohort', key: 'id', operator: 'in', value: Number(cohort) };
    const statements = async (limit: number): Promise<number> => {
      let asked = 0;
      const page = await project.read(function* counted(context) {
        const work = (function* rendering() {
          const { flags } = yield* listFlags(context, { search: 'f', tags: '["t"]' }, { limit, offset: 0 });
          return yield* renderFlags(context, flags);
        })();
        let step = work.next();
        while (step.done !== true) {
          asked += 1;
          step = work.next(yield step.value);
        }
        return step.value;
      });
      expect(page).toHaveLength(limit);
      return asked;
    };
    for (let n = 0; n < 12; n += 1) {
      await project.create({ key: `f${n}`, tags: ['t'], evaluation_contexts: ['c'], filters: asking(inCohort) });
    }
    const one = await statements(1);
    expect(one).toBeLessThan(7);
    expect(await statements(12)).toBe(one);
  });

  it('M36: parameters restrict, all of them together', async () => {
    const variants = ['control', 'test'].map((key) => ({ key, rollout_percentage: 50 }));
    await project.createFull('new-cart', { name: 'Two columns 100% _x', tags: ['web', 'cart'] });
    await project.createFull('old_cart', { active: false, tags: ['web'], evaluation_runtime: 'server' });
    await project.create({ key: 'split', filters: { groups: [{}], multivariate: { variants } } }, { userId: 2 });
    await project.create({ key: 'conf', is_remote_configuration: true, evaluation_contexts: ['docs'] });
    await project.sql(`update posthog_featureflag set has_experiment = true where key = 'split'`);
    const cases: [Record<string, string>, string[]][] = [
      [{ search: 'CART' }, ['old_cart', 'new-cart']],
      [{ search: ' new  cart ' }, ['new-cart']],
      [{ search: 'two columns' }, ['new-cart']],
      [{ search: '100% _x' }, ['new-cart']],
      [{ search: "'; drop table posthog_featureflag; --" }, []],
      [{ search: '(' }, []],
      [{ search: '' }, ['conf', 'split', 'old_cart', 'new-cart']],
      [{ key: 'New-Cart' }, ['new-cart']],
      [{ key: 'cart' }, []],
      [{ active: 'true' }, ['conf', 'split', 'new-cart']],
      [{ active: 'false' }, ['old_cart']],
      [{ type: 'boolean' }, ['conf', 'old_cart', 'new-cart']],
      [{ type: 'multivariant' }, ['split']],
      [{ type: 'experiment' }, ['split']],
      [{ type: 'remote_config' }, ['conf']],
      [{ evaluation_runtime: 'server' }, ['old_cart']],
      [{ created_by_id: '2' }, ['split']],
      [{ created_by_id: '[1, 2]', type: 'multivariant' }, ['split']],
      [{ created_by_id: '3,4' }, []],
      [{ created_by_id: 'x' }, []],
      [{ tags: '["cart", "other"]' }, ['new-cart']],
      [{ tags: 'web' }, ['old_cart', 'new-cart']],
      [{ tags: '["WEB"]', excluded_tags: '["cart"]' }, ['old_cart']],
      [{ excluded_properties: '["conf", "split"]' }, ['old_cart', 'new-cart']],
      [{ has_evaluation_contexts: 'true' }, ['conf']],
      [{ has_evaluation_contexts: 'false', active: 'false' }, ['old_cart']],
      [{ eligible_for_experiment: 'true' }, ['split']],
      [{ unknown: 'x', limit: 'y' }, ['conf', 'split', 'old_cart', 'new-cart']],
      [{ order: 'key' }, ['conf', 'new-cart', 'old_cart', 'split']],
      [{ order: '-key' }, ['split', 'old_cart', 'new-cart', 'conf']],
      [{ order: '-updated_at' }, ['conf', 'split', 'old_cart', 'new-cart']],
    ];
    for (const [parameters, expected] of cases) {
      expect({ parameters, found: await keys(parameters) }).toEqual({ parameters, found: expected });
    }
    expect(await refusal(list({ search: 'x'.repeat(201) }))).toMatchObject({ status: 400, attr: 'search' });
    expect(await refusal(list({ order: 'filters' }))).toMatchObject({ status: 400, attr: 'order' });
  });

  it('M36: by what they ask about, and by what is computed of them', async () => {
    const [cohort] = await project.sql(
      `insert into posthog_cohort (team_id, name, is_static) values (${project.teamId}, 'Gold', true) returning id`,
    );
    const share = (percentage: number | null) => ({ groups: [{ rollout_percentage: percentage }] });
    const variants = ['a', 'b'].map((key) => ({ key, rollout_percentage: 50 }));
    const base = await project.createFull('base', { tags: ['zed'] });
    await project.create({ key: 'half', tags: ['web', 'app'], filters: { ...share(50), multivariate: { variants } } });
    await project.create({ key: 'all', filters: { groups: [{ rollout_percentage: 2.5 }, {}] } });
    await project.create({ key: 'asks', active: false, filters: asking(dependsOn(base)) });
    const member = { type: 'cohort', key: 'id', value: Number(cohort), operator: 'in' };
    await project.create({ key: 'gold', filters: { groups: [{ properties: [member], rollout_percentage: 10 }] } });
    await project.create({ key: 'nobody' });
    const cases: [Record<string, string>, string[]][] = [
      [{ depends_on: String(base.id) }, ['asks']],
      [{ depends_on: 'x' }, []],
      [{ depends_on: '999999' }, []],
      [{ uses_cohort: String(cohort) }, ['gold']],
      [{ uses_cohort: String(cohort), active: 'false' }, []],
      [{ order: 'rollout' }, ['nobody', 'gold', 'half', 'asks', 'all', 'base']],
      [{ order: '-rollout' }, ['asks', 'all', 'base', 'half', 'gold', 'nobody']],
      [{ order: '-variants', search: 'half' }, ['half']],
      [{ order: 'tags', tags: '["zed", "web"]' }, ['half', 'base']],
      [{ order: '-tags', tags: '["zed", "web"]' }, ['base', 'half']],
    ];
    for (const [parameters, expected] of cases) {
      expect({ parameters, found: await keys(parameters) }).toEqual({ parameters, found: expected });
    }
    expect((await keys({ order: '-variants' }))[0]).toBe('half');
  });

  it('M87, M36: stale is what nobody has called for 30 days', async () => {
    const variants = [{ key: 'a', rollout_percentage: 100 }];
    await project.createFull('called-long-ago');
    await project.createFull('called-lately');
    await project.createFull('full');
    await project.create({ key: 'partly', filters: { groups: [{ rollout_percentage: 50 }] } });
    await project.create({ key: 'implicit', filters: { groups: [{}] } });
    await project.create({
      key: 'pinned',
      filters: { groups: [{ rollout_percentage: 100 }], multivariate: { variants } },
    });
    await project.create({ key: 'bare' });
    for (const key of await keys({})) await age(key, 60);
    await age('called-long-ago', 31, 'last_called_at');
    await age('called-lately', 29, 'last_called_at');
    expect(await keys({ active: 'STALE' })).toEqual(['called-long-ago']);
    // M194: that SDKs report calls of one flag shows that they would of the others.
    await project.sql(
      `insert into halyard_flag_calls (team_id, day, flag_key, value, calls, errors, last_called_at)
        values (${project.teamId}, '2026-10-01', 'called-lately', 'true', 1, 0, '2026-10-01Z')`,
    );
    expect((await keys({ active: 'STALE' })).toSorted()).toEqual(['called-long-ago', 'full', 'pinned']);
    const status = async (key: string) => {
      const { flags } = await project.read((context) => listFlags(context, { key }, { limit: 1, offset: 0 }));
      return (await project.read((context) => renderOne(context, flags[0]!)))['status'];
    };
    expect(await status('bare')).toBe('STALE');
    expect(await status('called-lately')).toBe('ACTIVE');
    await project.sql(`update halyard_flag_calls set day = '2026-11-30'`);
    expect(await status('full')).toBe('ACTIVE');
  });
});

describe('a flag as it is shown', () => {
  it('M30, M31, M16: with names beside ids, what the caller may do, and the constants of the reference', async () => {
    const [cohort] = await project.sql(
      `insert into posthog_cohort (team_id, name, is_static) values (${project.teamId}, 'Gold', true) returning id`,
    );
    await project.sql(`insert into posthog_group (team_id, group_type_index, group_key, group_properties)
      values (${project.teamId}, 0, 'acme', '{"name": "Acme Inc"}')`);
    const filters = {
      groups: [
        {
          properties: [{ type: 'cohort', key: 'id', value: Number(cohort), operator: 'in' }],
          rollout_percentage: 12.5,
        },
        {
          aggregation_group_type_index: 0,
          properties: [
            { type: 'group', group_type_index: 0, key: '$group_key', operator: 'exact', value: ['acme', 'bob'] },
          ],
        },
      ],
      multivariate: null,
    };
    const flag = await project.create({ key: 'a', filters });
    const shown = await project.read((context) => renderOne(context, flag));
    expect(shown).toMatchObject({
      id: flag.id,
      status: 'ACTIVE',
      can_edit: true,
      user_access_level: 'manager',
      experiment_set: [],
      usage_dashboard: null,
      is_eligible_for_experiment: false,
      filters: {
        multivariate: null,
        groups: [
          { properties: [{ cohort_name: 'Gold' }], rollout_percentage: 12.5 },
          { properties: [{ group_key_names: { acme: 'Acme Inc', bob: 'bob' } }] },
        ],
      },
    });
    expect(Object.keys(shown)).not.toContain('rollout_percentage');
    await project.sql(`delete from posthog_cohort where id = ${String(cohort)}`);
    const member = { userId: 2, isAdmin: false };
    const later = await project.write((context) => renderOne(context, flag), member);
    expect(later).toMatchObject({
      user_access_level: 'editor',
      filters: { groups: [{ properties: [{ cohort_name: null }] }, {}] },
    });
  });

  it('M32: encrypted payloads are masked', async () => {
    const flag = await project.create({
      key: 'a',
      is_remote_configuration: true,
      filters: { payloads: { true: '"s3cret"' }, groups: [{}] },
    });
    const shown = await project.read((context) => renderOne(context, { ...flag, has_encrypted_payloads: true }));
    expect(JSON.stringify(shown)).not.toContain('s3cret');
    expect(shown['filters']).toMatchObject({ payloads: { true: '"********* (encrypted)"' } });
  });

  it('M88: dependents are the active flags that name it directly, by key', async () => {
    const base = await project.createFull('base');
    const one = await project.create({ key: 'z', name: 'Last', filters: asking(dependsOn(base)) });
    const two = await project.create({ key: 'b', filters: asking(dependsOn(base, false)) });
    await project.create({ key: 'far', filters: asking(dependsOn(one)) });
    const off = await project.create({ key: 'off', filters: asking(dependsOn(base)) });
    await project.patch(off.id, { active: false });
    const found = await project.read((context) => dependentFlags(context, base.id));
    expect(found).toEqual([
      { id: two.id, key: 'b', name: 'b' },
      { id: one.id, key: 'z', name: 'Last' },
    ]);
    expect(await refusal(project.read((context) => dependentFlags(context, base.id + 999)))).toMatchObject({
      status: 404,
    });
  });
});

describe('actions on many flags', () => {
  it('M96: keys by ids', async () => {
    const [a, b] = [await project.createFull('a'), await project.createFull('b')];
    await project.patch(b.id, { deleted: true });
    const ask = (ids: unknown[]) => project.read((context) => bulkKeys(context, { ids: ids as number[] }));
    expect(await ask([a.id, String(a.id), b.id, 999_999])).toEqual({ keys: { [a.id]: 'a' } });
    expect(await ask([a.id, 'x', -1, 1.5, null])).toMatchObject({
      keys: { [a.id]: 'a' },
      warning: expect.any(String) as string,
    });
    expect(await ask([])).toEqual({ keys: {} });
    expect(await refusal(ask(['x']))).toMatchObject({ status: 400 });
    expect(await refusal(project.read((context) => bulkKeys(context, { ids: '1' })))).toMatchObject({ status: 400 });
  });

  it('M98: flags that go together do not hold each other, those that are needed stay', async () => {
    const base = await project.createFull('base');
    const top = await project.create({ key: 'top', filters: asking(dependsOn(base)) });
    const held = await project.createFull('held');
    const holder = await project.create({ key: 'holder', filters: asking(dependsOn(held)) });
    const off = await project.create({ key: 'off' });
    const variants = [{ key: 'v', rollout_percentage: 100 }];
    const split = await project.createFull('split', {
      filters: { groups: [{ rollout_percentage: 100 }], multivariate: { variants } },
    });
    const body = { ids: [base.id, top.id, held.id, off.id, split.id, 999_999, 'x'] };
    const { deleted, errors } = await project.write((context) => bulkDelete(context, body));
    expect(deleted).toEqual([
      { id: base.id, key: 'base', rollout_state: 'fully_rolled_out', active_variant: null },
      { id: top.id, key: 'top', rollout_state: 'partial', active_variant: null },
      { id: off.id, key: 'off', rollout_state: 'not_rolled_out', active_variant: null },
      { id: split.id, key: 'split', rollout_state: 'fully_rolled_out', active_variant: 'v' },
    ]);
    expect(errors).toMatchObject([{ id: 'x' }, { id: held.id, key: 'held' }, { id: 999_999 }]);
    expect(await keys({})).toEqual(['holder', 'held']);
    const query = { scope: 'FeatureFlag', itemId: String(base.id), limit: 1, page: 1 };
    const { results } = await project.read((context) => readActivity(context, query));
    expect(results).toMatchObject([{ activity: 'deleted', detail: { changes: [{}, { field: 'version', after: 2 }] } }]);
    expect(holder.id).toBeGreaterThan(held.id);
  });

  it('M186: flags that are put away together do not hold each other, those that are needed stay', async () => {
    const base = await project.createFull('base');
    const top = await project.create({ key: 'top', filters: asking(dependsOn(base)) });
    const held = await project.createFull('held');
    await project.create({ key: 'holder', filters: asking(dependsOn(held)) });
    const body = { ids: [base.id, top.id, held.id, 999_999, 'x'], change_note: 'spring' };
    const { archived, errors } = await project.write((context) => bulkArchive(context, body));
    expect(archived).toEqual([
      { id: base.id, key: 'base' },
      { id: top.id, key: 'top' },
    ]);
    expect(errors).toMatchObject([
      { id: 'x' },
      { id: held.id, key: 'held', reason: expect.stringContaining('holder') as string },
      { id: 999_999 },
    ]);
    expect(await keys({ archived: 'true' })).toEqual(['top', 'base']);
    const query = { scope: 'FeatureFlag', itemId: String(base.id), limit: 1, page: 1 };
    const { results } = await project.read((context) => readActivity(context, query));
    expect(results).toMatchObject([{ activity: 'updated', detail: { context: { note: 'spring' } } }]);
    // What is so already stays as it is.
    await project.write((context) => bulkArchive(context, { ids: [base.id] }));
    expect((await project.read((context) => readActivity(context, query))).total).toBe(2);
    expect(await refusal(project.write((context) => bulkArchive(context, {})))).toMatchObject({ status: 400 });
  });

  it('M98: by filters, of which an unknown one deletes nothing', async () => {
    await project.createFull('a', { tags: ['x'] });
    await project.createFull('b');
    const remove = (body: JsonObject) => project.write((context) => bulkDelete(context, body));
    const before = await project.everything();
    for (const body of [{}, { ids: [], filters: {} }, { filters: { taggs: ['x'] } }, { filters: [] }, { ids: 'all' }]) {
      expect(await refusal(remove(body as unknown as JsonObject))).toMatchObject({ status: 400 });
    }
    expect((await refusal(remove({ filters: { nope: 1 } })))['detail']).toBe('Unknown filter keys: nope');
    expect(await project.everything()).toBe(before);
    const { deleted } = await remove({ filters: { tags: ['x'] } });
    expect(deleted).toMatchObject([{ key: 'a' }]);
    expect(await keys({})).toEqual(['b']);
  });

  it('M99: tags of many flags, with an entry for each that changed', async () => {
    const [a, b] = [await project.createFull('a', { tags: ['x'] }), await project.createFull('b')];
    const change = (action: string, tags: unknown, ids: unknown = [a.id, b.id, 999_999]) =>
      project.write((context) => bulkUpdateTags(context, { action, tags, ids } as unknown as JsonObject));
    const added = await change('add', ['Y']);
    expect(added).toEqual({
      updated: [
        { id: a.id, tags: ['x', 'y'] },
        { id: b.id, tags: ['y'] },
      ],
      skipped: [{ id: 999_999, reason: 'Flag not found.' }],
    });
    expect(await change('remove', ['x'], [a.id, b.id])).toMatchObject({ updated: [{ tags: ['y'] }, { tags: ['y'] }] });
    expect(await change('set', [], [b.id])).toMatchObject({ updated: [{ tags: [] }] });
    const query = { scope: 'FeatureFlag', itemId: null, limit: 1, page: 1 };
    expect((await project.read((context) => readActivity(context, query))).total).toBe(6);
    const many = Array.from({ length: 501 }, (_, i) => i + 1);
    for (const [action, tags, ids] of [
      ['drop', [], [1]],
      ['add', 'x', [1]],
      ['add', [], many],
      ['add', [], 1],
    ] as const) {
      expect(await refusal(change(action, tags, ids))).toMatchObject({ status: 400 });
    }
  });
});
