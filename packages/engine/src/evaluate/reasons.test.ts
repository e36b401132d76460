import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import {
  definitions,
  dependsOn,
  everyone,
  FAILURE,
  facts,
  flag,
  inCohort,
  outcome,
  person,
  result,
  run,
} from '../scenario.cases.ts';

const EVERYBODY = { properties: [], rollout_percentage: 100 };
const NOBODY = { properties: [], rollout_percentage: 0 };
const MISS = { properties: [person('plan', 'never')] };
const GROUP = { ...EVERYBODY, aggregation_group_type_index: 0 };
const HELD = { holdout: { id: 7, exclusion_percentage: 100 } };

/** The outcome of a single flag. */
function of(filters: JsonObject, asked: Parameters<typeof run>[1] = {}): string {
  return outcome(run([flag('f', filters)], asked), 'f');
}

describe('the value of a flag', () => {
  it('E2: is its variant where there is one, else whether it is on', () => {
    const multivariate = { variants: [{ key: 'a', rollout_percentage: 100 }] };
    expect(result(run([everyone('f')]), 'f')).toMatchObject({ value: true, enabled: true, variant: null });
    expect(result(run([flag('f', { groups: [EVERYBODY], multivariate })]), 'f')).toMatchObject({
      value: 'a',
      enabled: true,
      variant: 'a',
    });
    expect(result(run([flag('f', { groups: [NOBODY], multivariate })]), 'f')).toMatchObject({
      value: false,
      enabled: false,
      variant: null,
      payload: undefined,
    });
  });
});

describe('the order inside a flag', () => {
  const enrolled = { personProperties: { '$feature_enrollment/f': 'true' } };
  const all = { feature_enrollment: true, ...HELD, groups: [MISS, EVERYBODY] };

  it('E25: enrollment, then holdout, then the conditions as stored', () => {
    expect(of(all, enrolled)).toBe('true super_condition_value 0');
    expect(of(all)).toBe('holdout-7 holdout_condition_value none');
    expect(of({ ...all, holdout: null })).toBe('true condition_match 1');
  });

  it('E25: a condition with a pinned variant is not tried before its turn', () => {
    const multivariate = {
      variants: [
        { key: 'a', rollout_percentage: 100 },
        { key: 'b', rollout_percentage: 0 },
      ],
    };
    expect(of({ groups: [EVERYBODY, { ...EVERYBODY, variant: 'b' }], multivariate })).toBe('a condition_match 0');
  });

  it('E24: a missing target decides before enrollment, holdout and conditions', () => {
    const groups = [EVERYBODY, { properties: [dependsOn(99, true)], rollout_percentage: 0 }];
    expect(of({ ...all, groups }, enrolled)).toBe('false missing_dependency none');
  });

  it('E54: a held-out subject gets the holdout also when no condition would match, and about a group too', () => {
    expect(of({ ...HELD, groups: [MISS, NOBODY] })).toBe('holdout-7 holdout_condition_value none');
    expect(of({ ...HELD, groups: [] })).toBe('holdout-7 holdout_condition_value none');
    expect(of({ ...HELD, groups: [GROUP], aggregation_group_type_index: 0 })).toBe(
      'holdout-7 holdout_condition_value none',
    );
  });

  it('E53: who is not held out leaves no trace of the holdout', () => {
    const outside = { holdout: { id: 7, exclusion_percentage: 0 } };
    expect(of({ ...outside, groups: [] })).toBe('false no_group_type none');
    expect(of({ ...outside, groups: [MISS] })).toBe('false no_condition_match 0');
  });

  it('E62: a condition that the mapping could change is skipped, but the device guard comes first', () => {
    const asked = { groups: { company: 'acme' } };
    const unmapped = (groups: JsonValue[], row: JsonObject = {}): string =>
      outcome(run(definitions([flag('f', { groups }, row)], { groupTypeMapping: FAILURE }), asked), 'f');
    const namesGroup = { properties: [{ key: 'tier', value: 'gold', type: 'group', group_type_index: 0 }] };
    expect(unmapped([namesGroup])).toBe('false group_type_lookup_failed none');
    expect(unmapped([namesGroup], { bucketing_identifier: 'device_id' })).toBe('false out_of_rollout_bound 0');
    expect(unmapped([MISS])).toBe('false no_condition_match 0');
  });
});

