import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import {
  addPersonsToCohort,
  cohortUsers,
  createCohort,
  listCohorts,
  readActivity,
  readCohort,
  removePersonFromCohort,
  renderCohort,
  updateCohort,
} from '../index.ts';
import { asking, ProjectFixture, refusal } from '../project.cases.ts';

const project = new ProjectFixture();

const person: JsonObject = { key: 'plan', type: 'person', operator: 'exact', value: ['pro'] };
const anyOf = (...values: JsonValue[]): JsonObject => ({ properties: { type: 'OR', values } });
const inCohort = (id: number): JsonObject => ({ key: 'id', type: 'cohort', value: id });
const create = async (body: JsonObject, csv: string | null = null) =>
  (await project.write((context) => createCohort(context, body, csv))).cohort;
const patch = async (id: number, body: JsonObject, csv: string | null = null) =>
  (await project.write((context) => updateCohort(context, id, body, csv))).cohort;
const users = ['0190b3a0-0000-7000-8000-00000000000a', '0190b3a0-0000-7000-8000-00000000000b'] as const;

/** Two people with a distinct id and an address each. */
async function addPeople(): Promise<void> {
  for (const [at, uuid] of users.entries()) {
    await project.sql(`with p as (insert into posthog_person (team_id, uuid, properties)
      values (${project.teamId}, '${uuid}', '{"email": "p${at}@example.com"}') returning id, team_id)
      insert into posthog_persondistinctid (team_id, person_id, distinct_id) select team_id, id, 'd${at}' from p`);
  }
}

