import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { asking, ProjectFixture, refusal } from '../project.cases.ts';
import { type Flag, readActivity, readFlagVersion, updateFlag, type Work } from '../index.ts';

const project = new ProjectFixture();

const activity = async (itemId: number | null, limit = 10, page = 1) => {
  const query = { scope: 'FeatureFlag', itemId: itemId === null ? null : String(itemId), limit, page };
  return project.read((context) => readActivity(context, query));
};
const versionOf = (flag: Flag, version: number) =>
  project.read((context) => readFlagVersion(context, flag.id, version));

describe('history', () => {
  it('M160, M161: every write has one entry, with what differs', async () => {
    const flag = await project.create({ key: 'a' });
    await project.patch(flag.id, { name: 'n', tags: ['t'], active: false }, { userId: 2 });
    await project.patch(flag.id, { name: '' });
    await project.patch(flag.id, { deleted: true });
    await project.patch(flag.id, { deleted: false });
    const { results, total } = await activity(flag.id);
    expect(total).toBe(5);
    expect(results.map((entry) => entry['activity'])).toEqual(['restored', 'deleted', 'updated', 'updated', 'created']);
    const change = (field: string, action: string, before: JsonValue, after: JsonValue) => ({
      type: 'FeatureFlag',
      action,
      field,
      before,
      after,
    });
    expect(results[3]).toMatchObject({
      user: { first_name: '', email: 'bob@example.com' },
      activity: 'updated',
      scope: 'FeatureFlag',
      item_id: String(flag.id),
      created_at: '2026-11-20T10:00:02.000000Z',
      detail: {
        name: 'a',
        short_id: null,
        type: null,
        trigger: null,
        changes: [
          change('name', 'created', '', 'n'),
          change('active', 'changed', true, false),
          change('tags', 'created', [], ['t']),
          change('version', 'changed', 1, 2),
        ],
      },
    });
    expect(results[2]).toMatchObject({
      detail: { changes: [change('name', 'deleted', 'n', ''), { field: 'version' }] },
    });
    expect(results[4]).toMatchObject({ detail: { changes: [] } });
  });

  it('M160: pages are newest first, of one flag or of all, and empty past the end', async () => {
    const flag = await project.create({ key: 'a' });
    for (let n = 0; n < 4; n += 1) await project.patch(flag.id, { name: `n${n}` });
    await project.create({ key: 'b' });
    const names = async (itemId: number | null, limit: number, page: number) =>
      (await activity(itemId, limit, page)).results.map((entry) => entry['created_at']);
    const times = (...seconds: number[]) => seconds.map((second) => `2026-11-20T10:00:0${second}.000000Z`);
    expect(await names(flag.id, 2, 1)).toEqual(times(5, 4));
    expect(await names(flag.id, 2, 3)).toEqual(times(1));
    expect(await names(null, 2, 1)).toEqual(times(6, 5));
    expect(await names(flag.id, 2, 4)).toEqual([]);
    project.teamId = await project.newProject();
    expect((await activity(null)).total).toBe(0);
  });

  it('M160: the system and people who are gone have their own names', async () => {
    const flag = await project.create({ key: 'a' });
    await project.patch(flag.id, { name: 'n' }, { isSystem: true, via: 'schedule' });
    await project.sql(`insert into posthog_user (id, email) values (77, 'gone@example.com')`);
    await project.patch(flag.id, { name: 'm' }, { userId: 77 });
    await project.sql('delete from posthog_user where id = 77');
    const { results } = await activity(flag.id);
    expect(results[0]).toMatchObject({ user: { first_name: '', email: '' } });
    expect(results[1]).toMatchObject({ user: { first_name: 'System', email: null, is_system: true } });
  });

  it('M162: a write that fails after its entry leaves none, and one without change has none', async () => {
    const flag = await project.create({ key: 'a' });
    const before = await project.everything();
    await project.patch(flag.id, {});
    const failing = project.write(function* fails(context): Work<never> {
      yield* updateFlag(context, flag.id, { name: 'n' });
      throw new Error('the process is killed here');
    });
    await expect(failing).rejects.toThrow('killed here');
    expect(await project.everything()).toBe(before);
  });

  it('M163: an entry says through what it came, and why', async () => {
    const flag = await project.create({ key: 'a', change_note: 'first try' }, { via: 'key', label: 'terraform' });
    await project.patch(flag.id, { name: 'n', change_note: 'renamed' }, { via: 'console' });
    const { results } = await activity(flag.id);
    expect(results).toMatchObject([
      { detail: { context: { via: 'console', note: 'renamed' } } },
      { detail: { context: { via: 'key: terraform', note: 'first try' } } },
    ]);
  });
});

describe('an earlier version', () => {
  it('M165: is what the flag was', async () => {
    const flags = [await project.createFull('a', { tags: ['x'] })];
    const { id } = flags[0]!;
    const edits: JsonObject[] = [
      { name: 'n', tags: ['x', 'y'] },
      { filters: asking({ key: 'a', type: 'person', operator: 'is_set' }), active: false },
      { deleted: true },
      { deleted: false, key: 'b' },
    ];
    for (const edit of edits) flags.push(await project.patch(id, edit, { userId: 2 }));
    for (const flag of flags) {
      const { key, name, filters, tags, active, deleted, version } = flag;
      expect(await versionOf(flag, version)).toMatchObject({ id, key, name, filters, tags, active, deleted, version });
    }
    expect(await versionOf(flags[0]!, 1)).toMatchObject({
      created_by: 1,
      modified_by: 1,
      is_historical: true,
      version_timestamp: '2026-11-20T10:00:01.000000Z',
    });
    expect(await versionOf(flags[0]!, 5)).toMatchObject({ modified_by: 2, is_historical: false });
    for (const version of [0, -1, 6])
      expect(await refusal(versionOf(flags[0]!, version))).toMatchObject({ status: 404 });
  });

  it('M165: is not guessed: history that lacks an entry says so, encrypted payloads are not shown, groups are a list', async () => {
    const flag = await project.createFull('a');
    for (const name of ['b', 'c']) await project.patch(flag.id, { name });
    await project.sql(`update posthog_activitylog set detail = jsonb_set(detail, '{changes}', '[{"field": "version", "after": 3},
      {"field": "filters", "before": {}}]') where item_id = '${flag.id}' and detail @> '{"changes": [{"after": 3}]}'`);
    expect(await versionOf(flag, 2)).toMatchObject({ filters: { groups: [] } });
    await project.sql(
      `delete from posthog_activitylog where item_id = '${flag.id}' and detail @> '{"changes": [{"after": 2}]}'`,
    );
    expect(await refusal(versionOf(flag, 1))).toMatchObject({ status: 422 });
    await project.sql(`update posthog_featureflag set has_encrypted_payloads = true where id = ${flag.id}`);
    expect(await refusal(versionOf(flag, 2))).toMatchObject({ status: 400 });
  });
});
