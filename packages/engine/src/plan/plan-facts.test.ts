import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import type { Definitions } from '../definitions/types.ts';
import type { JsonObject, JsonValue } from '@halyard/json';
import type { FactPlan } from './fact-plan.ts';
import { planFacts } from './plan-facts.ts';
import type { EvaluationRequest } from '../request.ts';
import {
  definitions,
  everyone,
  FAILURE,
  facts,
  flag,
  inCohort,
  outcome,
  person,
  request,
  run,
} from '../scenario.cases.ts';

function plan(
  flags: readonly JsonValue[],
  asked: Partial<EvaluationRequest> = {},
  rest: Partial<Definitions> = {},
): FactPlan | null {
  return planFacts(compile(definitions(flags, rest)), request(asked));
}

const pro = flag('f', { groups: [{ properties: [person('plan', 'pro')] }] });
const company = { groupTypeMapping: { '0': 'company' } };

describe('E151: which requests need stored facts', () => {
  it.each<[string, JsonObject[], Partial<EvaluationRequest>, boolean]>([
    ['a flag for everyone', [everyone('f')], {}, false],
    ['a filter on a property that came along', [pro], { personProperties: { plan: null } }, false],
    ['a filter on a property that did not', [pro], { personProperties: { other: 1 } }, true],
    ['a filter on the distinct id', [flag('f', { groups: [{ properties: [person('distinct_id', 'x')] }] })], {}, false],
    [
      'a filter under a rollout of 0',
      [flag('f', { groups: [{ properties: [person('plan', 'pro')], rollout_percentage: 0 }] })],
      {},
      false,
    ],
    ['a cohort', [flag('f', { groups: [{ properties: [inCohort(1)] }] })], {}, true],
    [
      'a cohort under a rollout of 0',
      [flag('f', { groups: [{ properties: [inCohort(1)], rollout_percentage: 0 }] })],
      {},
      false,
    ],
    ['enrollment without its property', [flag('f', { groups: [], feature_enrollment: true })], {}, true],
    [
      'enrollment with its property',
      [flag('f', { groups: [], feature_enrollment: true })],
      { personProperties: { '$feature_enrollment/f': 'true' } },
      false,
    ],
    ['an inactive flag', [{ ...pro, active: false }], {}, false],
    ['a configuration that is not supported', [flag('f', { version: 9 })], {}, false],
    ['a flag of another runtime', [{ ...pro, evaluation_runtime: 'client' }], { runtime: 'server' }, false],
    ['a flag that was not asked for', [pro, everyone('g', { id: 2 })], { flagKeys: ['g'] }, false],
    ['a request that ignores stored data', [pro], { onlyUseOverridePersonProperties: true }, false],
    [
      'a filter that the OS alias would fill',
      [flag('f', { groups: [{ properties: [person('$os', 'iOS')] }] })],
      { personProperties: { $os_name: 'iOS' } },
      true,
    ],
  ])('%s', (_name, flags, asked, needs) => {
    expect(plan(flags, asked) !== null).toBe(needs);
  });

  it('a group-aggregated flag always asks', () => {
    expect(plan([flag('f', { groups: [{}], aggregation_group_type_index: 0 })], {}, company)).not.toBeNull();
  });

  it('a condition of its own group asks, although the flag is about persons', () => {
    expect(
      plan([flag('f', { groups: [{ aggregation_group_type_index: 0, rollout_percentage: 0 }] })], {}, company),
    ).not.toBeNull();
  });

  it('a group filter asks only when the request names that group and does not say the property', () => {
    const asks = flag('f', {
      groups: [{ properties: [{ key: 'tier', value: 'gold', type: 'group', group_type_index: 0 }] }],
    });
    expect(plan([asks], {}, company)).toBeNull();
    expect(plan([asks], { groups: { company: 'acme' } }, company)?.groups).toEqual([
      { index: 0, key: 'acme', keys: ['tier'] },
    ]);
    const sent = { groups: { company: 'acme' }, groupProperties: { company: { tier: 'gold' } } };
    expect(plan([asks], sent, company)).toBeNull();
    expect(plan([asks], { groups: { club: 'chess' } }, company)).toBeNull();
    const others = [everyone('before', { id: 2 }), asks, everyone('after', { id: 3 })];
    expect(plan(others, { groups: { company: 'acme' } }, company)).not.toBeNull();
  });

  it('E8: a group filter may name another group than its condition, or one where its condition names none', () => {
    const tier = { key: 'tier', value: 'gold', type: 'group', group_type_index: 1 };
    const mapping = { groupTypeMapping: { '0': 'company', '1': 'club' } };
    const asks = flag('f', { groups: [{ properties: [tier] }] });
    expect(plan([asks], { groups: { company: 'acme', club: 'chess' } }, mapping)?.groups).toEqual([
      { index: 1, key: 'chess', keys: ['tier'] },
    ]);
  });

  it('E150, E151: the key of a group is among what the request says about it', () => {
    const key = { key: '$group_key', value: 'acme', type: 'group', group_type_index: 0 };
    const asks = flag('f', { groups: [{ properties: [key] }] });
    expect(plan([asks], { groups: { company: 'acme' } }, company)).toBeNull();
  });
});

