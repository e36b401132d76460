import { type JsonObject, type JsonValue, parseDefinitions, parseJson } from '@halyard/json';
import type { Definitions } from '@halyard/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresStore } from '../postgres/postgres-store.ts';
import { createRouter, type Router } from '../postgres/router.ts';
import { ask } from '../testing/ask.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import { type ImportReport, ProjectWriter } from './project-writer.ts';

const cohortFilter = (value: JsonValue) => ({ type: 'cohort', key: 'id', value, operator: 'in' });
const flagFilter = (id: number) => ({ type: 'flag', key: String(id), value: true, operator: 'flag_evaluates_to' });
const targeting = (...properties: JsonObject[]) => ({ groups: [{ properties, rollout_percentage: 100 }] });

describe('importing definitions', () => {
  let database: TestDatabase;
  let router: Router;
  let writer: ProjectWriter;
  let token: string;
  let tokens = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    router = createRouter({ write: database.url });
    writer = await ProjectWriter.open(database.url);
  });

  beforeEach(() => {
    tokens += 1;
    token = `token-${tokens}`;
  });

  afterAll(async () => {
    await writer.close();
    await router.close();
    await database.drop();
  });

  function document(part: Partial<Definitions>): Definitions {
    return { teamId: 0, flags: [], cohorts: [], groupTypeMapping: {}, ...part };
  }

  async function loaded(of: string = token): Promise<Definitions> {
    const found = await new PostgresStore(router).definitions.load(of);
    if (found === null) throw new Error(`no project ${of}`);
    return found.definitions;
  }

  const flagsOf = (definitions: Definitions) =>
    definitions.flags as unknown as { id: number; key: string; filters: unknown }[];
  const outcomes = ({ flags }: ImportReport) => flags.map(({ key, outcome }) => `${key}: ${outcome}`);

  /** Ids that no other test uses. */
  const free = (n: number) => 1_000_000 + tokens * 1_000 + n;

  it('makes the project, and keeps ids that are free', async () => {
    const report = await writer.importDefinitions(
      document({
        flags: [{ id: free(1), key: 'one', active: true, filters: targeting(cohortFilter(free(2))) }],
        cohorts: [{ id: free(2), is_static: true, filters: {} }],
        groupTypeMapping: { '0': 'organization' },
        timezone: 'Asia/Tokyo',
        propertyMatchingVersion: 2,
      }),
      { token },
    );
    expect(report).toMatchObject({ created: true, cohorts: 1, flags: [{ key: 'one', outcome: 'created' }] });
    expect(await loaded()).toMatchObject({
      timezone: 'Asia/Tokyo',
      propertyMatchingVersion: 2,
      flags: [{ id: free(1), key: 'one', active: true, filters: targeting(cohortFilter(free(2))) }],
      cohorts: [{ id: free(2), is_static: true }],
      groupTypeMapping: { '0': 'organization' },
    });
  });

  it('changes nothing when the same document comes again', async () => {
    const twice = document({
      flags: [
        { id: 1, key: 'one', active: true, filters: targeting(flagFilter(2)), evaluation_contexts: ['web'] },
        { id: 2, key: 'two', active: true, filters: targeting(cohortFilter(3)) },
      ],
      cohorts: [{ id: 3, is_static: true, filters: {} }],
      groupTypeMapping: { '0': 'organization', '1': 'project' },
    });
    await writer.importDefinitions(twice, { token });
    const before = await loaded();
    const report = await writer.importDefinitions(twice, { token });
    expect(report.created).toBe(false);
    expect(outcomes(report)).toEqual(['one: unchanged', 'two: unchanged']);
    expect(await loaded()).toEqual(before);
  });

  it('says of each flag what became of it', async () => {
    const flag = (key: string, rollout: number) => ({
      key,
      active: true,
      filters: { groups: [{ rollout_percentage: rollout }] },
    });
    await writer.importDefinitions(document({ flags: [flag('same', 1), flag('other', 1), flag('left', 1)] }), {
      token,
    });
    const report = await writer.importDefinitions(
      document({
        flags: [flag('same', 1), flag('other', 2), flag('new', 1), { key: 'bad', filters: 'none' }, 5, flag('new', 3)],
      }),
      { token, removeOthers: true },
    );
    expect(report.flags).toEqual([
      { key: 'same', outcome: 'unchanged' },
      { key: 'other', outcome: 'updated' },
      { key: 'new', outcome: 'created' },
      { key: 'bad', outcome: 'refused', reason: 'its filters are not an object' },
      { key: 'flags[4]', outcome: 'refused', reason: 'not an object' },
      { key: 'new', outcome: 'refused', reason: 'another flag of the document has this key' },
      { key: 'left', outcome: 'removed' },
    ]);
    expect(flagsOf(await loaded()).map(({ key }) => key)).toEqual(['same', 'other', 'new']);
  });

  it('leaves flags that the document does not have alone, and brings a removed one back', async () => {
    const flag = (key: string) => ({ key, active: true, filters: {} });
    await writer.importDefinitions(document({ flags: [flag('a'), flag('b')] }), { token });
    await writer.importDefinitions(document({ flags: [flag('b')] }), { token, removeOthers: true });
    expect(flagsOf(await loaded()).map(({ key }) => key)).toEqual(['b']);
    const report = await writer.importDefinitions(document({ flags: [flag('a')] }), { token });
    expect(outcomes(report)).toEqual(['a: updated']);
    expect(flagsOf(await loaded()).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('leaves a stored flag as it is when the document has it and it is refused', async () => {
    await writer.importDefinitions(document({ flags: [{ key: 'a', active: true, filters: {} }] }), { token });
    const odd = document({ flags: [{ key: 'a', active: 'false', filters: {} }] });
    const report = await writer.importDefinitions(odd, { token, removeOthers: true });
    expect(outcomes(report)).toEqual(['a: refused']);
    expect((await loaded()).flags).toMatchObject([{ key: 'a', active: true }]);
  });

  it('E120, E135: where ids are taken, new ones take their place, and all that names them follows', async () => {
    const original = document({
      flags: [
        {
          id: free(1),
          key: 'base',
          active: true,
          filters: targeting(cohortFilter(free(3)), cohortFilter(String(free(4)))),
        },
        { id: free(2), key: 'dependent', active: true, filters: targeting(flagFilter(free(1))) },
      ],
      cohorts: [
        { id: free(3), is_static: true, filters: {} },
        {
          id: free(4),
          filters: { properties: { type: 'OR', values: [{ type: 'AND', values: [cohortFilter(free(3))] }] } },
        },
      ],
    });
    await writer.importDefinitions(original, { token });
    const { cohortIds } = await writer.importDefinitions(original, { token: `${token}-b` });
    const moved = await loaded(`${token}-b`);
    const [base, dependent] = flagsOf(moved);
    const [c3, c4] = [cohortIds.get(free(3)) ?? 0, cohortIds.get(free(4)) ?? 0];
    expect(new Set([base?.id, dependent?.id, free(1), free(2)]).size).toBe(4);
    expect(base?.filters).toEqual(targeting(cohortFilter(c3), cohortFilter(String(c4))));
    expect(dependent?.filters).toEqual(targeting(flagFilter(base?.id ?? 0)));
    expect(moved.cohorts).toMatchObject([
      { id: c3 },
      { id: c4, filters: { properties: { type: 'OR', values: [{ type: 'AND', values: [cohortFilter(c3)] }] } } },
    ]);
    const again = await writer.importDefinitions(original, { token: `${token}-b` });
    expect(outcomes(again)).toEqual(['base: unchanged', 'dependent: unchanged']);
    expect(again.cohortIds).toEqual(cohortIds);
  });

  it('an id that the document only mentions never comes to mean something else', async () => {
    await writer.importDefinitions(document({ flags: [{ id: free(1), key: 'taken', filters: {} }] }), { token });
    await writer.importDefinitions(
      document({
        flags: [
          { id: free(1), key: 'moved', active: true, filters: {} },
          { id: free(3), key: 'dangling', active: true, filters: targeting(flagFilter(free(4))) },
        ],
      }),
      { token: `${token}-b` },
    );
    const [dangling, moved] = flagsOf(await loaded(`${token}-b`));
    expect(moved).toMatchObject({ id: free(4), key: 'moved' });
    expect(dangling).toMatchObject({ key: 'dangling', filters: targeting(flagFilter(0)) });
  });

  it('ids near the end of their range are not kept, so that ids do not run out', async () => {
    const far = 2 ** 31 - 1;
    await writer.importDefinitions(
      document({
        flags: [{ id: far, key: 'far', filters: targeting(cohortFilter(far)) }],
        cohorts: [{ id: far, is_static: true }],
      }),
      { token },
    );
    const { flags, cohorts } = await loaded();
    const [cohort] = cohorts as unknown as { id: number }[];
    expect(flagsOf({ flags } as unknown as Definitions)[0]?.id).toBeLessThan(far);
    expect(cohort?.id).toBeLessThan(far);
    expect(flags).toMatchObject([{ filters: targeting(cohortFilter(cohort?.id ?? 0)) }]);
  });

  it('what looks like an id inside a payload stays as it is', async () => {
    const filters = {
      ...targeting(cohortFilter(free(2))),
      payloads: { true: { type: 'cohort', value: free(2), key: '1' } },
    };
    const original = document({
      flags: [{ id: free(1), key: 'p', filters }],
      cohorts: [{ id: free(2), is_static: true }],
    });
    await writer.importDefinitions(original, { token });
    await writer.importDefinitions(original, { token: `${token}-b` });
    const [flag] = flagsOf(await loaded(`${token}-b`));
    expect(flag?.filters).toMatchObject({ payloads: { true: { type: 'cohort', value: free(2), key: '1' } } });
  });

  it('D12: links flags to evaluation contexts, under either name, and unlinks them', async () => {
    const flag = (extra: JsonObject) => document({ flags: [{ key: 'f', active: true, filters: {}, ...extra }] });
    await writer.importDefinitions(flag({ evaluation_tags: ['web', 'app', 'web'] }), { token });
    expect((await loaded()).flags).toMatchObject([{ evaluation_contexts: ['app', 'web'] }]);
    const report = await writer.importDefinitions(flag({ evaluation_contexts: ['web', 'tv'] }), { token });
    expect(outcomes(report)).toEqual(['f: updated']);
    expect((await loaded()).flags).toMatchObject([{ evaluation_contexts: ['tv', 'web'] }]);
  });

  it('D24: group types change places', async () => {
    await writer.importDefinitions(document({ groupTypeMapping: { '0': 'a', '1': 'b', '7': 'beyond' } }), { token });
    await writer.importDefinitions(document({ groupTypeMapping: { '0': 'b', '1': 'a' } }), { token });
    expect((await loaded()).groupTypeMapping).toEqual({ '0': 'b', '1': 'a' });
  });

  it('E95: a number whose text alone changed is a change', async () => {
    const flag = (value: JsonValue) =>
      document({ flags: [{ key: 'n', active: true, filters: targeting({ key: 'k', type: 'person', value }) }] });
    await writer.importDefinitions(flag(1), { token });
    expect(outcomes(await writer.importDefinitions(flag(parseJson('1.0')), { token }))).toEqual(['n: updated']);
    expect(
      await ask(
        database.url,
        `select filters::text from posthog_featureflag f join posthog_team t on t.id = team_id where api_token = '${token}'`,
      ),
    ).toEqual([
      '{"groups": [{"properties": [{"key": "k", "type": "person", "value": 1.0}], "rollout_percentage": 100}]}',
    ]);
  });

  it.each<[string, JsonObject, string]>([
    ['no key', { filters: {} }, 'has no key'],
    ['a key of 401 characters', { key: 'x'.repeat(401), filters: {} }, 'its key is longer than 400 characters'],
    ['a key with NUL', { key: 'a\0', filters: {} }, 'its key holds characters that cannot be stored'],
    ['filters with NUL', { key: 'k', filters: { a: '\0' } }, 'its filters hold characters that cannot be stored'],
    [
      'filters with half a surrogate pair',
      { key: 'k', filters: { '\ud800': 1 } },
      'its filters hold characters that cannot be stored',
    ],
  ])('refuses a flag with %s, and takes the others', async (_what, flag, reason) => {
    const report = await writer.importDefinitions(document({ flags: [flag, { key: 'good', filters: {} }] }), { token });
    expect(report.flags).toMatchObject([
      { outcome: 'refused', reason },
      { key: 'good', outcome: 'created' },
    ]);
  });

  it('takes text that only looks like NUL', async () => {
    const filters = { note: 'a \\u0000 b', back: '\\\\ud800' };
    const report = await writer.importDefinitions(document({ flags: [{ key: 'k', filters }] }), { token });
    expect(outcomes(report)).toEqual(['k: created']);
    expect(flagsOf(await loaded())).toMatchObject([{ filters }]);
  });

  it.each<[string, JsonValue, string]>([
    ['id', '3', 'is not a whole number'],
    ['id', 1.5, 'is not a whole number'],
    ['name', 5, 'is not a text'],
    ['name', 'a\0', 'holds characters that cannot be stored'],
    ['active', 'true', 'is not true or false'],
    ['active', 1, 'is not true or false'],
    ['deleted', 'false', 'is not true or false'],
    ['ensure_experience_continuity', 'true', 'is not true or false'],
    ['is_remote_configuration', [], 'is not true or false'],
    ['has_encrypted_payloads', 0, 'is not true or false'],
    ['has_experiment', {}, 'is not true or false'],
    ['version', '2', 'is not a whole number of 32 bits'],
    ['version', 1.5, 'is not a whole number of 32 bits'],
    ['version', 2 ** 31, 'is not a whole number of 32 bits'],
    ['evaluation_runtime', {}, 'is not a text'],
    ['evaluation_runtime', 'everywhere!', 'is longer than 10 characters'],
    ['bucketing_identifier', 1, 'is not a text'],
    ['evaluation_contexts', 'web', 'is not a list of names'],
    ['evaluation_contexts', ['web', 7], 'is not a list of names'],
    ['evaluation_tags', [''], 'is not a list of names'],
    ['evaluation_tags', ['x'.repeat(256)], 'is longer than 255 characters'],
  ])('refuses a flag whose %s is %j, instead of storing something else', async (column, value, reason) => {
    const odd = { key: 'odd', filters: {}, [column]: value };
    const report = await writer.importDefinitions(document({ flags: [odd, { key: 'good', filters: {} }] }), { token });
    expect(report.flags).toMatchObject([
      { key: 'odd', outcome: 'refused', reason: `its ${column} ${reason}` },
      { key: 'good', outcome: 'created' },
    ]);
    expect(flagsOf(await loaded()).map(({ key }) => key)).toEqual(['good']);
  });

  it('names everything that is wrong with a flag', async () => {
    const odd = { key: 'odd', filters: {}, active: 'true', name: 5 };
    const report = await writer.importDefinitions(document({ flags: [odd] }), { token });
    expect(report.flags).toMatchObject([{ reason: 'its name is not a text, its active is not true or false' }]);
  });

  it('E175: refuses ordered rules that name a member twice, which storing would make one', async () => {
    const twice = '{"version":2,"return_type":"boolean","default_value":false,"default_value":true,"rules":[]}';
    const older = '{"groups":[],"groups":[{"properties":[],"rollout_percentage":100}]}';
    const flags = parseDefinitions(
      `[{"id":1,"key":"twice","active":true,"filters":${twice}},{"id":2,"key":"older","active":true,"filters":${older}}]`,
    ) as JsonValue[];
    const report = await writer.importDefinitions(document({ flags }), { token });
    expect(report.flags).toEqual([
      {
        key: 'twice',
        outcome: 'refused',
        reason: 'its filters are ambiguous: the member "default_value" stands twice in one object',
      },
      { key: 'older', outcome: 'created' },
    ]);
  });

  it('takes null for what is absent', async () => {
    const columns = ['id', 'name', 'active', 'deleted', 'version', 'evaluation_runtime', 'evaluation_contexts'];
    const flag = { key: 'k', filters: {}, ...Object.fromEntries(columns.map((column) => [column, null])) };
    const report = await writer.importDefinitions(document({ flags: [flag] }), { token });
    expect(outcomes(report)).toEqual(['k: created']);
    expect((await loaded()).flags).toMatchObject([{ active: false, version: null, evaluation_runtime: null }]);
  });

  it('refuses cohorts that it cannot store as they are, by id or place, and takes the others', async () => {
    const cohort = (n: number, part: JsonObject) => ({ id: free(n), is_static: true, ...part });
    const report = await writer.importDefinitions(
      document({
        cohorts: [
          cohort(1, {}),
          7,
          { id: '5', is_static: true },
          { is_static: true },
          cohort(2, { is_static: 'true' }),
          cohort(3, { name: 'x'.repeat(401), deleted: 0 }),
          cohort(4, { last_backfill_events_at: 'soon' }),
          cohort(5, { filters: { a: '\0' } }),
          cohort(1, { name: 'again' }),
        ],
      }),
      { token },
    );
    expect(report).toMatchObject({ cohorts: 1 });
    expect(report.refusedCohorts).toEqual([
      { cohort: 'cohorts[1]', reason: 'not an object' },
      { cohort: 'cohorts[2]', reason: 'has no usable id' },
      { cohort: 'cohorts[3]', reason: 'has no usable id' },
      { cohort: `${free(2)}`, reason: 'its is_static is not true or false' },
      { cohort: `${free(3)}`, reason: 'its name is longer than 400 characters, its deleted is not true or false' },
      { cohort: `${free(4)}`, reason: 'its last_backfill_events_at is not a time' },
      { cohort: `${free(1)}`, reason: 'another cohort of the document has this id' },
      { cohort: `${free(5)}`, reason: 'its filters hold characters that cannot be stored' },
    ]);
    expect((await loaded()).cohorts).toMatchObject([{ id: free(1) }]);
  });

  it('stores persons and the like with it, static cohorts under the ids that they got', async () => {
    const cohort = document({ cohorts: [{ id: free(1), is_static: true }] });
    await writer.importDefinitions(cohort, { token });
    const facts = {
      persons: [{ distinctIds: ['ann'], properties: {} }],
      staticMembers: [{ cohortId: free(1), distinctIds: ['ann'] }],
    };
    const { cohortIds } = await writer.importDefinitions(cohort, { token: `${token}-b`, facts });
    const [stored] = await ask(database.url, `select array_agg(cohort_id) from posthog_cohortpeople`);
    expect(stored).toContain(cohortIds.get(free(1)));
    expect(stored).not.toContain(free(1));
  });

  it('writes nothing at all when something fails', async () => {
    const facts = { persons: [{ distinctIds: ['ann', 'ann'], properties: {} }] };
    await expect(
      writer.importDefinitions(document({ flags: [{ key: 'k', filters: {} }] }), { token, facts }),
    ).rejects.toMatchObject({
      name: 'StoreError',
      code: '23505',
    });
    expect(await ask(database.url, `select count(*)::int from posthog_team where api_token = '${token}'`)).toEqual([0]);
  });

  it('says which person cannot be stored', async () => {
    const facts = { persons: [{ distinctIds: ['ann'], properties: { a: '\0' } }] };
    await expect(writer.writeFacts(1, facts)).rejects.toThrow(
      'the properties of ann hold characters that cannot be stored',
    );
  });

  it('two imports at the same time take turns', async () => {
    const other = await ProjectWriter.open(database.url);
    const same = document({
      flags: Array.from({ length: 50 }, (_, index) => ({ id: index + 1, key: `f${index}`, filters: {} })),
    });
    const reports = await Promise.all(
      [writer, other, writer, other].map((one) => one.importDefinitions(same, { token })),
    );
    await other.close();
    expect(reports.filter(({ created }) => created)).toHaveLength(1);
    expect((await loaded()).flags).toHaveLength(50);
  });

  it('a new flag made by hand afterwards gets an id of its own', async () => {
    const { teamId } = await writer.importDefinitions(
      document({ flags: [{ id: free(900), key: 'high', filters: {} }] }),
      { token },
    );
    await ask(database.url, `insert into posthog_featureflag (team_id, key) values (${teamId}, 'by-hand')`);
    expect(flagsOf(await loaded()).map(({ key }) => key)).toEqual(['high', 'by-hand']);
  });

  it('says that the database cannot be reached', async () => {
    await expect(ProjectWriter.open('postgresql://halyard@127.0.0.1:1/none')).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'unavailable',
    });
  });
});