describe('history', () => {
  const superGroup = { properties: [person('$feature_enrollment/f', 'true')], rollout_percentage: 100 };

  it('E13: super groups decide who has their property while feature enrollment is off, and are not read beside it', () => {
    const old = { groups: [EVERYBODY], super_groups: [superGroup] };
    const asked = (value: string) => ({ personProperties: { '$feature_enrollment/f': value } });
    expect(of(old, asked('true'))).toBe('true super_condition_value 0');
    expect(of(old, asked('false'))).toBe('false super_condition_value 0');
    expect(of(old)).toBe('true condition_match 0');
    const wrong = { properties: [person('other', 'true')], rollout_percentage: 100 };
    expect(of({ ...old, super_groups: [wrong], feature_enrollment: true }, asked('true'))).toBe(
      'true super_condition_value 0',
    );
  });

  it('E14: holdout groups are not read', () => {
    const holdoutGroups = [{ properties: [], rollout_percentage: 100, variant: 'holdout-7' }];
    expect(of({ groups: [EVERYBODY], holdout_groups: holdoutGroups })).toBe('true condition_match 0');
  });
});

describe('reasons', () => {
  const behavioural = {
    id: 5,
    filters: {
      properties: { type: 'AND', values: [{ type: 'behavioral', key: '$pageview', value: 'performed_event' }] },
    },
  };

  it.each<[string, JsonObject, string, string]>([
    ['enrollment', { feature_enrollment: true, groups: [] }, 'super_condition_value', 'Super condition value'],
    ['holdout', { ...HELD, groups: [] }, 'holdout_condition_value', 'Holdout condition value'],
    ['a match', { groups: [MISS, EVERYBODY] }, 'condition_match', 'Matched condition set 2'],
    ['a rollout miss', { groups: [NOBODY] }, 'out_of_rollout_bound', 'Out of rollout bound'],
    ['a filter miss', { groups: [MISS] }, 'no_condition_match', 'No matching condition set'],
    [
      'a filter miss beside a skipped group',
      { groups: [GROUP, MISS] },
      'no_condition_match',
      'No matching condition set (group conditions were not evaluated because no group type was provided)',
    ],
    [
      'a miss on behaviour',
      { groups: [{ properties: [inCohort(5)] }] },
      'no_condition_match',
      'No matching condition set (a cohort is based on behavior and cannot be fully evaluated)',
    ],
    ['no group', { groups: [GROUP] }, 'no_group_type', 'No group type'],
    [
      'a missing target',
      { groups: [{ properties: [dependsOn(99, true)] }] },
      'missing_dependency',
      'Flag cannot be evaluated due to missing dependency',
    ],
  ])('E26: the code and the description of %s', (_name, filters, code, description) => {
    const all = definitions([flag('f', filters)], { cohorts: [behavioural] });
    const asked = {
      personProperties: { '$feature_enrollment/f': filters['feature_enrollment'] === true ? 'true' : '' },
    };
    expect(result(run(all, asked, facts()), 'f').reason).toMatchObject({ code, description });
  });

  it('E26, E27: a rollout miss outranks a filter miss, and that a missing group, in any order', () => {
    expect(of({ groups: [GROUP, NOBODY, MISS] })).toBe('false out_of_rollout_bound 1');
    expect(of({ groups: [NOBODY, GROUP, MISS, NOBODY] })).toBe('false out_of_rollout_bound 3');
    expect(of({ groups: [GROUP, MISS, GROUP] })).toBe('false no_condition_match 1');
  });

  it('E29, E129: a miss on a cohort of behaviour says so, before the hint about groups; a rollout miss says neither', () => {
    const hint = (groups: JsonValue[]) =>
      result(run(definitions([flag('f', { groups })], { cohorts: [behavioural] }), {}, facts()), 'f').reason;
    const onCohort = { properties: [inCohort(5)] };
    expect(hint([GROUP, onCohort]).description).toContain('a cohort is based on behavior');
    expect(hint([onCohort, MISS])).toMatchObject({ conditionIndex: 1 });
    expect(hint([onCohort, MISS]).description).toContain('a cohort is based on behavior');
    expect(hint([onCohort, NOBODY])).toMatchObject({
      code: 'out_of_rollout_bound',
      description: 'Out of rollout bound',
    });
    // Who would be in by another value of the cohort is not told that it could not be evaluated.
    expect(hint([{ properties: [person('plan', 'never'), inCohort(5)] }]).description).toBe(
      'No matching condition set',
    );
  });

  it('E30: a match reports the stored position of its condition', () => {
    expect(of({ groups: [MISS, NOBODY, EVERYBODY, EVERYBODY] })).toBe('true condition_match 2');
    expect(result(run([flag('f', { groups: [MISS, NOBODY, EVERYBODY] })]), 'f').reason.description).toBe(
      'Matched condition set 3',
    );
  });
});