describe('what is asked for', () => {
  it('D58: groups are those that a flag or a condition is about, that the request names, and that are known', () => {
    const filters = { properties: [{ key: 'tier', value: 'gold', type: 'group' }] };
    const flags = [
      flag('f', { groups: [filters], aggregation_group_type_index: 0 }),
      flag('g', { groups: [{ ...filters, aggregation_group_type_index: 1 }] }, { id: 2 }),
    ];
    const mapping = { groupTypeMapping: { '0': 'company', '1': 'project', '2': 'club' } };
    const looked = (groups: JsonObject) =>
      plan(flags, { groups }, mapping)?.groups.map(({ index, key }) => [index, key]);
    expect(looked({ company: 'acme', project: 'p1', club: 'chess', guild: 'x' })).toEqual([
      [0, 'acme'],
      [1, 'p1'],
    ]);
    expect(looked({ project: 'p1' })).toEqual([[1, 'p1']]);
    expect(looked({ guild: 'x' })).toEqual([]);
  });

  it('E152: what is fetched for one flag is seen by all, and what was not needed is not set', () => {
    // At a rollout of 0 a flag asks for nothing, but its filter reads what is there.
    const modest = flag('f', { groups: [{ properties: [person('plan', 'pro')], rollout_percentage: 0 }] });
    const needy = { ...pro, id: 2, key: 'g' };
    expect(plan([modest])).toBeNull();
    expect(outcome(run([modest], {}, null), 'f')).toBe('false no_condition_match 0');
    expect(plan([modest, needy])?.person?.keys).toEqual(['plan']);
    expect(outcome(run([modest, needy], {}, facts({ plan: 'pro' })), 'f')).toBe('false out_of_rollout_bound 0');
  });

  it('E152: an unknown person is no error, and has nothing but the distinct id', () => {
    const unset = flag('g', { groups: [{ properties: [person('plan', null, 'is_not_set')] }] }, { id: 2 });
    const mine = flag('h', { groups: [{ properties: [person('distinct_id', 'user-1')] }] }, { id: 3 });
    const got = run([pro, unset, mine], {}, { person: null, groups: new Map(), stickyKeys: null });
    expect(got.errors).toBe(false);
    expect(got.results.map((one) => one.value)).toEqual([false, true, true]);
  });

  it('lists the property keys of all flags and those that may fill them, once', () => {
    const flags = [
      pro,
      flag('g', { groups: [{ properties: [person('$initial_os', 'x'), person('plan', 'y')] }] }, { id: 2 }),
    ];
    expect(plan(flags)?.person).toEqual({ keys: ['$initial_os', '$os', '$os_name', 'plan'], createdAt: false });
  });

  it('E146: the distinct id is never asked for', () => {
    const properties = [person('distinct_id', 'user-1'), person('plan', 'pro')];
    expect(plan([flag('f', { groups: [{ properties }] })])?.person?.keys).toEqual(['plan']);
  });

  it('lists the keys of each group in order, once', () => {
    const key = (name: string) => ({ ...person(name, 1), type: 'group', group_type_index: 0 });
    const asks = flag('f', { groups: [{ properties: [key('tier'), key('plan')] }, { properties: [key('tier')] }] });
    expect(plan([asks], { groups: { company: 'acme' } }, company)?.groups[0]?.keys).toEqual(['plan', 'tier']);
  });

  it('E171: nothing for a flag that is not supported, beside others', () => {
    const got = plan([flag('odd', { version: 9 }), { ...pro, id: 2 }]);
    expect(got).toMatchObject({ person: { keys: ['plan'] }, groups: [], staticCohorts: [] });
  });

  it('E87: created_at is asked for as a column', () => {
    const filter = { key: 'created_at', value: '-1y', operator: 'is_date_before', type: 'person_metadata' };
    expect(plan([flag('f', { groups: [{ properties: [filter] }] })])?.person).toEqual({ keys: [], createdAt: true });
  });

  it('E134: static cohorts are tested by membership, also nested ones, dynamic ones by their properties', () => {
    const cohorts = [
      { id: 1, is_static: true },
      { id: 2, filters: { properties: { type: 'OR', values: [inCohort(1), person('plan', 'pro')] } } },
    ];
    const got = plan([flag('f', { groups: [{ properties: [inCohort(2)] }] })], {}, { cohorts });
    expect(got?.staticCohorts).toEqual([1]);
    expect(got?.person?.keys).toEqual(['plan']);
  });

  it('numbers are looked up by their text, and unusable group keys not at all', () => {
    const asks = flag('f', {
      groups: [{ properties: [{ key: 'tier', value: 'gold', type: 'group' }] }],
      aggregation_group_type_index: 0,
    });
    expect(plan([asks], { groups: { company: 42 } }, company)?.groups[0]?.key).toBe('42');
    expect(plan([asks], { groups: { company: true } }, company)?.groups).toEqual([]);
  });

  it('E159: no groups while the group type mapping could not be loaded', () => {
    const asks = flag('f', { groups: [{}], aggregation_group_type_index: 0 });
    const got = plan([asks], { groups: { company: 'acme' } }, { groupTypeMapping: FAILURE });
    expect(got?.groups).toEqual([]);
  });
});

