import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import type { Facts } from '../facts.ts';
import type { EvaluationRequest } from '../request.ts';
import {
  definitions,
  dependsOn,
  everyone,
  FAILURE,
  facts,
  flag,
  inCohort,
  person,
  request,
} from '../scenario.cases.ts';
import { explain, explainFlag } from './explain.ts';

const cohorts = [{ id: 5, is_static: true }];
const flags = [
  everyone('base', { id: 1 }),
  flag(
    'checkout-layout',
    {
      groups: [
        { properties: [person('plan', 'pro'), person('seats', 3, 'gt')] },
        { properties: [dependsOn(1, true), inCohort(5), person('missing', 1, 'is_not_set')], rollout_percentage: 50 },
        { properties: [person('email', '@example.com', 'icontains')], rollout_percentage: 90 },
      ],
      multivariate: {
        variants: [
          { key: 'control', rollout_percentage: 50 },
          { key: 'compact', rollout_percentage: 50 },
        ],
      },
    },
    { id: 2 },
  ),
  everyone('client-only', { id: 3, evaluation_runtime: 'client' }),
  everyone('retired', { id: 4, active: false }),
];
const program = compile(definitions(flags, { cohorts }));
const asked = request({
  distinctId: 'user-61',
  personProperties: { email: 'a@example.com', seats: 'many' },
  runtime: 'server',
});
const stored = facts({ plan: 'pro' }, { staticCohorts: new Set([5]) });