describe('cohorts', () => {
  it('M105, M107: are made of nested groups of filters', async () => {
    const inner = await create({ name: 'Inner', filters: anyOf(person) });
    const filters = anyOf({ type: 'AND', values: [{ ...person, negation: true }, inCohort(inner.id)] });
    const cohort = await create({ name: ' Outer ', description: 'd', filters });
    expect(renderCohort(cohort)).toMatchObject({
      name: 'Outer',
      description: 'd',
      groups: [],
      deleted: false,
      filters,
      query: null,
      is_calculating: false,
      created_by: { id: 1 },
      count: null,
      is_static: false,
      experiment_set: [],
    });
    expect(Object.keys(renderCohort(cohort, true))).not.toContain('filters');
    expect(await project.read((context) => readCohort(context, cohort.id))).toEqual(cohort);
  });

  it.each<[filters: JsonObject, place: string]>([
    [{}, 'properties'],
    [{ properties: { type: 'XOR', values: [] } }, 'properties.type'],
    [{ properties: { type: 'OR', values: {} } }, 'properties.values'],
    [anyOf(7), 'properties.values[0]'],
    [anyOf({ ...person, type: 'event_name' }), 'properties.values[0].type'],
    [anyOf({ ...person, extra: 1 }), 'properties.values[0]'],
    [anyOf({ ...person, operator: 'near' }), 'properties.values[0].operator'],
    [anyOf({ ...person, operator: 'in' }), 'properties.values[0].operator'],
    [anyOf({ ...person, value: null }), 'properties.values[0].value'],
    [anyOf({ ...person, operator: 'regex', value: '(' }), 'properties.values[0].value'],
    [anyOf({ ...person, key: 3 }), 'properties.values[0].key'],
    [anyOf({ ...person, negation: 'x' }), 'properties.values[0].negation'],
    [anyOf({ key: 'id', type: 'cohort', value: 'x' }), 'properties.values[0].value'],
    [anyOf({ type: 'behavioral', key: 'a', value: 'performed_event' }), 'properties.values[0]'],
    [anyOf({ type: 'AND', values: [person, 'x'] }), 'properties.values[0].values[1]'],
    [anyOf(inCohort(999_999)), 'properties'],
  ])('M107: %j is refused', async (filters, place) => {
    const before = await project.everything();
    const error = await refusal(create({ name: 'a', filters }));
    expect(error).toMatchObject({ status: 400, attr: 'filters' });
    expect(String(error['detail']).startsWith(`${place}: `)).toBe(true);
    expect(await project.everything()).toBe(before);
  });

  it('M107: nesting has an end', async () => {
    let inner: JsonObject = person;
    for (let n = 0; n < 70; n += 1) inner = { type: 'AND', values: [inner] };
    expect(await refusal(create({ filters: anyOf(inner) }))).toMatchObject({ status: 400, attr: 'filters' });
  });

  it('M108: are not made of each other, of queries, or of filters where they are static', async () => {
    const one = await create({ filters: anyOf(person) });
    const two = await create({ filters: anyOf(inCohort(one.id)) });
    expect(await refusal(patch(one.id, { filters: anyOf(inCohort(two.id)) }))).toMatchObject({ attr: 'filters' });
    expect(await refusal(patch(one.id, { filters: anyOf(inCohort(one.id)) }))).toMatchObject({ attr: 'filters' });
    expect(await refusal(create({ query: { kind: 'x' } }))).toMatchObject({ attr: 'query' });
    const list = await create({ is_static: true });
    expect(await refusal(patch(list.id, { filters: anyOf(person) }))).toMatchObject({ attr: 'filters' });
    expect(await patch(list.id, { filters: {}, name: 'n' })).toMatchObject({ name: 'n' });
    expect(await refusal(patch(list.id, { is_static: false }))).toMatchObject({ attr: 'is_static' });
    const [doing] = await project.sql(`insert into posthog_cohort (team_id, filters) values (${project.teamId},
      '{"properties": {"type": "OR", "values": [{"type": "behavioral"}]}}') returning id`);
    expect(await patch(two.id, { filters: anyOf(inCohort(Number(doing))) })).toMatchObject({ id: two.id });
    await project.create({ key: 'a', filters: asking({ ...inCohort(one.id), operator: 'in' }) });
    const error = await refusal(patch(one.id, { filters: anyOf(inCohort(Number(doing))) }));
    expect(error).toMatchObject({ code: 'behavioral_cohort_found' });
  });

  it('M109, M113: are not deleted while something uses them, which can be asked', async () => {
    const one = await create({ name: 'One', filters: anyOf(person) });
    const two = await create({ name: 'Two', filters: anyOf(inCohort(one.id)) });
    const flag = await project.create({ key: 'uses', filters: asking({ ...inCohort(one.id), operator: 'in' }) });
    const used = await project.read((context) => cohortUsers(context, one.id));
    expect(used).toMatchObject({
      feature_flags: { results: [{ id: flag.id, key: 'uses', active: true }], total: 1, has_more: false },
      cohorts: { results: [{ id: two.id, name: 'Two' }], total: 1 },
      insights: { total: 0 },
    });
    expect((await refusal(patch(one.id, { deleted: true })))['detail']).toContain('uses');
    await project.patch(flag.id, { active: false });
    expect(await refusal(patch(one.id, { deleted: true }))).toMatchObject({ status: 400 });
    await patch(two.id, { deleted: true });
    expect(await patch(one.id, { deleted: true })).toMatchObject({ deleted: true });
    expect(await project.read((context) => readCohort(context, one.id))).toMatchObject({ deleted: true });
    expect(await patch(one.id, { deleted: false })).toMatchObject({ deleted: false });
  });

  it('M106, M4: lists are newest first and of one project', async () => {
    const [a, b] = [
      await create({ name: 'Alpha', filters: anyOf(person) }),
      await create({ name: 'beta', is_static: true }),
    ];
    const list = async (more: object = {}) => {
      const selection = { search: null, isStatic: null, createdBy: null, hideBehavioural: false, ...more };
      const page = await project.read((context) => listCohorts(context, selection, { limit: 10, offset: 0 }));
      return page.cohorts.map(({ id }) => id);
    };
    await project.sql(`insert into posthog_cohort (team_id, created_at, filters) values (${project.teamId}, '2020-01-01',
      '{"properties": {"type": "OR", "values": [{"type": "behavioral"}]}}')`);
    expect((await list()).slice(0, 2)).toEqual([b.id, a.id]);
    expect(await list({ hideBehavioural: true })).toEqual([b.id, a.id]);
    expect(await list({ search: 'ALP' })).toEqual([a.id]);
    expect(await list({ search: '%' })).toEqual([]);
    expect(await list({ isStatic: true })).toEqual([b.id]);
    expect(await list({ createdBy: 2 })).toEqual([]);
    project.teamId = await project.newProject();
    expect(await list()).toEqual([]);
    expect(await refusal(project.read((context) => readCohort(context, a.id)))).toMatchObject({ status: 404 });
    expect(await refusal(patch(a.id, { name: 'x' }))).toMatchObject({ status: 404 });
  });

  it('M114: writes are in the history', async () => {
    const cohort = await create({ name: 'a', filters: anyOf(person) });
    await patch(cohort.id, { name: 'b' });
    await patch(cohort.id, { name: 'b' });
    const query = { scope: 'Cohort', itemId: String(cohort.id), limit: 10, page: 1 };
    const { results } = await project.read((context) => readActivity(context, query));
    expect(results).toMatchObject([
      { activity: 'updated', detail: { changes: [{ type: 'Cohort', field: 'name', before: 'a', after: 'b' }] } },
      { activity: 'created' },
    ]);
  });
});

