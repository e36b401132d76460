import type { JsonObject } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { fromLocalEvaluation } from '../definitions/local-evaluation.ts';
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
import { explainFlag } from './explain.ts';
import type { ConditionExplanation, FlagExplanation } from './explanation.ts';
import { explanationText } from './explanation-text.ts';

const halves = [
  { key: 'monthly-first', rollout_percentage: 50 },
  { key: 'annual-first', rollout_percentage: 50 },
];
const shop = compile(
  definitions(
    [
      flag('new-checkout', { groups: [{}], payloads: { true: { steps: 3 } } }, { id: 1 }),
      flag('smart-cart', { groups: [{ properties: [dependsOn(1, true), person('items', 2, 'gt')] }] }, { id: 2 }),
      flag('pro-reports', { groups: [{ properties: [person('plan', ['pro', 'enterprise'])] }] }, { id: 3 }),
      flag(
        'pricing-test',
        { groups: [{}], multivariate: { variants: halves }, holdout: { id: 7, exclusion_percentage: 10 } },
        { id: 4 },
      ),
      flag('dark-mode', { groups: [{ rollout_percentage: 10 }] }, { id: 5 }),
      everyone('old-export', { id: 6, active: false }),
      flag('early', { feature_enrollment: true, groups: [] }, { id: 7 }),
      flag('phone', { groups: [{ properties: [person('$os', 'iOS')] }] }, { id: 8 }),
      flag('members', { groups: [{ properties: [inCohort(404)] }] }, { id: 9 }),
      flag('visitors', { groups: [{ properties: [inCohort(5)] }] }, { id: 10 }),
    ],
    {
      cohorts: [
        { id: 5, filters: { properties: { type: 'AND', values: [{ type: 'behavioral', key: '$pageview' }] } } },
      ],
    },
  ),
);

const NOTHING: FlagExplanation = {
  key: 'f',
  distinctId: 'ada',
  result: {
    id: 0,
    flag: { id: 1, key: 'f', version: 0, hasExperiment: false, configVersion: 1 },
    enabled: true,
    variant: null,
    value: true,
    payload: undefined,
    reason: { code: 'no_condition_match', conditionIndex: null, description: null },
    failed: false,
  },
  conditions: [],
  dependsOn: [],
};

function textFor(key: string, rest: Partial<EvaluationRequest> = {}, stored: Facts | null = null): string {
  return explanationText(explainFlag(shop, key, request({ distinctId: 'ada', ...rest }), stored));
}

