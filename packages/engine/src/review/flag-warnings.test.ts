import { type JsonObject, type JsonValue, parseDefinitions } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { configuration, experiment, release, rollout, uuid } from '../rules/rules.cases.ts';
import { flag, inCohort, person } from '../scenario.cases.ts';
import { flagWarnings } from './index.ts';

const all = (properties: readonly JsonValue[] = [], more: JsonObject = {}): JsonObject => ({
  properties,
  rollout_percentage: 100,
  ...more,
});
const variants = (...weights: readonly [string, number][]): JsonObject => ({
  variants: weights.map(([key, weight]) => ({ key, rollout_percentage: weight })),
});
const found = (filters: JsonObject, row: JsonObject = {}): string[] =>
  flagWarnings(flag('f', filters, row)).map(({ code, path, message }) => `${code} ${path}: ${message}`);
const codes = (filters: JsonObject): string[] => flagWarnings(flag('f', filters)).map(({ code }) => code);
const half = variants(['a', 50], ['b', 50]);

describe('K14: warnings of a definition', () => {
  it.each<[string, JsonObject]>([
    ['a plain flag', { groups: [all([person('plan', 'pro')]), all([], { rollout_percentage: 10 })] }],
    ['variants with a pinned one', { groups: [all([person('x', 1)], { variant: 'a' }), all()], multivariate: half }],
    ['thirds', { groups: [all()], multivariate: variants(['a', 33.33], ['b', 33.33], ['c', 33.34]) }],
    ['a flag that cannot be read', { groups: 7 }],
    ['a format that is not known', { version: 9 }],
    [
      'a group condition before persons',
      { groups: [all([], { aggregation_group_type_index: 0 }), all([person('x', 1)])] },
    ],
  ])('finds nothing in %s', (_, filters) => {
    expect(found(filters)).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    [
      'condition_never_decides filters.groups[2]: never decides: condition 2, which comes before it, lets everybody in',
      { groups: [all([person('x', 1)]), all(), all([person('y', 1)])] },
    ],
    [
      'filter_twice filters.groups[0].properties[1]: is the same filter as number 1',
      { groups: [all([person('x', 1), person('x', 1)])] },
    ],
    [
      'filter_never_true filters.groups[0].properties[0]: is never true: exact is no operator of cohorts',
      { groups: [all([inCohort(1, 'exact')])] },
    ],
    [
      'pattern_does_not_compile filters.groups[0].properties[0].value: is no pattern that compiles, so it matches nobody',
      { groups: [all([person('x', '(', 'regex')])] },
    ],
    [
      'variant_unreachable filters.multivariate.variants[1]: nobody can get "b"',
      { groups: [all()], multivariate: variants(['a', 100], ['b', 0]) },
    ],
    [
      'variant_not_declared filters.groups[0].variant: "c" is no variant of the flag, so the condition gives what the shares say',
      { groups: [all([], { variant: 'c' })], multivariate: half },
    ],
    [
      'shares_overridden filters.groups[0].variant: everybody in condition 1 gets "a"; the shares of the variants apply to nobody',
      { groups: [all([], { variant: 'a' })], multivariate: half },
    ],
    [
      'shares_not_100 filters.multivariate.variants: the shares add up to 90 %: the others are on without a variant',
      { groups: [all()], multivariate: variants(['a', 50], ['b', 40]) },
    ],
    [
      'nobody_let_in filters.groups: no condition is above 0 %: nobody gets a variant',
      { groups: [all([], { rollout_percentage: 0 })], multivariate: half },
    ],
    [
      'payload_of_no_value filters.payloads.b: belongs to "b", which is no value of the flag: nobody gets it',
      { groups: [all()], payloads: { b: '1' } },
    ],
  ])('%s', (expected, filters) => {
    expect(found(filters)).toEqual([expected]);
  });

  it.each(['phx_abcdefghijkl', '{"db_password":"correct horse"}', '-----BEGIN RSA PRIVATE KEY-----'])(
    'a payload that browsers may read and that looks like a secret: %s',
    (payload) => {
      const filters = { groups: [all()], payloads: { true: payload } };
      expect(codes(filters)).toEqual(['payload_looks_secret']);
      expect(found(filters, { evaluation_runtime: 'server' })).toEqual([]);
      expect(codes({ ...filters, payloads: { true: '{"password_hint":true,"phase":"phx"}' } })).toEqual([]);
    },
  );

  it('a property that nobody has, and which may have been meant', () => {
    const properties = { who: 'nobody', has: (key: string) => key === 'plan', nearest: () => ['plan'] };
    const row = flag('f', {
      groups: [all([person('plna', 1), person('plan', 1), person('$browser', 1), inCohort(1)])],
    });
    expect(flagWarnings(row, { properties })).toEqual([
      {
        code: 'property_unknown',
        path: 'filters.groups[0].properties[0].key',
        message: 'nobody has the property plna; did you mean plan?',
      },
    ]);
  });

  it('a flag that is on for everybody from its first moment', () => {
    const made = (row: JsonObject) =>
      flagWarnings(flag('f', { groups: [all()] }, row), { before: null }).map(({ code }) => code);
    expect(made({})).toEqual(['everybody_from_the_start']);
    expect(made({ active: false })).toEqual([]);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['another bucketing', {}, { bucketing_identifier: 'device_id' }],
    ['other shares', {}, { filters: { groups: [all()], multivariate: variants(['a', 60], ['b', 40]) } }],
    ['another order', {}, { filters: { groups: [all()], multivariate: variants(['b', 50], ['a', 50]) } }],
    ['groups', {}, { filters: { groups: [all([], { aggregation_group_type_index: 0 })], multivariate: half } }],
  ])('a change by which users are redistributed: %s', (_, old, now) => {
    const filters = { groups: [all()], multivariate: half };
    const before = flag('f', filters, old);
    expect(flagWarnings(before, { before })).toEqual([]);
    const warnings = flagWarnings(flag('f', filters, now), { before });
    expect(warnings.map(({ code }) => code)).toEqual(['users_redistributed']);
  });

  it.each<[string, JsonObject]>([
    ['a release', configuration([release(), rollout()])],
    ['a share whose rest gets the default', configuration([rollout(), release()])],
    ['a paused experiment', configuration([experiment({ paused: true }), release()])],
  ])('E180: ordered rules behind one that decides for everybody: %s', (_, filters) => {
    expect(codes(parseDefinitions(JSON.stringify(filters)) as JsonObject)).toEqual(['condition_never_decides']);
  });

  it('E182: finds nothing in ordered rules that go on', () => {
    const rules = [rollout({ on_rollout_miss: 'continue' }), release({ id: uuid(9) }, [person('x', 1)])];
    expect(codes(parseDefinitions(JSON.stringify(configuration(rules))) as JsonObject)).toEqual([]);
  });
});
