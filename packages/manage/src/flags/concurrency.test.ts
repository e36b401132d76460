import type { JsonObject } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { asking, dependsOn, ProjectFixture, refusal } from '../project.cases.ts';
import { type Flag, readFlag, Refusal } from '../index.ts';

const project = new ProjectFixture();

/** What became of commands that were sent together. */
async function together(...commands: Promise<Flag>[]): Promise<{ done: Flag[]; refused: Refusal[] }> {
  const settled = await Promise.allSettled(commands);
  const done = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as Refusal] : []));
  for (const error of refused) expect(error).toBeInstanceOf(Refusal);
  return { done, refused };
}

describe('an edit on another version', () => {
  const body = (flag: Flag, changes: JsonObject): JsonObject => ({
    version: flag.version,
    original_flag: flag as unknown as JsonObject,
    ...changes,
  });

  it('M80, M81: the version is a precondition; fields that both changed are a conflict, which names who was faster', async () => {
    const flag = await project.createFull('a', { name: 'first' });
    await project.patch(flag.id, { name: 'second' }, { userId: 2 });
    const before = await project.everything();
    const error = await refusal(project.patch(flag.id, body(flag, { name: 'third' })));
    expect(error).toMatchObject({ status: 409, type: 'server_error', code: 'conflict', attr: null });
    expect(error['detail']).toContain('bob@example.com');
    expect(await project.everything()).toBe(before);
    expect(await project.patch(flag.id, body(flag, { name: 'second' }))).toMatchObject({ version: 2 });
  });

  it('M81: a stale save of the whole flag undoes nothing', async () => {
    const flag = await project.createFull('a', { name: 'first', tags: ['x'] });
    await project.patch(flag.id, { name: 'second', filters: { groups: [{ rollout_percentage: 50 }] } });
    const { key, name, filters, tags } = flag;
    const saved = await project.patch(flag.id, body(flag, { key, name, filters, tags: [...tags, 'y'] }));
    expect(saved).toMatchObject({ name: 'second', tags: ['x', 'y'], version: 3 });
    expect(saved.filters).toMatchObject({ groups: [{ rollout_percentage: 50 }] });
  });

  it('M80, M81: without an original the last writer wins, and -1 asks for no check', async () => {
    const flag = await project.createFull('a');
    await project.patch(flag.id, { name: 'second' });
    expect(await project.patch(flag.id, { name: 'third', version: 1 })).toMatchObject({ name: 'third', version: 3 });
    expect(await project.patch(flag.id, body(flag, { name: 'fourth', version: -1 }))).toMatchObject({ name: 'fourth' });
    expect(await project.patch(flag.id, { version: 99 })).toMatchObject({ version: 4 });
    expect(await refusal(project.patch(flag.id, { version: 'x' }))).toMatchObject({ status: 400, attr: 'version' });
    expect(await refusal(project.patch(flag.id, { original_flag: [] }))).toMatchObject({ attr: 'original_flag' });
  });

  it('M83: what is only shown, order of members and order of tags make no difference', async () => {
    const [cohort] = await project.sql(
      `insert into posthog_cohort (team_id, name, is_static) values (${project.teamId}, 'Gold', true) returning id`,
    );
    const inCohort = { type: 'cohort', key: 'id', operator: 'in', value: Number(cohort) };
    const flag = await project.create({ key: 'a', filters: asking(inCohort), tags: ['x', 'y'] });
    const shown = { ...inCohort, cohort_name: 'Gold' };
    expect(await project.patch(flag.id, { filters: asking(shown), tags: ['Y', 'x'] })).toEqual(flag);
    await project.patch(flag.id, { filters: asking({ ...inCohort, operator: 'not_in' }) });
    const sent = { ...body(flag, { filters: asking(shown) }) };
    expect((await project.patch(flag.id, sent)).filters).toMatchObject({
      groups: [{ properties: [{ operator: 'not_in' }] }],
    });
    const reordered = { groups: [{ rollout_percentage: 100, properties: [inCohort] }, {}] };
    const error = await refusal(project.patch(flag.id, { ...body(flag, {}), filters: reordered }));
    expect(error).toMatchObject({ status: 409 });
  });
});

describe('writers at the same time', () => {
  it('M82, M46: edits of different members of one flag are all kept, each as a version', async () => {
    const flag = await project.createFull('a');
    const edits: JsonObject[] = [
      { name: 'n' },
      { filters: { payloads: { true: '1' } } },
      { filters: { early_exit: true } },
      { tags: ['t'] },
      { evaluation_runtime: 'server' },
      { filters: { groups: [{ rollout_percentage: 7 }] } },
    ];
    const { done } = await together(...edits.map((edit) => project.patch(flag.id, edit)));
    expect(done.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(await project.read((context) => readFlag(context, flag.id))).toMatchObject({
      name: 'n',
      tags: ['t'],
      evaluation_runtime: 'server',
      filters: { payloads: { true: '1' }, early_exit: true, groups: [{ rollout_percentage: 7 }] },
    });
  });

  it('M81, M82: of two editors of one field one is told', async () => {
    const flag = await project.createFull('a', { name: 'first' });
    const edit = (name: string) =>
      project.patch(flag.id, { name, version: 1, original_flag: flag as unknown as JsonObject });
    const { done, refused } = await together(edit('left'), edit('right'));
    expect(done).toHaveLength(1);
    expect(refused).toMatchObject([{ status: 409 }]);
  });

  it('M41: one key is taken once', async () => {
    const { done, refused } = await together(...Array.from({ length: 6 }, () => project.createFull('same')));
    expect(done).toHaveLength(1);
    expect(refused.map(({ problems }) => problems[0].code)).toEqual(Array(5).fill('unique'));
  });

  it('M41: the index has the last word where somebody writes rows without taking turns', async () => {
    await project.sql(`create function slip_in() returns trigger language plpgsql as $$ begin
      if new.name <> 'slipped' then
        insert into posthog_featureflag (team_id, key, name) values (new.team_id, new.key, 'slipped');
      end if;
      return new; end $$`);
    await project.sql(
      'create trigger slip_in before insert on posthog_featureflag for each row execute function slip_in()',
    );
    const error = await refusal(project.createFull('raced'));
    await project.sql('drop trigger slip_in on posthog_featureflag', 'drop function slip_in');
    expect(error).toMatchObject({ status: 400, code: 'unique', attr: 'key' });
  });

  it('M69, M82: two flags do not close a cycle between them', async () => {
    for (let n = 0; n < 5; n += 1) {
      const [left, right] = [await project.createFull(`left-${n}`), await project.createFull(`right-${n}`)];
      const { done, refused } = await together(
        project.patch(left.id, { filters: asking(dependsOn(right)) }),
        project.patch(right.id, { filters: asking(dependsOn(left)) }),
      );
      expect(done).toHaveLength(1);
      expect(refused).toMatchObject([{ status: 400, problems: [{ attr: 'filters' }] }]);
    }
  });

  it('M47, M69: a flag is not turned off while another begins to ask about it', async () => {
    for (let n = 0; n < 5; n += 1) {
      const target = await project.createFull(`target-${n}`);
      const { done, refused } = await together(
        project.patch(target.id, { active: false }),
        project.create({ key: `asks-${n}`, filters: asking(dependsOn(target)) }),
      );
      expect(done).toHaveLength(1);
      expect(refused).toHaveLength(1);
    }
  });
});
