import { type JsonObject, type JsonValue, parseDefinitions } from '@halyard/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../operators/index.ts';
import { configuration, experiment, release, rollout, uuid } from '../rules/rules.cases.ts';
import { definitions, dependsOn, flag, inCohort, person } from '../scenario.cases.ts';
import { flagSentence, namesOf } from './index.ts';

const names = namesOf(
  definitions([flag('other', {}, { id: 9 })], {
    cohorts: [{ id: 3, name: 'Beta testers' }, { id: 4 }],
    groupTypeMapping: { '0': 'organization' },
  }),
);

const say = (filters: JsonObject, row: JsonObject = {}): string => flagSentence(flag('f', filters, row), names);

/** The sentence of a flag with one filter, without what all of them share. */
const clause = (filter: JsonObject, condition: JsonObject = {}): string =>
  say({ groups: [{ properties: [filter], ...condition }] })
    .replace(/^On for (?:people|groups of type organization) /, '')
    .replace(/\. Everybody else: off\.$/, '');

const all = (properties: readonly JsonValue[] = [], more: JsonObject = {}): JsonObject => ({
  properties,
  rollout_percentage: 100,
  ...more,
});
const variants = (...weights: readonly [string, number][]): JsonObject => ({
  variants: weights.map(([key, weight]) => ({ key, rollout_percentage: weight })),
});

describe('K32: the sentence of one filter', () => {
  const cases: readonly (readonly [operator: string, value: JsonValue, clause: string])[] = [
    ['exact', 'pro', 'whose p is pro'],
    ['exact', ['pro', 'free plan', 3], 'whose p is one of pro, "free plan", 3'],
    ['exact', true, 'whose p is true'],
    ['is_not', ['pro'], 'whose p is not pro (or is not set)'],
    ['is_not', ['pro', 'free'], 'whose p is none of pro, free (or is not set)'],
    ['icontains', '@acme.com', 'whose p contains @acme.com'],
    ['not_icontains', 'x', 'whose p does not contain x (or is not set)'],
    ['icontains_multi', ['a', 'b'], 'whose p contains one of a, b'],
    ['not_icontains_multi', ['a', 'b'], 'whose p contains none of a, b (or is not set)'],
    ['starts_with', 'x', 'whose p starts with x'],
    ['not_starts_with', 'x', 'whose p does not start with x (or is not set)'],
    ['ends_with', 'x', 'whose p ends with x'],
    ['not_ends_with', 'x', 'whose p does not end with x (or is not set)'],
    ['regex', '\\d+$', 'whose p matches the pattern /\\d+$/'],
    ['not_regex', 'a', 'whose p does not match the pattern /a/ (or is not set)'],
    ['gt', 3, 'whose p is greater than 3'],
    ['gte', 3, 'whose p is at least 3'],
    ['lt', 3, 'whose p is less than 3'],
    ['lte', 3, 'whose p is at most 3'],
    ['between', [1, 5], 'whose p is between 1 and 5'],
    ['not_between', [1, 5], 'whose p is not between 1 and 5 (or is not set)'],
    ['is_set', 'is_set', 'whose p is set'],
    ['is_not_set', null, 'whose p is not set'],
    ['is_date_exact', '2026-01-31', 'whose p is the moment 2026-01-31'],
    ['is_date_after', '-7d', 'whose p is after 7 days ago'],
    ['is_date_before', '1m', 'whose p is before 1 month ago'],
    ['semver_eq', '1.2.3', 'whose p is version 1.2.3'],
    ['semver_neq', '1.2.3', 'whose p is another version than 1.2.3'],
    ['semver_gt', '1.2.3', 'whose p is a version above 1.2.3'],
    ['semver_gte', '1.2.3', 'whose p is at least version 1.2.3'],
    ['semver_lt', '1.2.3', 'whose p is a version below 1.2.3'],
    ['semver_lte', '1.2.3', 'whose p is at most version 1.2.3'],
    ['semver_tilde', '1.2.3', 'whose p is a version in the range of ~1.2.3'],
    ['semver_caret', '1.2.3', 'whose p is a version in the range of ^1.2.3'],
    ['semver_wildcard', '1.2.*', 'whose p is a version like "1.2.*"'],
    ['min', 3, 'whose p is at least 3'],
    ['in', 3, 'whose p passes a test that is never true (in is no operator of properties)'],
    ['not_in', 3, 'whose p passes a test that is never true (not_in is no operator of properties)'],
    [
      'flag_evaluates_to',
      true,
      'whose p passes a test that is never true (flag_evaluates_to is no operator of properties)',
    ],
  ];

  it.each(cases)('%s %j', (operator, value, expected) => {
    expect(clause(person('p', value, operator))).toBe(expected);
  });

  it('E93: knows every operator', () => {
    const tried = new Set(cases.map(([operator]) => operator));
    expect([...OPERATORS].filter((operator) => !tried.has(operator))).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [person('p', null, 'is_not'), 'whose p passes a test that is never true (there is no value to compare with)'],
    [{ key: 'p', value: 1, type: 'person' }, 'whose p is 1'],
    [inCohort(3), 'who are in the cohort "Beta testers"'],
    [inCohort('4', 'not_in'), 'who are not in the cohort 4'],
    [inCohort(5), 'who are in the cohort 5, which there is not'],
    [inCohort('x'), 'who are in the cohort "x", which is none'],
    [inCohort(3, 'exact'), 'who pass a test that is never true (exact is no operator of cohorts)'],
    [dependsOn(9, true), 'for whom the flag other is on'],
    [dependsOn(9, false), 'for whom the flag other is off'],
    [dependsOn(9, 'blue'), 'for whom the flag other is "blue"'],
    [dependsOn(8, true), 'for whom the flag 8, which there is not, is on'],
    [
      { ...dependsOn(9, true), operator: 'exact' },
      'for whom a test of the flag other is never true (exact is no operator of flags)',
    ],
    [dependsOn(9, 7), 'for whom a test of the flag other is never true (no value of a flag is asked for)'],
    [
      { ...person('created_at', '-1y', 'is_date_after'), type: 'person_metadata' },
      'whose creation time is after 1 year ago',
    ],
    [
      { ...person('email', 'x'), type: 'person_metadata' },
      'whose email passes a test that is never true (persons have no such column)',
    ],
    [{ ...person('tier', 'gold'), type: 'group', group_type_index: 0 }, "whose organization's tier is gold"],
    [
      { ...person('tier', 'gold'), type: 'group', group_type_index: 2 },
      "whose group type 2 (which there is not)'s tier is gold",
    ],
  ])('%j', (filter, expected) => {
    expect(clause(filter)).toBe(expected);
  });

  it('says the same of groups', () => {
    const groups = { aggregation_group_type_index: 0 };
    expect(clause({ ...person('tier', 'gold'), type: 'group', group_type_index: 0 }, groups)).toBe(
      'whose tier is gold',
    );
    expect(clause(person('email', 'a'), groups)).toBe("whose person's email is a");
    expect(say({ groups: [all([], groups)] })).toBe('On for every group of type organization. Everybody else: off.');
  });

  it('cuts what is long, and quotes what could be taken for the sentence', () => {
    expect(clause(person('p', 'x. Everybody else: on'))).toBe('whose p is "x. Everybody else: on"');
    expect(clause(person('my prop', 'x'))).toBe('whose "my prop" is x');
    expect(clause(person('p', 'y'.repeat(99)))).toBe(`whose p is "${'y'.repeat(59)}…"`);
    expect(clause(person('p', [1, 2, 3, 4, 5, 6, 7]))).toBe('whose p is one of 1, 2, 3, 4, 5 … (7 in all)');
    expect(clause(person('p', '\u202egnp\0'))).toBe(String.raw`whose p is "\u202egnp\u0000"`);
  });
});

