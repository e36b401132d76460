import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProjectWriter } from '@halyard/data';
import { createTestDatabase } from '@halyard/data/testing';
import { fromLocalEvaluation } from '@halyard/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { createHalyard, type EvaluationContext, FactsNeededError, type Halyard } from './index.ts';

const pro = {
  id: 1,
  key: 'new-checkout',
  active: true,
  filters: {
    groups: [
      { properties: [{ key: 'plan', type: 'person', operator: 'exact', value: 'pro' }], rollout_percentage: 100 },
    ],
    payloads: { true: '{"columns": 2}' },
  },
};
const document = { flags: [pro], group_type_mapping: {}, cohorts: {} };
const stored = { persons: [{ distinctIds: ['ada'], properties: { plan: 'pro' } }] };

const open: { close(): Promise<unknown> }[] = [];
async function opened(options: Parameters<typeof createHalyard>[0]): Promise<Halyard> {
  const halyard = await createHalyard(options);
  open.push(halyard);
  return halyard;
}
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

describe('definitions', () => {
  it('from an object', async () => {
    const halyard = await opened({ definitions: document });
    const flags = await halyard.evaluate({ distinctId: 'ada', personProperties: { plan: 'pro' } });
    expect(flags.values()).toEqual({ 'new-checkout': true });
    expect(flags.isEnabled('new-checkout')).toBe(true);
    expect(flags.payload('new-checkout')).toEqual({ columns: 2 });
    expect(flags.get('new-checkout')?.reason.code).toBe('condition_match');
  });

  it('from a file, whose number text is kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-'));
    open.push({ close: () => rm(folder, { recursive: true }) });
    const file = join(folder, 'flags.json');
    await writeFile(file, JSON.stringify(document).replace('"pro"', '1.0'));
    const halyard = await opened({ definitions: { file } });
    expect(
      (await halyard.evaluate({ distinctId: 'a', personProperties: { plan: '1.0' } })).isEnabled('new-checkout'),
    ).toBe(true);
    expect(
      (await halyard.evaluate({ distinctId: 'a', personProperties: { plan: '1' } })).isEnabled('new-checkout'),
    ).toBe(false);
  });

  it('from a file that holds something else: an error that names the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-'));
    open.push({ close: () => rm(folder, { recursive: true }) });
    const file = join(folder, 'notes.json');
    await writeFile(file, '{"flags": 3}');
    await expect(createHalyard({ definitions: { file } })).rejects.toThrow(
      /notes\.json holds no flag definitions: flags must be a list/,
    );
  });

  it('from PostgreSQL, with its stored persons, and fresh after a change', async () => {
    const database = await createTestDatabase();
    open.push({ close: () => database.drop() });
    const writer = await ProjectWriter.open(database.url);
    open.push(writer);
    await writer.importDefinitions(fromLocalEvaluation(document), { token: 'phc_test', facts: stored });
    const halyard = await opened({ definitions: { postgres: database.url, token: 'phc_test' } });
    const isOn = async (distinctId: string): Promise<boolean> =>
      (await halyard.evaluate({ distinctId })).isEnabled('new-checkout');
    expect(await isOn('ada')).toBe(true);
    expect(await isOn('bob')).toBe(false);
    await writer.importDefinitions(fromLocalEvaluation({ flags: [{ ...pro, filters: { groups: [{}] } }] }), {
      token: 'phc_test',
    });
    await expect.poll(() => isOn('bob')).toBe(true);
  });

  it('from PostgreSQL with an unknown token: an error that says so', async () => {
    const database = await createTestDatabase();
    open.push({ close: () => database.drop() });
    await expect(createHalyard({ definitions: { postgres: database.url, token: 'phc_nope' } })).rejects.toThrow(
      'no project with this token',
    );
  });
});