describe('explain', () => {
  it('gives the very results of evaluate', () => {
    const explained = explain(program, asked, stored).flags.map((one) => one.result);
    expect(explained).toEqual(evaluate(program, asked, stored).results);
  });

  it('E51, E53, E69: tells of each flag what was drawn for it, and of no other', () => {
    const held = { groups: [{ rollout_percentage: 50 }], holdout: { id: 7, exclusion_percentage: 10 } };
    const given = compile(
      definitions([
        flag('early', { groups: [], feature_enrollment: true }, { id: 1 }),
        flag('held', held, { id: 2 }),
        flag('full', { groups: [{}] }, { id: 3 }),
      ]),
    );
    const known = { '$feature_enrollment/early': 'true' };
    const { flags: told } = explain(given, request({ distinctId: 'ada', personProperties: known }));
    expect(
      told.map(({ key, enrollment, holdout }) => [key, enrollment, holdout?.percentage, holdout?.subject]),
    ).toEqual([
      ['early', { key: '$feature_enrollment/early', source: 'request', seen: 'true' }, undefined, undefined],
      ['held', undefined, 10, 'ada'],
      ['full', undefined, undefined, undefined],
    ]);
    expect(told[1]?.holdout).toMatchObject({ inside: false });
    expect(told[1]?.conditions).toMatchObject([{ rollout: { subject: 'ada', percentage: 50 } }]);
    expect(told[2]?.conditions).toEqual([{ index: 0, outcome: 'matched', filters: [] }]);
  });

  it('E69: tells of each condition its own filters and draws', () => {
    const { conditions } = explainFlag(program, 'checkout-layout', asked, stored);
    expect(conditions.map(({ filters }) => filters.length)).toEqual([2, 3, 1]);
    expect(conditions[0]?.rollout).toBeUndefined();
    expect(conditions[1]?.variant).toBeUndefined();
  });

  it('shows each filter with the value seen and where it came from', () => {
    const { conditions } = explainFlag(program, 'checkout-layout', asked, stored);
    expect(conditions[0]).toMatchObject({
      index: 0,
      outcome: 'filters_missed',
      filters: [
        { key: 'plan', operator: 'exact', expected: 'pro', seen: 'pro', source: 'stored', outcome: 'match' },
        { key: 'seats', operator: 'gt', expected: 3, seen: 'many', source: 'request', outcome: 'error' },
      ],
    });
    expect(conditions[1]?.filters).toMatchObject([
      { type: 'flag', seen: true, outcome: 'match' },
      { key: 'missing', source: 'missing', outcome: 'match' },
      { type: 'cohort', seen: true, outcome: 'match' },
    ]);
  });

  it('E13: tells the values that a super condition saw', () => {
    const row = flag('f', {
      groups: [],
      super_groups: [
        {
          aggregation_group_type_index: 0,
          properties: [{ key: 'tier', type: 'group', operator: 'exact', value: 'gold' }],
          rollout_percentage: 100,
        },
      ],
    });
    const groups = { groups: { org: 'acme' }, groupProperties: { org: { tier: 'gold' } } };
    const one = compile(definitions([row], { groupTypeMapping: { '0': 'org' } }));
    const { conditions, result } = explainFlag(one, 'f', request({ personProperties: { tier: 'x' }, ...groups }));
    expect(result?.value).toBe(true);
    expect(conditions).toEqual([
      {
        index: -1,
        outcome: 'matched',
        filters: [
          {
            key: 'tier',
            type: 'group',
            operator: 'exact',
            expected: 'gold',
            seen: 'gold',
            source: 'request',
            outcome: 'match',
          },
        ],
      },
    ]);
  });

  it('E88: tells an unknown value from one that is missing, in persons and groups', () => {
    const tier = (index: number) => ({ key: 'tier', type: 'group', group_type_index: index, value: 'gold' });
    const full = flag('f', {
      groups: [person('plan', 'pro'), tier(0), tier(1)].map((one) => ({ properties: [one], rollout_percentage: 0 })),
    });
    const one = compile(definitions([full], { groupTypeMapping: { '0': 'org', '1': 'team' } }));
    const sources = (known: Facts | null) =>
      explainFlag(one, 'f', request({ groups: { org: 'acme' } }), known).conditions.map(
        ({ filters }) => filters[0]?.source,
      );
    expect(sources(facts())).toEqual(['missing', 'missing', 'missing']);
    expect(sources({ person: FAILURE, groups: FAILURE, stickyKeys: null })).toEqual([
      'not_loaded',
      'not_loaded',
      'missing',
    ]);
    const all = { ...facts({ plan: 'pro' }), groups: new Map([[0, { tier: 'gold' }]]) };
    expect(sources(all)).toEqual(['stored', 'stored', 'missing']);
  });

  it('shows the subject, the point and the threshold of a rollout, and the variant', () => {
    const { conditions, dependsOn: targets, result } = explainFlag(program, 'checkout-layout', asked, stored);
    const decisive = conditions.at(-1);
    expect(decisive?.rollout).toMatchObject({ subject: 'user-61', percentage: 90, inside: true });
    expect(decisive?.variant).toEqual({ point: 0.5698252224547713, key: 'compact' });
    expect(result?.value).toBe('compact');
    expect(targets).toEqual(['base']);
  });

  it('E140: names the flags that are missing, and who asks about them', () => {
    const asking = (key: string, id: number, target: number, row: object = {}) =>
      flag(key, { groups: [{ properties: [dependsOn(target, true)] }] }, { id, ...row });
    const broken = flag('broken', { groups: null }, { id: 7 });
    const gone = compile(
      definitions([
        broken,
        asking('direct', 1, 99),
        asking('behind', 2, 1),
        asking('off', 3, 7, { active: false }),
        asking('behind-off', 4, 3),
        everyone('fine', { id: 5 }),
      ]),
    );
    const missing = (key: string) => explainFlag(gone, key, asked).missing;
    expect(missing('direct')).toEqual([{ id: 99, askedBy: 'direct' }]);
    expect(missing('behind')).toEqual([{ id: 99, askedBy: 'direct' }]);
    expect(missing('behind-off')).toEqual([{ id: 7, key: 'broken', askedBy: 'off' }]);
    expect(missing('fine')).toBeUndefined();
  });

  it('E135, E140: tells apart flags that exist, that do not, and filters that name none', () => {
    const asks = flag('f', { groups: [{ properties: [dependsOn(5, true), dependsOn(99, true)] }] }, { id: 1 });
    const named = { ...dependsOn(5, true), key: 'five' };
    const none = flag('g', { groups: [{ properties: [named] }] }, { id: 2 });
    const given = compile(definitions([asks, none, everyone('five', { id: 5 }), everyone('six', { id: 6 })]));
    expect(explainFlag(given, 'f', asked).missing).toEqual([{ id: 99, askedBy: 'f' }]);
    const [condition] = explainFlag(given, 'g', asked).conditions;
    expect(condition?.filters).toEqual([
      { key: 'five', type: 'flag', operator: 'flag_evaluates_to', expected: true, source: 'flag', outcome: 'miss' },
    ]);
  });

  it.each([
    ['client-only', 'runtime'],
    ['retired', 'inactive'],
    ['nonsense', 'unknown'],
  ])('says why %s takes no part: %s', (key, excluded) => {
    expect(explainFlag(program, key, asked, stored)).toMatchObject({ result: null, excluded });
  });

  it('E164: says that a flag is for other contexts, or no survey flag', () => {
    const web = compile(definitions([everyone('f', { evaluation_contexts: ['web', 'app'] })]));
    const excluded = (rest: Partial<EvaluationRequest>) => explainFlag(web, 'f', request(rest)).excluded;
    expect(excluded({ evaluationContexts: ['backend'] })).toBe('contexts');
    expect(excluded({ evaluationContexts: ['app', 'backend'] })).toBeUndefined();
    expect(excluded({ onlySurveyFlags: true })).toBe('survey_flags_only');
  });
});