describe('lists of people', () => {
  it('M110, M112: people come and go, once each', async () => {
    await addPeople();
    const cohort = await create({ is_static: true, _create_static_person_ids: [users[0], users[0]] });
    expect(cohort).toMatchObject({ is_static: true, count: 1 });
    const add = (ids: JsonValue) =>
      project.write((context) => addPersonsToCohort(context, cohort.id, { person_ids: ids }));
    const remove = (id: JsonValue) =>
      project.write((context) => removePersonFromCohort(context, cohort.id, { person_id: id }));
    const count = async () => (await project.read((context) => readCohort(context, cohort.id))).count;
    await add([...users]);
    await add([...users]);
    expect(await count()).toBe(2);
    await remove(users[0]);
    await remove(users[0]);
    expect(await count()).toBe(1);
    expect(await refusal(remove('0190b3a0-0000-7000-8000-0000000000ff'))).toMatchObject({ status: 404 });
    for (const ids of ['x', ['x'], [null], 7]) expect(await refusal(add(ids))).toMatchObject({ attr: 'person_ids' });
    const dynamic = await create({ filters: anyOf(person) });
    const wrong = project.write((context) => addPersonsToCohort(context, dynamic.id, { person_ids: [users[0]] }));
    expect(await refusal(wrong)).toMatchObject({ status: 400 });
    expect(await refusal(create({ _create_static_person_ids: [users[0]] }))).toMatchObject({ attr: 'is_static' });
  });

  it.each<[csv: string, count: number, unknown: number]>([
    ['d0\nd1\nnobody\n\n', 2, 1],
    ['distinct_id\nd0', 1, 1],
    [`PERSON_ID\n${users[0]}\n${users[1].toUpperCase()}\nx`, 2, 1],
    [`Person .id\n${users[0]}`, 1, 0],
    ['Email\np0@example.com\np1@example.com', 2, 0],
    ['name,distinct_id\nAnn,d0\nBob\n"C, D",d1', 2, 0],
    [`email,person_id\nnobody@example.com,${users[0]}`, 1, 0],
    ['\uFEFFd0\r\nd0\r\n', 1, 0],
    ['x', 0, 1],
  ])('M111: %j', async (csv, count, unknown) => {
    await addPeople();
    const written = await project.write((context) => createCohort(context, { is_static: 'true', name: 'a' }, csv));
    expect(written).toMatchObject({ cohort: { count }, unknownPeople: unknown });
  });

  it.each(['', '\n \n', 'name,age\nAnn,7', 'person_id\n', 'a\uFFFD'])('M111: %j names nobody', async (csv) => {
    expect(await refusal(create({ is_static: true }, csv))).toMatchObject({ status: 400, attr: 'csv' });
  });

  it('M111: a list that is sent later adds', async () => {
    await addPeople();
    const cohort = await create({ is_static: true }, 'd0');
    expect(await patch(cohort.id, {}, 'd1')).toMatchObject({ count: 2 });
    expect(await refusal(patch((await create({ filters: anyOf(person) })).id, {}, 'd1'))).toMatchObject({
      status: 400,
    });
  });
});
