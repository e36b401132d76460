import { ExactNumber, type JsonObject, type JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { asking, dependsOn, ProjectFixture, refusal } from '../project.cases.ts';
import { bulkDelete, readFlag, Refusal, runLifecycleAction } from '../index.ts';

const project = new ProjectFixture();

describe('creating a flag', () => {
  it('M40, M30: needs a key only, and is off for all by its filters', async () => {
    const flag = await project.create({ key: 'new-cart' });
    expect(flag).toMatchObject({
      key: 'new-cart',
      name: '',
      filters: { groups: [] },
      active: true,
      archived: false,
      deleted: false,
      version: 1,
      ensure_experience_continuity: false,
      evaluation_runtime: 'all',
      bucketing_identifier: 'distinct_id',
      tags: [],
      evaluation_contexts: [],
      created_at: '2026-11-20T10:00:01.000000Z',
      created_by: { id: 1, email: 'ada@example.com' },
      last_modified_by: { id: 1 },
    });
    expect(await project.read((context) => readFlag(context, flag.id))).toEqual(flag);
  });

  it('M40, M70: with filters at least one condition group is needed', async () => {
    const code = { status: 400, type: 'validation_error', attr: 'filters' };
    for (const filters of [{ groups: [] }, {}]) {
      expect(await refusal(project.create({ key: 'a', filters }))).toMatchObject(code);
    }
  });

  it.each([
    [{}, 'required'],
    [{ key: null }, 'null'],
    [{ key: '  ' }, 'blank'],
    [{ key: 'a b' }, 'invalid_key'],
    [{ key: 'ü' }, 'invalid_key'],
    [{ key: 'a'.repeat(401) }, 'max_length'],
    [{ key: ['a'] }, 'invalid_input'],
    [{ key: true }, 'invalid_input'],
  ])('M41: the key %j is refused: %s', async (body, code) => {
    expect(await refusal(project.create(body))).toMatchObject({ status: 400, code, attr: 'key' });
  });

  it('M41, M4: keys are unique in a project, whatever their case says, and free in another', async () => {
    await project.create({ key: 'a' });
    expect(await refusal(project.create({ key: 'a' }))).toEqual({
      status: 400,
      type: 'validation_error',
      code: 'unique',
      detail: 'There is already a feature flag with this key.',
      attr: 'key',
    });
    await project.create({ key: 'A' });
    const { teamId } = project;
    project.teamId = await project.newProject();
    const other = await project.create({ key: 'a' });
    project.teamId = teamId;
    expect(await refusal(project.read((context) => readFlag(context, other.id)))).toMatchObject({ status: 404 });
    expect(await refusal(project.patch(other.id, { name: 'x' }))).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('M6: scalars are coerced, text is trimmed', async () => {
    const flag = await project.create({ key: ' 7 ', name: 12, active: 'false', ensure_experience_continuity: 1 });
    expect(flag).toMatchObject({ key: '7', name: '12', active: false, ensure_experience_continuity: true });
    expect(await project.create({ key: 8 })).toMatchObject({ key: '8' });
  });

  it('M43, M44: tags are lower-cased, contexts are kept, both are sorted lists that replace', async () => {
    const flag = await project.create({
      key: 'a',
      tags: [' Web', 'cart', 'WEB', ''],
      evaluation_contexts: ['Docs', 'app'],
    });
    expect(flag).toMatchObject({ tags: ['cart', 'web'], evaluation_contexts: ['Docs', 'app'] });
    expect(await project.patch(flag.id, { name: 'n' })).toMatchObject({ tags: ['cart', 'web'] });
    const later = await project.patch(flag.id, { tags: ['x'], evaluation_tags: ['app'] });
    expect(later).toMatchObject({ tags: ['x'], evaluation_contexts: ['app'], version: 3 });
    expect(await project.patch(flag.id, { tags: [], evaluation_contexts: [] })).toMatchObject({
      tags: [],
      evaluation_contexts: [],
    });
    const many = Array.from({ length: 51 }, (_, i) => `c${i}`);
    for (const [attr, body] of [
      ['tags', { tags: 'web' }],
      ['tags__0', { tags: [{}] }],
      ['evaluation_contexts', { evaluation_contexts: many }],
      ['tags__1', { tags: ['y', 'x'.repeat(256)] }],
    ] as const) {
      expect(await refusal(project.patch(flag.id, body))).toMatchObject({ status: 400, attr });
    }
  });

  it('M49: encrypted payloads need a remote configuration, which begins fully rolled out', async () => {
    expect(await refusal(project.create({ key: 'a', has_encrypted_payloads: true }))).toMatchObject({ status: 400 });
    const secret = { key: 'a', is_remote_configuration: true, has_encrypted_payloads: true };
    expect(await refusal(project.create(secret))).toMatchObject({ code: 'unsupported' });
    const flag = await project.create({ key: 'a', is_remote_configuration: true });
    expect(flag.filters).toMatchObject({ groups: [{ properties: [], rollout_percentage: 100 }] });
    const filters = { groups: [{ rollout_percentage: 0 }, { rollout_percentage: null }, { rollout_percentage: 30 }] };
    const other = await project.create({ key: 'b', is_remote_configuration: true, filters });
    expect(other.filters).toMatchObject({
      groups: [{ rollout_percentage: 100 }, { rollout_percentage: 100 }, { rollout_percentage: 30 }],
    });
    const stored = { groups: [{}], payloads: { true: 'gAAAAA' } };
    await project.sql(`update posthog_featureflag set has_encrypted_payloads = true, filters = '${JSON.stringify(stored)}'
      where id = ${flag.id}`);
    expect(await project.patch(flag.id, { name: 'n', active: false })).toMatchObject({ name: 'n', filters: stored });
    const plain = { payloads: { true: '"plain"' } };
    expect(await refusal(project.patch(flag.id, { filters: plain }))).toMatchObject({ code: 'unsupported' });
  });

  it('M49: bucketing by device and continuity do not go together, unless they did', async () => {
    const both = { bucketing_identifier: 'device_id', ensure_experience_continuity: true };
    expect(await refusal(project.create({ key: 'a', ...both }))).toMatchObject({ status: 400 });
    const { id } = await project.create({ key: 'a', bucketing_identifier: 'device_id' });
    expect(await refusal(project.patch(id, { ensure_experience_continuity: true }))).toMatchObject({ status: 400 });
    await project.sql(`update posthog_featureflag set ensure_experience_continuity = true where id = ${id}`);
    expect(await project.patch(id, { ...both, name: 'n' })).toMatchObject({ name: 'n' });
  });
});

describe('changing a flag', () => {
  it('M45: only members present are changed, each write is a version; one that changes nothing is none', async () => {
    const { id } = await project.create({ key: 'a', name: 'first' });
    const second = await project.patch(id, { active: false }, { userId: 2 });
    expect(second).toMatchObject({ name: 'first', active: false, version: 2, last_modified_by: { id: 2 } });
    expect(second.updated_at).toBe('2026-11-20T10:00:02.000000Z');
    const before = await project.everything();
    expect(await project.patch(id, { active: false, name: 'first', tags: [], deleted: false })).toEqual(second);
    expect(await project.everything()).toBe(before);
  });

  it('M46: sent members of filters replace those of the same name, others stay', async () => {
    const variants = [
      { key: 'control', rollout_percentage: 50 },
      { key: 'test', rollout_percentage: 50 },
    ];
    const filters = { groups: [{ rollout_percentage: 10 }], multivariate: { variants }, payloads: { control: '1' } };
    const { id } = await project.create({ key: 'a', filters });
    const wider = await project.patch(id, { filters: { groups: [{ rollout_percentage: 20 }] } });
    expect(wider.filters).toMatchObject({ groups: [{ rollout_percentage: 20 }], multivariate: { variants } });
    expect(wider.filters['payloads']).toEqual({ control: '1' });
    expect(await project.patch(id, { filters: {} })).toEqual(wider);
    expect((await project.patch(id, { filters: { groups: [] } })).filters['groups']).toEqual([]);
    expect(await refusal(project.patch(id, { filters: { multivariate: null } }))).toMatchObject({
      code: 'cross_field.payload_key_not_true',
      attr: 'filters',
    });
    const plain = await project.patch(id, { filters: { multivariate: null, payloads: null } });
    expect(plain.filters).toMatchObject({ multivariate: null, payloads: null });
  });

  it('M61: a bad old flag can be switched off', async () => {
    const { id } = await project.create({ key: 'a' });
    await project.sql(`update posthog_featureflag set filters = '{"groups": "none"}' where id = ${id}`);
    expect(await project.patch(id, { active: false })).toMatchObject({ active: false, filters: { groups: 'none' } });
    expect(await refusal(project.patch(id, { filters: { payloads: {} } }))).toMatchObject({
      code: 'structural.groups.invalid_type',
    });
  });

  it('M47: a flag that active flags ask about stays on, and is needed for them to be turned on', async () => {
    const base = await project.createFull('base');
    const others = [];
    for (let n = 0; n < 6; n += 1)
      others.push(await project.create({ key: `on-${n}`, filters: asking(dependsOn(base)) }));
    const error = await refusal(project.patch(base.id, { active: false }));
    expect(error).toMatchObject({ status: 400, type: 'validation_error', attr: null });
    expect(error['detail']).toContain(`on-0 (ID: ${others[0]!.id}), on-1`);
    expect(error['detail']).toMatch(/, on-4 \(ID: \d+\) and 1 more$/);
    for (const { id } of others) await project.patch(id, { active: false });
    expect(await project.patch(base.id, { active: false })).toMatchObject({ active: false });
    expect(await refusal(project.patch(others[0]!.id, { active: true }))).toMatchObject({ status: 400, attr: null });
    await project.patch(base.id, { active: true });
    expect(await project.patch(others[0]!.id, { active: true })).toMatchObject({ active: true });
  });

  it('M48: archived means off, both ways', async () => {
    const { id } = await project.create({ key: 'a' });
    expect(await refusal(project.patch(id, { archived: true }))).toMatchObject({ status: 400 });
    expect(await project.patch(id, { archived: true, active: false })).toMatchObject({ archived: true, active: false });
    expect(await refusal(project.patch(id, { active: true }))).toMatchObject({ status: 400 });
    expect(await project.patch(id, { active: true, archived: false })).toMatchObject({ archived: false, active: true });
  });

  it('M85: lifecycle actions do what they say, once', async () => {
    const { id } = await project.create({ key: 'a' });
    const act = (action: 'enable' | 'disable' | 'archive' | 'unarchive') =>
      project.write((context) => runLifecycleAction(context, id, action));
    expect(await act('archive')).toMatchObject({ archived: true, active: false, version: 2 });
    expect(await act('archive')).toMatchObject({ version: 2 });
    expect(await refusal(act('enable'))).toMatchObject({ status: 400 });
    expect(await act('unarchive')).toMatchObject({ archived: false, active: false, version: 3 });
    expect(await act('enable')).toMatchObject({ active: true, version: 4 });
    expect(await act('disable')).toMatchObject({ active: false, version: 5 });
    await project.patch(id, { deleted: true });
    expect(await refusal(act('enable'))).toMatchObject({ status: 400, code: 'deleted' });
  });
});

describe('fields of any type', () => {
  const values: JsonValue[] = [
    null,
    true,
    0,
    -1.5,
    1e300,
    new ExactNumber('1.0', 1),
    '',
    'x',
    '\0',
    '\ud800',
    [],
    [null],
    [[]],
    {},
    { a: {} },
    { groups: [{ properties: [{}] }] },
    'y'.repeat(100_000),
  ];

  it.each([
    'key',
    'name',
    'filters',
    'active',
    'archived',
    'deleted',
    'ensure_experience_continuity',
    'is_remote_configuration',
    'has_encrypted_payloads',
    'evaluation_runtime',
    'bucketing_identifier',
    'tags',
    'evaluation_contexts',
    'version',
    'original_flag',
    'change_note',
    'unknown',
  ])('M5, M6: %s is taken or refused, and a refusal writes nothing', async (field) => {
    const { id } = await project.createFull('a');
    let before = await project.everything();
    for (const value of values) {
      const outcome = await project.patch(id, { [field]: value }).catch((reason: unknown) => reason);
      const after = await project.everything();
      if (outcome instanceof Refusal) {
        expect(outcome.status).toBe(400);
        expect(after).toBe(before);
      } else expect(outcome).not.toBeInstanceOf(Error);
      before = after;
    }
  });
});

describe('deleting and restoring', () => {
  it('M50, M34: a deleted flag keeps its row and is still returned; one that is needed is not deleted', async () => {
    const base = await project.createFull('base');
    const other = await project.create({ key: 'other', filters: asking(dependsOn(base)) });
    expect(await refusal(project.patch(base.id, { deleted: true }))).toMatchObject({ status: 400, attr: null });
    await project.patch(other.id, { key: 'other', deleted: true });
    expect(await project.patch(base.id, { deleted: true })).toMatchObject({ deleted: true, key: 'base' });
    expect(await project.read((context) => readFlag(context, base.id))).toMatchObject({ deleted: true });
    expect(await refusal(project.patch(other.id, { deleted: false }))).toMatchObject({ status: 400 });
    expect(await project.patch(base.id, { deleted: false })).toMatchObject({ deleted: false });
    expect(await project.patch(other.id, { deleted: false })).toMatchObject({ deleted: false });
  });

  it('M42, M51: the key of a deleted flag is free; who comes back gets the old one, or one like it', async () => {
    const first = await project.create({ key: 'a' });
    await project.patch(first.id, { deleted: true });
    const second = await project.create({ key: 'a' });
    expect(await project.read((context) => readFlag(context, first.id))).toMatchObject({
      key: `a:deleted:${first.id}`,
    });
    expect(await project.patch(first.id, { deleted: false })).toMatchObject({ key: 'a-2', deleted: false });
    await project.patch(first.id, { deleted: true });
    await project.patch(second.id, { key: 'a-2' });
    await project.patch(second.id, { deleted: true });
    expect(await project.patch(first.id, { deleted: false, key: 'a' })).toMatchObject({ key: 'a' });
    expect(await refusal(project.patch(second.id, { deleted: false, key: 'a' }))).toMatchObject({ code: 'unique' });
    // Another dead flag gives the old key away.
    const third = await project.create({ key: 'c' });
    await project.patch(third.id, { deleted: true });
    const { id: later } = await project.create({ key: 'c' });
    await project.patch(later, { deleted: true });
    expect(await project.patch(third.id, { deleted: false })).toMatchObject({ key: 'c', deleted: false });
    const long = await project.create({ key: 'b'.repeat(400) });
    await project.patch(long.id, { deleted: true });
    await project.create({ key: 'b'.repeat(400) });
    expect((await project.read((context) => readFlag(context, long.id))).key).toHaveLength(400);
  });

  it('M50, M70, M98: a flag of a running experiment stays, with its variants; one that decides about recordings stays', async () => {
    const half = { rollout_percentage: 50 };
    const variants = (...keys: string[]) => ({
      groups: [{ properties: [dependsOn(base)] }],
      multivariate: { variants: keys.map((key) => ({ key, ...half })) },
    });
    const base = await project.createFull('base');
    const flag = await project.create({ key: 'a', filters: variants('control', 'test') });
    const above = await project.create({ key: 'b', filters: asking(dependsOn(flag, 'test')) });
    const refused = async (body: JsonObject) => (await refusal(project.patch(flag.id, body)))['detail'];
    await project.sql(
      'create table posthog_experiment (team_id int, feature_flag_id int, deleted boolean, start_date timestamptz, end_date timestamptz)',
      `insert into posthog_experiment values (${project.teamId}, ${flag.id}, false, now(), null)`,
    );
    try {
      expect(await refused({ deleted: true })).toContain('running experiment');
      for (const filters of [variants('control', 'other'), { multivariate: null }]) {
        const error = await refusal(project.patch(flag.id, { filters }));
        expect(error).toMatchObject({ status: 400, attr: 'filters' });
        expect(error['detail']).toMatch(/^multivariate\.variants: A running experiment uses .*"test"/);
      }
      // What a flag that stays needs stays, too.
      const bulk = await project.write((context) => bulkDelete(context, { ids: [base.id, flag.id, above.id] }));
      expect(bulk).toMatchObject({ deleted: [{ id: above.id }], errors: [{ id: base.id }, { id: flag.id }] });
      expect(await project.patch(flag.id, { filters: { groups: [] }, active: false })).toMatchObject({ version: 2 });
      // One that has not begun, or has ended, holds nothing.
      for (const change of [
        'start_date = null',
        'start_date = now(), end_date = now()',
        'end_date = null, deleted = true',
      ]) {
        await project.sql(`update posthog_experiment set ${change}`);
        expect(await project.patch(flag.id, { deleted: true })).toMatchObject({ deleted: true });
        await project.patch(flag.id, { deleted: false });
      }
    } finally {
      await project.sql('drop table posthog_experiment');
    }
    await project.sql(`update posthog_team set session_recording_linked_flag = '{"id": ${flag.id}, "key": "a"}'
      where id = ${project.teamId}`);
    expect(await refused({ deleted: true })).toContain('recorded');
    // That a flag is needed is told before.
    await project.patch(flag.id, { active: true });
    const needs = await project.create({ key: 'needs', filters: asking(dependsOn(flag, 'test')) });
    expect(await refused({ deleted: true })).toContain('depend on it: needs');
    await project.patch(needs.id, { deleted: true });
    await project.sql(`update posthog_team set session_recording_linked_flag = null where id = ${project.teamId}`);
    expect(await project.patch(flag.id, { deleted: true })).toMatchObject({ deleted: true });
  });

  it('M42, M50, M70: a flag of an early access feature is not deleted, nor is its key given away', async () => {
    const flag = await project.createFull('a');
    const feature = `insert into posthog_earlyaccessfeature (team_id, feature_flag_id, name, stage)
      values (${project.teamId}, ${flag.id}, 'Beta', 'beta')`;
    await project.sql(feature);
    expect(await refusal(project.patch(flag.id, { deleted: true }))).toMatchObject({ status: 400, attr: null });
    expect(await refusal(project.patch(flag.id, { key: 'b' }))).toMatchObject({ status: 400, attr: 'key' });
    const filters = { groups: [{ aggregation_group_type_index: 0 }] };
    expect(await refusal(project.patch(flag.id, { filters }))).toMatchObject({ status: 400, attr: 'filters' });
    await project.sql(`update posthog_featureflag set deleted = true where id = ${flag.id}`);
    expect(await refusal(project.create({ key: 'a' }))).toMatchObject({ status: 400, attr: 'key' });
  });
});