describe('K32: the sentence of a flag', () => {
  it.each<[string, JsonObject]>([
    ['Off for everybody: there is no condition.', {}],
    ['On for everybody.', { groups: [all()] }],
    ['On for everybody.', { groups: [{}] }],
    ['On for 12.5 % of people. Everybody else: off.', { groups: [all([], { rollout_percentage: 12.5 })] }],
    [
      'Off for everybody: 0 % of people whose plan is pro.',
      { groups: [all([person('plan', 'pro')], { rollout_percentage: 0 })] },
    ],
    [
      'On for 25 % of people whose plan is pro and whose age is at least 18; of those, half get "control" and half "low". Everybody else: off.',
      {
        groups: [all([person('plan', 'pro'), person('age', 18, 'gte')], { rollout_percentage: 25 })],
        multivariate: variants(['control', 50], ['low', 50]),
      },
    ],
    [
      'On for (1) people whose plan is pro; (2) 10 % of people. Everybody else: off.',
      { groups: [all([person('plan', 'pro')]), all([], { rollout_percentage: 10 })] },
    ],
    [
      'On for (1) people whose plan is pro; (2) 10 % of people. Of those, 20 % get "a", 30 % "b" and 50 % "c". Everybody else: off.',
      {
        groups: [all([person('plan', 'pro')]), all([], { rollout_percentage: 10 })],
        multivariate: variants(['a', 20], ['b', 30], ['c', 50]),
      },
    ],
    [
      'The first that fits: (1) "b" for people whose plan is pro; (2) on for everybody. Where no variant is named, half get "a" and half "b".',
      {
        groups: [all([person('plan', 'pro')], { variant: 'b' }), all()],
        multivariate: variants(['a', 50], ['b', 50]),
      },
    ],
    [
      'Always "b" for everybody.',
      { groups: [all([], { variant: 'b' })], multivariate: variants(['a', 50], ['b', 50]) },
    ],
    [
      'On for everybody; of those, all get "a".',
      { groups: [all([], { variant: 'none' })], multivariate: variants(['a', 100], ['b', 0]) },
    ],
    [
      'On for everybody; of those, 40 % get "a" and 60 % are on without a variant.',
      { groups: [all()], multivariate: variants(['a', 40]) },
    ],
    [
      'On for everybody; of those, 33.3 % get "a", 33.3 % "b" and 33.4 % "c".',
      { groups: [all()], multivariate: variants(['a', 33.3], ['b', 33.3], ['c', 33.4]) },
    ],
    [
      'On for everybody; of those, all are on without a variant.',
      { groups: [all()], multivariate: variants(['a', 0]) },
    ],
    [
      'Who has enrolled ($feature_enrollment/f is true) has it on, and who has opted out has it off. Off for everybody else: there is no condition.',
      { feature_enrollment: true },
    ],
    [
      'Who has one of the properties of the enrollment has it on if among people whose x is 1. Off for everybody else: there is no condition.',
      { super_groups: [all([person('x', 1)])] },
    ],
    [
      'Before all conditions, 10 % are held out and get "holdout-7". On for everybody.',
      { groups: [all()], holdout: { id: 7, exclusion_percentage: 10 } },
    ],
    [
      'On for (1) 5 % of people; (2) everybody. Who matches a condition but is outside its share comes to no further one.',
      { groups: [all([], { rollout_percentage: 5 }), all()], early_exit: true },
    ],
    ['Fails for everybody: unsupported feature flag configuration format.', { version: 3 }],
    [
      'Left out, as the definition cannot be used: filters.groups[0].properties[0].operator "likes" is not an operator.',
      { groups: [all([person('x', 1, 'likes')])] },
    ],
  ])('%s', (expected, filters) => {
    expect(say(filters)).toBe(expected);
  });

  it('says where a flag is there, and how shares are drawn', () => {
    expect(
      say(
        { groups: [all()] },
        {
          active: false,
          evaluation_runtime: 'server',
          evaluation_contexts: ['web', 'my app'],
          bucketing_identifier: 'device_id',
          ensure_experience_continuity: true,
        },
      ),
    ).toBe(
      'Switched off for everybody. When switched on: On for everybody. Shares are drawn by device. ' +
        'Signing in changes nobody\'s value (experience continuity). Only for server-side code. Only in the evaluation contexts web, "my app".',
    );
    expect(say({}, { deleted: true })).toBe('Deleted.');
    expect(flagSentence(7, names)).toBe(
      'Left out, as the definition cannot be used: must be an object, not the number 7.',
    );
    expect(say({}, { has_encrypted_payloads: true, is_remote_configuration: true })).toMatch(
      /^Remote configuration with/,
    );
  });

  it.each<[string, JsonObject]>([
    ['Everybody gets "default": there is no rule.', configuration([])],
    ['Gives "on" for everybody. Everybody else: "default".', configuration([release()])],
    [
      'The first that fits: (1) "on" for people whose plan is pro; (2) "on" for 50 % of people, and the default for the rest of them. Everybody else: the default of the caller.',
      configuration([release({}, [person('plan', 'pro')]), rollout()], { default_value: null }),
    ],
    [
      'Gives "on" for 50 % of people for whom it is not so that plan is pro. Everybody else: "default".',
      configuration([rollout({ on_rollout_miss: 'continue' }, [{ ...person('plan', 'pro'), negation: true }])]),
    ],
    [
      'Gives an experiment for everybody, of whom half get "blue" and half "green", 5 % of all held out with the default. Everybody else: "default".',
      configuration([experiment({ holdout: { id: null, seed: 's', exclusion_percentage: 5 } })]),
    ],
    [
      'Gives a paused experiment that gives the default to everybody. Everybody else: "default".',
      configuration([experiment({ paused: true, id: uuid(7) })]),
    ],
    [
      'Fails for everybody: filters.rules[0].value must be a string with characters.',
      configuration([release({ value: 7 })]),
    ],
  ])('E172: ordered rules: %s', (expected, filters) => {
    const read = parseDefinitions(JSON.stringify(filters)) as JsonObject;
    expect(say(read)).toBe(expected);
  });

  it('never throws, and is one line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (groups, properties) => {
        const given = { groups: [{ properties }, groups] } as JsonObject;
        for (const filters of [given, groups as JsonObject, { version: 2, ...given }]) {
          expect(flagSentence({ id: 1, key: 'f', active: true, filters }, names)).toMatch(/^[^\n]+\.$/);
        }
      }),
      { numRuns: 100 },
    );
  });
});