describe('evaluation', () => {
  it('is synchronous when no stored facts are needed, and says so when some are', async () => {
    const halyard = await opened({ definitions: document, facts: stored });
    expect(halyard.evaluateSync({ distinctId: 'x', personProperties: { plan: 'pro' } }).value('new-checkout')).toBe(
      true,
    );
    expect(() => halyard.evaluateSync({ distinctId: 'ada' })).toThrow(FactsNeededError);
    expect((await halyard.evaluate({ distinctId: 'ada' })).value('new-checkout')).toBe(true);
  });

  it('decides cohorts by the properties of the call, with nothing stored', async () => {
    const cohort = { type: 'OR', values: [{ type: 'AND', values: [{ key: 'plan', type: 'person', value: 'pro' }] }] };
    const filters = { groups: [{ properties: [{ key: 'id', type: 'cohort', value: 5 }] }] };
    const halyard = await opened({ definitions: { flags: [{ ...pro, filters }], cohorts: { 5: cohort } } });
    const context = { distinctId: 'a', personProperties: { plan: 'pro' } };
    expect(halyard.evaluateSync(context).value('new-checkout')).toBe(true);
    expect((await halyard.evaluate(context)).value('new-checkout')).toBe(true);
    expect((await halyard.explain('new-checkout', context)).result?.value).toBe(true);
    expect(halyard.evaluateSync({ distinctId: 'a' }).value('new-checkout')).toBe(false);
  });

  it('reads own properties only', async () => {
    const halyard = await opened({ definitions: document });
    const inherited = Object.create({ plan: 'pro' }) as Record<string, string>;
    expect(halyard.evaluateSync({ distinctId: 'a', personProperties: inherited }).value('new-checkout')).toBe(false);
  });

  it('says why a malformed flag is left out', async () => {
    const halyard = await opened({ definitions: { flags: [{ ...pro, filters: { groups: 5 } }] } });
    expect(await halyard.explain('new-checkout', { distinctId: 'a' })).toMatchObject({
      excluded: 'malformed',
      problem: { path: 'filters.groups' },
    });
  });

  it('takes dates, big integers and missing values as properties', async () => {
    const filter = (key: string, operator: string, value: unknown) => ({ key, type: 'person', operator, value });
    const flags = [
      {
        ...pro,
        filters: {
          groups: [
            {
              properties: [
                filter('since', 'is_date_before', '2026-01-01'),
                filter('id', 'exact', '9007199254740993'),
                filter('gone', 'is_not_set', ''),
              ],
            },
          ],
        },
      },
    ];
    const halyard = await opened({ definitions: { flags } });
    const personProperties = { since: new Date(Date.UTC(2025, 0, 1)), id: 9_007_199_254_740_993n, gone: undefined };
    expect(halyard.evaluateSync({ distinctId: 'a', personProperties }).isEnabled('new-checkout')).toBe(true);
  });

  it.each<[string, object, string]>([
    ['a distinct id that is no string', { distinctId: 7 }, 'distinctId must be a string, not a number'],
    ['properties that are a list', { distinctId: 'a', personProperties: [] }, 'personProperties must be an object'],
    [
      'flag keys that are a string',
      { distinctId: 'a', flagKeys: 'x' },
      'flagKeys must be a list of strings, not a string',
    ],
    ['flag keys that are numbers', { distinctId: 'a', flagKeys: ['x', 7] }, 'but flagKeys[1] is a number'],
    [
      'a field of another spelling',
      { distinctId: 'a', person_properties: {} },
      'the context has no person_properties: write personProperties',
    ],
    [
      'a runtime that does not exist',
      { distinctId: 'a', runtime: 'browser' },
      "runtime must be 'client', 'server' or 'all'",
    ],
    [
      'a context that throws',
      {
        get distinctId() {
          throw new Error('no session');
        },
      },
      'the context cannot be read: no session',
    ],
    ['a Map for the groups', { distinctId: 'a', groups: new Map() }, 'groups is a Map, which JSON would write as {}'],
    ['a time that is text', { distinctId: 'a', now: '2020' }, 'now must be a valid Date'],
    ['no context at all', null as unknown as object, 'the context must be an object'],
    ['an invalid date', { distinctId: 'a', now: new Date(Number.NaN) }, 'now must be a valid Date'],
    [
      'group properties that are text',
      { distinctId: 'a', groupProperties: { company: 'x' } },
      'groupProperties.company must be an object',
    ],
  ])('refuses %s by name', async (_name, context, message) => {
    const halyard = await opened({ definitions: document });
    expect(() => halyard.evaluateSync(context as EvaluationContext)).toThrow(message);
  });

  it('takes further fields of the caller’s own', async () => {
    const halyard = await opened({ definitions: document });
    const user = { distinctId: 'a', personProperties: { plan: 'pro' }, name: 'Ada', id: 7 };
    expect(halyard.evaluateSync(user).value('new-checkout')).toBe(true);
  });

  it('refuses a key that is no string, wherever one is asked for', async () => {
    const halyard = await opened({ definitions: document });
    const flags = halyard.evaluateSync({ distinctId: 'a' });
    const wrong = undefined as unknown as string;
    for (const ask of ['get', 'value', 'isEnabled', 'payload'] as const) {
      expect(() => flags[ask](wrong)).toThrow("a flag's key must be a string, not undefined");
    }
    await expect(halyard.explain(wrong, { distinctId: 'a' })).rejects.toThrow('key must be a string, not undefined');
    await expect(halyard.explain('new-checkout', null as never)).rejects.toThrow('the context must be an object');
  });

  it('refuses a clock that gives no time', async () => {
    const halyard = await opened({ definitions: document, now: () => Number.NaN });
    await expect(halyard.evaluate({ distinctId: 'a' })).rejects.toThrow('options.now gave no time');
  });

  it('explains a flag', async () => {
    const halyard = await opened({ definitions: document, facts: stored });
    const { conditions } = await halyard.explain('new-checkout', { distinctId: 'ada' });
    expect(conditions[0]?.filters[0]).toMatchObject({ key: 'plan', seen: 'pro', source: 'stored', outcome: 'match' });
  });

  it('lists what was left out of the definitions', async () => {
    const halyard = await opened({
      definitions: { flags: [pro, { id: 2, key: 'broken', active: true, filters: { groups: 5 } }] },
    });
    expect(halyard.problems).toMatchObject([{ flagKey: 'broken', path: 'filters.groups' }]);
  });

  it('throws once it is closed', async () => {
    const halyard = await createHalyard({ definitions: document });
    await halyard.close();
    await halyard.close();
    await expect(halyard.evaluate({ distinctId: 'a' })).rejects.toThrow('this Halyard is closed');
  });
});