describe('explanation for people', () => {
  it('says the value, the reason, and every filter with the value seen', () => {
    expect(textFor('smart-cart', { personProperties: { items: 4 } })).toBe(`smart-cart is true for "ada".
  reason   condition_match at condition 1 (Matched condition set 1)

  condition 1: matched
    yes   flag new-checkout flag_evaluates_to true  (true, that flag's value)
    yes   person items gt 2  (4, from the request)

Asks about the flags: new-checkout
`);
  });

  it('says what is missing', () => {
    const text = textFor('pro-reports');
    expect(text).toContain('condition 1: a filter missed');
    expect(text).toContain('no    person plan exact ["pro","enterprise"]  (missing)');
  });

  it.each<[string, string, string, Partial<EvaluationRequest>, Facts | null]>([
    ['sent', 'pro-reports', 'pro, from the request', { personProperties: { plan: 'pro' } }, facts({ plan: 'free' })],
    ['stored', 'pro-reports', 'pro, stored', {}, facts({ plan: 'pro' })],
    ['filled', 'phone', 'iOS, filled in from a related property', {}, facts({ $os_name: 'iOS' })],
    ['missing', 'phone', 'missing', {}, facts()],
  ])('E145, E147: says of a value that it was %s', (_name, key, expected, asked, stored) => {
    expect(textFor(key, asked, stored)).toContain(`  (${expected})\n`);
  });

  it('E88, E124: says what could not be loaded', () => {
    const unasked = (filter: JsonObject) => flag('f', { groups: [{ properties: [filter], rollout_percentage: 0 }] });
    const text = (filter: JsonObject, stored: Facts | null) =>
      explanationText(explainFlag(compile(definitions([unasked(filter)])), 'f', request(), stored));
    expect(text(person('plan', 'pro'), { ...facts(), person: FAILURE })).toContain(
      'error person plan exact pro  (could not be loaded)',
    );
    expect(text(inCohort(5), null)).toContain('error cohort id in 5  (could not be loaded)');
  });

  it('E51: shows the property that decides enrollment', () => {
    expect(
      textFor('early', { personProperties: { '$feature_enrollment/early': 'true' } }),
    ).toBe(`early is true for "ada".
  reason   super_condition_value at condition 1 (Super condition value)

  enrollment by person $feature_enrollment/early  (true, from the request)
`);
    expect(textFor('early')).toContain('enrollment by person $feature_enrollment/early  (missing)');
  });

  it('E129, E161: says what is wrong with a cohort', () => {
    expect(textFor('members', {}, facts())).toContain('condition 1: failed (dependency_not_found_cohort)');
    expect(textFor('visitors', {}, facts())).toContain('condition 1: missed on a cohort that is based on behavior');
  });

  it('shows rollout, variant, holdout and payload', () => {
    const text = textFor('pricing-test');
    expect(text).toMatch(/holdout {2}\d+\.\d\d % outside 10 % \(hash of "ada"\)/);
    expect(text).toMatch(/variant \d+\.\d\d % falls to annual-first/);
    expect(textFor('dark-mode')).toMatch(/rollout \d+\.\d\d % outside 10 % \(hash of "ada"\)/);
    expect(textFor('new-checkout')).toContain('payload  {"steps":3}');
  });

  it('E140: names the flag that is missing', () => {
    const asking = (id: number, key: string, target: number) => {
      const filter = { type: 'flag', key: String(target), operator: 'flag_evaluates_to', value: true };
      return { id, key, active: true, filters: { groups: [{ properties: [filter] }] } };
    };
    const broken = { id: 3, key: 'broken', active: true, filters: { groups: 1 } };
    const given = { flags: [asking(1, 'a', 99), asking(2, 'b', 1), broken, asking(4, 'c', 3)] };
    const text = (key: string): string =>
      explanationText(explainFlag(compile(fromLocalEvaluation(given)), key, { distinctId: 'ada', now: 0 }));
    expect(text('a')).toBe(`a is false for "ada".
  reason   missing_dependency (Flag cannot be evaluated due to missing dependency)
  missing  there is no flag with the id 99
`);
    expect(text('b')).toContain('  missing  there is no flag with the id 99; a asks about it\n');
    expect(text('c')).toContain(
      '  missing  the flag broken (id 3) is left out, because its definition cannot be used\n',
    );
  });

  it.each<[NonNullable<FlagExplanation['excluded']>, string]>([
    ['unknown', 'there is no such flag'],
    ['inactive', 'the flag is switched off'],
    ['malformed', 'its definition cannot be used'],
    ['cycle', 'the flag depends on itself, through the flags it asks about'],
    ['runtime', 'the flag is for another runtime (client or server); try --runtime'],
    ['contexts', 'the flag is for other evaluation contexts'],
    ['survey_flags_only', 'only survey flags were asked for'],
  ])('E164: says why a flag takes no part: %s', (excluded, why) => {
    expect(explanationText({ ...NOTHING, result: null, excluded })).toBe(`f is no part of the answer: ${why}.\n`);
  });

  it('says why flags of the shop take no part', () => {
    expect(textFor('old-export')).toBe('old-export is no part of the answer: the flag is switched off.\n');
    expect(textFor('no-such-flag')).toContain('there is no such flag');
    expect(explanationText({ ...NOTHING, result: null })).toContain('there is no such flag');
  });

  it('E9: says what is wrong with a malformed flag', () => {
    const broken = compile(definitions([flag('other', { groups: 2 }, { id: 2 }), flag('f', { groups: 1 })]));
    expect(explainFlag(broken, 'f', request()).excluded).toBe('malformed');
    expect(explanationText(explainFlag(broken, 'f', request()))).toBe(
      'f is left out: filters.groups must be a list, not the number 1.\n',
    );
  });

  it('E138: says that a flag depends on itself', () => {
    const circle = (id: number, target: number) =>
      flag(`f${id}`, { groups: [{ properties: [dependsOn(target, true)] }] }, { id });
    const given = compile(definitions([circle(1, 2), circle(2, 1)]));
    expect(explainFlag(given, 'f2', request()).excluded).toBe('cycle');
    expect(explainFlag(given, 'f3', request()).excluded).toBe('unknown');
  });

  it('E66: says that a condition was skipped', () => {
    const given = compile(definitions([flag('f', { groups: [{ aggregation_group_type_index: 0 }] })]));
    expect(explainFlag(given, 'f', request()).conditions).toEqual([
      { index: 0, outcome: 'no_group_type', filters: [] },
    ]);
  });

  it.each<[ConditionExplanation['outcome'], string]>([
    ['matched', 'matched'],
    ['filters_missed', 'a filter missed'],
    ['cohort_not_evaluated', 'missed on a cohort that is based on behavior and cannot be fully evaluated'],
    ['out_of_rollout_bound', 'outside the rollout'],
    ['no_group_type', 'the request names no such group'],
    ['no_device_id', 'the request has no device id'],
    ['group_types_unknown', 'group types could not be loaded'],
    ['failed', 'failed'],
  ])('says what became of a condition: %s', (outcome, words) => {
    const lines = (index: number) =>
      explanationText({ ...NOTHING, conditions: [{ index, outcome, filters: [] }] }).split('\n');
    expect(lines(2)).toContain(`  condition 3: ${words}`);
    expect(lines(-1)).toContain(`  super condition: ${words}`);
  });

  it('E143: says that a filter was taken for granted, because the flag it asks about failed', () => {
    const rows = [
      flag('lost', { groups: [{ properties: [inCohort(404)] }] }, { id: 1 }),
      flag('f', { groups: [{ properties: [dependsOn(1, true)] }] }, { id: 2 }),
    ];
    const given = compile(definitions(rows));
    expect(
      explanationText(explainFlag(given, 'f', request(), facts())),
    ).toBe(`f is false for "user-1" because it failed.
  reason   dependency_failed (Flag dependency failed: lost)

  condition 1: matched
    assumed flag lost flag_evaluates_to true  (that flag's value)

Asks about the flags: lost
`);
    expect(explainFlag(given, 'lost', request(), facts()).conditions).toMatchObject([
      { index: 0, outcome: 'failed', failure: 'dependency_not_found_cohort' },
    ]);
  });

  it('says everything that was drawn', () => {
    const drawn = { subject: 'ada', point: 0.12345, percentage: 30, inside: true };
    const text = explanationText({
      ...NOTHING,
      holdout: { ...drawn, point: 0.9, inside: false },
      conditions: [
        { index: 0, outcome: 'matched', filters: [], rollout: drawn, variant: { point: 0.5, key: null } },
        { index: 1, outcome: 'out_of_rollout_bound', filters: [], rollout: { ...drawn, inside: false } },
      ],
      dependsOn: ['a', 'b'],
    });
    expect(text).toBe(`f is true for "ada".
  reason   no_condition_match

  holdout  90.00 % outside 30 % (hash of "ada")

  condition 1: matched
    rollout 12.35 % inside 30 % (hash of "ada")
    variant 50.00 % falls to none

  condition 2: outside the rollout
    rollout 12.35 % outside 30 % (hash of "ada")

Asks about the flags: a, b
`);
  });

  it('E53: says that somebody is in the holdout', () => {
    const holdout = { subject: 'ada', point: 0.05, percentage: 10, inside: true };
    expect(explanationText({ ...NOTHING, holdout })).toContain('  holdout  5.00 % inside 10 % (hash of "ada")\n');
  });

  it('shows filters by what they do where the definition says no operator', () => {
    const row = flag('f', { groups: [{ properties: [{ ...person('plan', 'pro'), operator: null }] }] });
    const cohorts = [{ id: 1, is_static: true }];
    const inOne = flag('g', { groups: [{ properties: [{ ...inCohort(1), operator: null }] }] }, { id: 2 });
    const unset = flag(
      'h',
      { groups: [{ properties: [{ ...person('plan', null), operator: 'is_not_set' }] }] },
      { id: 3 },
    );
    const given = compile(definitions([row, inOne, unset], { cohorts }));
    const line = (key: string, properties: JsonObject = {}) =>
      explanationText(explainFlag(given, key, request({ personProperties: properties }), facts())).split('\n')[4];
    expect(line('f', { plan: 'free' })).toBe('    no    person plan exact pro  (free, from the request)');
    expect(line('g')).toBe('    no    cohort id in 1  (false, membership)');
    expect(line('h')).toBe('    yes   person plan is_not_set  (missing)');
  });
});