describe('sticky keys', () => {
  const sticky = (rollout: number, row: JsonObject = {}): JsonObject =>
    flag('f', { groups: [{ rollout_percentage: rollout }] }, { ensure_experience_continuity: true, ...row });

  it('E154, E155: are read when a hash can matter, and not written without an anonymous id', () => {
    expect(plan([sticky(50)])?.stickyKeys).toEqual({ anonDistinctId: null, write: null });
    expect(plan([sticky(100)])).toBeNull();
  });

  it('E156: are written for every active flag of the project with continuity', () => {
    const other = sticky(100, { id: 2, key: 'g', evaluation_runtime: 'client' });
    const off = sticky(50, { id: 3, key: 'h', active: false });
    const got = plan([sticky(50), other, off], { anonDistinctId: 'anon', runtime: 'server' });
    expect(got?.stickyKeys).toEqual({ anonDistinctId: 'anon', write: { flagKeys: ['f', 'g'], hashKey: 'anon' } });
    expect(got?.person).toBeNull();
  });

  it('E156: are not written by requests that may not write', () => {
    expect(plan([sticky(50)], { anonDistinctId: 'anon', skipWrites: true })?.stickyKeys?.write).toBeNull();
  });

  it('E156: are not written by requests that ignore what is stored', () => {
    const asked = { anonDistinctId: 'anon', onlyUseOverridePersonProperties: true };
    const other = flag('g', { groups: [{ properties: [person('plan', 'pro')] }] }, { id: 2 });
    expect(plan([sticky(50), other], asked)).toEqual({
      teamId: 1,
      distinctId: 'user-1',
      person: null,
      groups: [],
      staticCohorts: [],
      stickyKeys: { anonDistinctId: 'anon', write: null },
    });
  });

  it('E154: are read for a full rollout whose variant hangs on the hash', () => {
    const variants = [
      { key: 'a', rollout_percentage: 50 },
      { key: 'b', rollout_percentage: 50 },
    ];
    const filters = { groups: [{ rollout_percentage: 100 }], multivariate: { variants } };
    const read = { anonDistinctId: null, write: null };
    expect(plan([flag('f', filters, { ensure_experience_continuity: true })])?.stickyKeys).toEqual(read);
  });

  it.each<[string, [string, number][]]>([
    ['one for everybody', [['a', 100]]],
    [
      'one for nobody and one for everybody',
      [
        ['a', 0],
        ['b', 100],
      ],
    ],
    [
      'one for everybody and one that nobody gets to',
      [
        ['a', 100],
        ['b', 50],
      ],
    ],
    ['none that anybody gets', [['a', 0]]],
  ])(
    'E60, E154: are not read for a full rollout with variants of which the hash decides none: %s',
    (_what, weights) => {
      const variants = weights.map(([key, weight]) => ({ key, rollout_percentage: weight }));
      const filters = { groups: [{ rollout_percentage: 100 }], multivariate: { variants } };
      expect(plan([flag('f', filters, { ensure_experience_continuity: true })])).toBeNull();
    },
  );

  it('E155: an empty anonymous id is none', () => {
    expect(plan([sticky(50)], { anonDistinctId: '' })?.stickyKeys).toEqual({ anonDistinctId: null, write: null });
  });

  it.each<[string, JsonObject]>([
    ['flags without continuity', { ensure_experience_continuity: null }],
    ['flags that bucket on devices', { bucketing_identifier: 'device_id' }],
    ['flags about groups', { filters: { groups: [{ rollout_percentage: 50 }], aggregation_group_type_index: 0 } }],
    ['flags of configuration version 2', { filters: { version: 2 } }],
    ['flags that are off', { active: false }],
    ['flags of another runtime', { evaluation_runtime: 'client' }],
  ])('E153, E154: do not concern %s', (_name, row) => {
    const asked = { anonDistinctId: 'anon', runtime: 'server' } as const;
    expect(plan([sticky(50, row)], asked, company)?.stickyKeys ?? null).toBeNull();
    expect(plan([sticky(50)], asked, company)?.stickyKeys).not.toBeNull();
  });

  it('E153: concern a flag that has a condition about a group, while its own level is about persons', () => {
    const mixed = { filters: { groups: [{ aggregation_group_type_index: 0 }, { rollout_percentage: 50 }] } };
    expect(plan([sticky(50, mixed)], {}, company)?.stickyKeys).not.toBeNull();
  });

  it('E154: flags that were not asked for do not ask', () => {
    const two = [sticky(50), everyone('g', { id: 2 })];
    expect(plan(two, { flagKeys: ['g'] })).toBeNull();
    expect(plan(two, { flagKeys: ['f'] })?.stickyKeys).not.toBeNull();
  });

  it('E155: with an anonymous id they are read for both ids, after the write', () => {
    const both = plan([sticky(50)], { distinctId: 'user-1', anonDistinctId: 'anon' });
    expect(both).toMatchObject({ distinctId: 'user-1', stickyKeys: { anonDistinctId: 'anon' } });
    expect(both?.stickyKeys?.write?.hashKey).toBe('anon');
    expect(plan([sticky(50)], { distinctId: 'user-1' })).toMatchObject({
      distinctId: 'user-1',
      stickyKeys: { anonDistinctId: null, write: null },
    });
  });
});
