import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import {
  definitions,
  dependsOn,
  everyone,
  facts,
  flag,
  inCohort,
  outcome,
  person,
  result,
  run,
} from '../scenario.cases.ts';

const company = { groupTypeMapping: { '0': 'company', '1': 'project' } };
const EVERYBODY = { properties: [], rollout_percentage: 100 };

function inGroup(key: string, value: JsonValue, row: JsonObject = {}): JsonObject {
  return { key, value, operator: 'exact', type: 'group', ...row };
}

/** The outcome of a flag with these conditions. */
function conditions(groups: readonly JsonObject[], personProperties: JsonObject = {}, rest: JsonObject = {}): string {
  return outcome(run([flag('f', { groups, ...rest })], { personProperties }), 'f');
}

describe('one condition', () => {
  it('E67: every filter has to pass', () => {
    const both = [{ properties: [person('plan', 'pro'), person('seats', 3)] }];
    expect(conditions(both, { plan: 'pro', seats: 3 })).toBe('true condition_match 0');
    expect(conditions(both, { plan: 'pro', seats: 4 })).toBe('false no_condition_match 0');
    expect(conditions(both, { plan: 'free', seats: 3 })).toBe('false no_condition_match 0');
  });

  it('E67: cohort filters are tested after all others, whatever their position', () => {
    // A cohort that cannot be resolved would fail the flag, so it was not looked at when the flag misses.
    const properties = [inCohort(404), person('plan', 'pro'), dependsOn(2, true)];
    const of = (target: JsonObject, plan: string): string =>
      outcome(run([flag('f', { groups: [{ properties }] }), target], {}, facts({ plan })), 'f');
    expect(of(everyone('on', { id: 2 }), 'free')).toBe('false no_condition_match 0');
    expect(of(everyone('off', { id: 2, active: false }), 'pro')).toBe('false no_condition_match 0');
    expect(of(everyone('on', { id: 2 }), 'pro')).toBe('false dependency_not_found_cohort none');
  });

  it.each([
    ['a number against text', person('age', 5, 'gt'), { age: 'old' }],
    ['a bound that is no version', person('version', 'new', 'semver_gt'), { version: '1.2.3' }],
    ['two bounds in the wrong order', person('age', [9, 1], 'between'), { age: 5 }],
    ['an operator for cohorts', person('age', 5, 'not_in'), { age: 5 }],
  ])('E68: an error while comparing is a miss and never a failure: %s', (_name, filter, personProperties) => {
    const got = run([flag('f', { groups: [{ properties: [filter] }, EVERYBODY] })], { personProperties });
    expect(outcome(got, 'f')).toBe('true condition_match 1');
    expect(got.errors).toBe(false);
    expect(outcome(run([flag('f', { groups: [{ properties: [filter] }] })], { personProperties }), 'f')).toBe(
      'false no_condition_match 0',
    );
  });

  it('E69: the rollout is tested once all filters passed, with the subject of the effective aggregation', () => {
    const staged = [{ properties: [person('plan', 'pro')], rollout_percentage: 0 }];
    expect(conditions(staged, { plan: 'pro' })).toBe('false out_of_rollout_bound 0');
    expect(conditions(staged, { plan: 'free' })).toBe('false no_condition_match 0');
    // org-9 lies at 0.575 of org-dashboard, user-105 elsewhere: the group's key is what counts.
    const grouped = (rollout: number): string =>
      outcome(
        run(
          definitions(
            [flag('org-dashboard', { groups: [{ rollout_percentage: rollout, aggregation_group_type_index: 0 }] })],
            company,
          ),
          { distinctId: 'user-105', groups: { company: 'org-9' } },
        ),
        'org-dashboard',
      );
    expect(grouped(57)).toBe('false out_of_rollout_bound 0');
    expect(grouped(58)).toBe('true condition_match 0');
  });

  it('E70: a match ends the search and carries the payload of its variant, or of true', () => {
    const payloads = { true: 'plain', a: 'for a' };
    const multivariate = { variants: [{ key: 'a', rollout_percentage: 100 }] };
    const of = (rest: JsonObject) =>
      result(run([flag('f', { groups: [EVERYBODY, { ...EVERYBODY, variant: 'b' }], payloads, ...rest })]), 'f');
    expect(of({})).toMatchObject({ enabled: true, variant: null, payload: 'plain' });
    expect(of({ multivariate })).toMatchObject({ enabled: true, variant: 'a', payload: 'for a' });
    expect(of({}).reason.conditionIndex).toBe(0);
  });

  it('E73: a condition without filters needs no person data; one about a group still needs the key', () => {
    expect(outcome(run([everyone('f')], {}, null), 'f')).toBe('true condition_match 0');
    const grouped = definitions([flag('f', { groups: [EVERYBODY], aggregation_group_type_index: 0 })], company);
    expect(outcome(run(grouped, {}, null), 'f')).toBe('false no_group_type 0');
    expect(outcome(run(grouped, { groups: { company: 'acme' } }, null), 'f')).toBe('true condition_match 0');
  });

  it('E60: without a device id no person condition of a device-bucketed flag is tried, and early exit does not end', () => {
    const device = { bucketing_identifier: 'device_id' };
    const of = (groups: JsonObject[], asked: JsonObject = {}, rest: JsonObject = {}): string =>
      outcome(run(definitions([flag('f', { groups, early_exit: true, ...rest }, device)], company), asked), 'f');
    const grouped = { ...EVERYBODY, aggregation_group_type_index: 0 };
    expect(of([EVERYBODY])).toBe('false out_of_rollout_bound 0');
    expect(of([EVERYBODY, grouped], { groups: { company: 'acme' } })).toBe('true condition_match 1');
    expect(of([EVERYBODY], { deviceId: 'd' })).toBe('true condition_match 0');
  });
});

