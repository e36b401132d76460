import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import type { EvaluationRequest } from '../request.ts';
import { definitions, dependsOn, everyone, flag, outcome, person, run } from '../scenario.cases.ts';

function rollout(percentage: number, properties: JsonValue[] = []): JsonObject {
  return { properties, rollout_percentage: percentage };
}

const half = {
  variants: [
    { key: 'control', rollout_percentage: 50 },
    { key: 'test', rollout_percentage: 50 },
  ],
};
const staged = { groups: [rollout(10), rollout(100, [person('plan', 'enterprise')])] };
const early = 'beta-search-staged-early-exit';
const gold = { key: 'tier', value: 'gold', operator: 'exact', type: 'group', group_type_index: 0 };
const dashboard = flag('org-dashboard', { groups: [rollout(60, [gold])], aggregation_group_type_index: 0 });
const inOrganization = (key: JsonValue): Partial<EvaluationRequest> => ({
  groups: { organization: key },
  groupProperties: { organization: { tier: 'gold' } },
});
const enterprise = { distinctId: 'user-105', personProperties: { plan: 'enterprise' } };
const experiment = flag('checkout-experiment', {
  groups: [rollout(100)],
  multivariate: half,
  holdout: { id: 7, exclusion_percentage: 10 },
  payloads: { true: 'p', test: 't' },
});

describe('figures for testing', () => {
  it.each<[string, JsonObject[], Partial<EvaluationRequest>, string]>([
    [
      'inside a rollout of 25.5 %',
      [flag('beta-search-rollout', { groups: [rollout(25.5)] })],
      { distinctId: 'user-61' },
      'true condition_match 0',
    ],
    [
      'outside it',
      [flag('beta-search-rollout', { groups: [rollout(25.5)] })],
      { distinctId: 'user-105' },
      'false out_of_rollout_bound 0',
    ],
    ['staged, enterprise', [flag('beta-search-staged', staged)], enterprise, 'true condition_match 1'],
    [
      'staged, free',
      [flag('beta-search-staged', staged)],
      { distinctId: 'user-105', personProperties: { plan: 'free' } },
      'false out_of_rollout_bound 0',
    ],
    [
      'staged with early exit',
      [flag(early, { ...staged, early_exit: true })],
      enterprise,
      'false out_of_rollout_bound 0',
    ],
    ['an empty id at 0 %', [flag('f', { groups: [rollout(0)] })], { distinctId: '' }, 'true condition_match 0'],
    [
      'an empty id between variants',
      [flag('f', { groups: [rollout(100)], multivariate: half })],
      { distinctId: '' },
      'control condition_match 0',
    ],
    ['a group inside', [dashboard], inOrganization('org-9'), 'true condition_match 0'],
    ['a group outside', [dashboard], inOrganization('org-12'), 'false out_of_rollout_bound 0'],
    ['a group key that is a number', [dashboard], inOrganization(42), 'true condition_match 0'],
    ['no group', [dashboard], {}, 'false no_group_type 0'],
    [
      'a target that is off',
      [
        flag('f', { groups: [rollout(100, [dependsOn(2, true)])] }),
        flag('target', { groups: [rollout(0)] }, { id: 2 }),
      ],
      {},
      'false no_condition_match 0',
    ],
    [
      'a target that was deleted',
      [flag('f', { groups: [rollout(100, [dependsOn(2, true)])] }), everyone('gone', { id: 2, deleted: true })],
      {},
      'false missing_dependency none',
    ],
    ['held out', [experiment], { distinctId: 'user-31' }, 'holdout-7 holdout_condition_value none'],
    ['not held out', [experiment], { distinctId: 'user-77' }, 'test condition_match 0'],
  ])('E188: %s', (_name, flags, asked, expected) => {
    const got = run(definitions(flags, { groupTypeMapping: { '0': 'organization' } }), asked);
    expect(outcome(got, flags[0]?.['key'] as string)).toBe(expected);
  });

  it('E188: an inactive flag is absent, and a held-out subject has no payload but its own', () => {
    expect(run([everyone('f', { active: false })]).results).toEqual([]);
    expect(run([experiment], { distinctId: 'user-31' }).results[0]?.payload).toBeUndefined();
  });
});