describe('what a definition leaves unsaid', () => {
  it('E5: properties that are null, missing or empty are no filters, and a rollout that is null or missing is 100', () => {
    for (const properties of [null, undefined, []]) {
      for (const rollout of [null, undefined]) {
        const row: Record<string, JsonValue> = {};
        if (properties !== undefined) row['properties'] = properties;
        if (rollout !== undefined) row['rollout_percentage'] = rollout;
        expect(conditions([row])).toBe('true condition_match 0');
      }
    }
  });

  it('E5: a condition without an aggregation has that of its flag, and one with a number its own', () => {
    const of = (row: JsonObject, groups: JsonObject): string => {
      const filters = { groups: [{ ...EVERYBODY, ...row }], aggregation_group_type_index: 0 };
      return outcome(run(definitions([flag('f', filters)], company), { groups }), 'f');
    };
    expect(of({}, { company: 'acme' })).toBe('true condition_match 0');
    expect(of({}, { project: 'p1' })).toBe('false no_group_type 0');
    expect(of({ aggregation_group_type_index: 1 }, { project: 'p1' })).toBe('true condition_match 0');
    expect(of({ aggregation_group_type_index: null }, {})).toBe('true condition_match 0');
  });

  it('E7: a missing operator is exact, a missing value none, and negation is not for conditions', () => {
    const pro = { key: 'plan', value: 'pro', type: 'person' };
    expect(conditions([{ properties: [pro] }], { plan: 'pro' })).toBe('true condition_match 0');
    expect(conditions([{ properties: [{ ...pro, operator: null }] }], { plan: 'PRO' })).toBe('true condition_match 0');
    expect(conditions([{ properties: [{ ...pro, negation: true }] }], { plan: 'pro' })).toBe('true condition_match 0');
    const { value: _, ...valueless } = pro;
    expect(conditions([{ properties: [valueless] }], { plan: 'pro' })).toBe('false no_condition_match 0');
  });
});

describe('variants', () => {
  it('E71: a declared variant is taken without the hash, whatever its weight; any other name is not', () => {
    const multivariate = {
      variants: [
        { key: 'a', rollout_percentage: 100 },
        { key: 'b', rollout_percentage: 0 },
      ],
    };
    expect(conditions([{ ...EVERYBODY, variant: 'b' }], {}, { multivariate })).toBe('b condition_match 0');
    expect(conditions([{ ...EVERYBODY, variant: 'B' }], {}, { multivariate })).toBe('a condition_match 0');
    expect(conditions([{ ...EVERYBODY, variant: 'b' }])).toBe('true condition_match 0');
  });

  it('E6: keys may be any text, order counts, and the weights need not make 100', () => {
    const weighted = (...variants: [key: string, rollout_percentage: number][]): JsonValue => {
      const multivariate = {
        variants: variants.map(([key, weight]) => ({ key, name: '', rollout_percentage: weight })),
      };
      return result(run([flag('f', { groups: [EVERYBODY], multivariate })]), 'f').value;
    };
    expect(weighted(['', 100])).toBe('');
    expect(weighted(['日本 / a.b', 100])).toBe('日本 / a.b');
    expect(weighted(['first', 100], ['second', 100])).toBe('first');
    expect(weighted(['second', 100], ['first', 100])).toBe('second');
    expect(weighted(['none', 0], ['all', 300])).toBe('all');
    expect(weighted(['none', 0])).toBe(true);
  });
});

describe('persons and groups in one flag', () => {
  const gold = inGroup('tier', 'gold');

  it('E8: the index of a group filter is its own, else that of its condition, else there is none', () => {
    const of = (filter: JsonObject, aggregation: number | null): string => {
      const groups = [{ properties: [filter], aggregation_group_type_index: aggregation }];
      const asked = {
        groups: { company: 'acme', project: 'p1' },
        groupProperties: { company: { tier: 'gold' }, project: { tier: 'lead' } },
      };
      return outcome(run(definitions([flag('f', { groups })], company), asked), 'f');
    };
    expect(of(gold, 0)).toBe('true condition_match 0');
    expect(of(gold, 1)).toBe('false no_condition_match 0');
    expect(of({ ...gold, group_type_index: 0 }, 1)).toBe('true condition_match 0');
    expect(of({ ...gold, group_type_index: 0 }, null)).toBe('true condition_match 0');
    expect(of(gold, null)).toBe('false no_condition_match 0');
  });

  it('E12: the aggregation decides what is hashed, and the type of a filter which properties it reads', () => {
    const asked = {
      distinctId: 'user-1',
      groups: { company: 'org-9' },
      personProperties: { plan: 'pro' },
      groupProperties: { company: { tier: 'gold' } },
    };
    const of = (aggregation: number | null, rollout: number): string => {
      const properties = [person('plan', 'pro'), { ...gold, group_type_index: 0 }];
      const groups = [{ properties, rollout_percentage: rollout, aggregation_group_type_index: aggregation }];
      return outcome(run(definitions([flag('org-dashboard', { groups })], company), asked), 'org-dashboard');
    };
    // For this flag the group lies at 0.575 and the person at 0.314.
    expect([of(0, 57), of(0, 58)]).toEqual(['false out_of_rollout_bound 0', 'true condition_match 0']);
    expect([of(null, 31), of(null, 32)]).toEqual(['false out_of_rollout_bound 0', 'true condition_match 0']);
  });

  it('E86: person filters read the person, group filters their group, and an unresolved index nothing', () => {
    const asked = {
      groups: { company: 'acme' },
      personProperties: { tier: 'person' },
      groupProperties: { company: { tier: 'company' } },
    };
    const of = (filter: JsonObject): JsonValue =>
      result(run(definitions([flag('f', { groups: [{ properties: [filter] }] })], company), asked), 'f').value;
    expect(of(person('tier', 'person'))).toBe(true);
    expect(of(inGroup('tier', 'company', { group_type_index: 0 }))).toBe(true);
    expect(of(inGroup('tier', 'person', { group_type_index: 0 }))).toBe(false);
    expect(of(inGroup('tier', 'company'))).toBe(false);
    expect(of({ ...inGroup('tier', null), operator: 'is_not_set' })).toBe(true);
  });
});
