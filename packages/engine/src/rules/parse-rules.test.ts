import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { everyone, outcome, run } from '../scenario.cases.ts';
import {
  configuration,
  experiment,
  problemOf,
  release,
  rollout,
  typedOutcome,
  decided,
  uuid,
  without,
} from './rules.cases.ts';

const FINE = 'it can be used';
const person = (more: JsonObject = {}): JsonObject => ({ key: 'plan', type: 'person', value: 'pro', ...more });
const withPredicate = (predicate: JsonValue) => configuration([release({}, [predicate])]);
const variants = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ key: `v${i}`, weight: i === 0 ? 100 : 0, value: 'x' }));

describe('E170, E172: the document', () => {
  it('is chosen by its version, however the number is written, and has its own evaluator', () => {
    expect(problemOf(configuration([release()]))).toBe(FINE);
    expect(problemOf(JSON.stringify(configuration([release()])).replace('"version":2', '"version":2.0'))).toBe(FINE);
    expect(typedOutcome(decided(configuration([])))).toBe('no_rule_match none "default"');
  });

  it.each<[member: string, filters: JsonObject, problem: string]>([
    ['an unknown member', configuration([], { groups: [] }), '2: filters has the unknown member "groups"'],
    [
      'no return type',
      without(configuration([]), 'return_type'),
      '2: filters.return_type must be "boolean" or "string"',
    ],
    ['another return type', configuration([], { return_type: 'list' }), '2: filters.return_type must be'],
    [
      'no default',
      without(configuration([]), 'default_value'),
      '2: filters.default_value must be a string with characters',
    ],
    ['no rules', without(configuration([]), 'rules'), '2: filters.rules must be a list, not absent'],
    [
      'a group type',
      configuration([], { aggregation_group_type_index: 0 }),
      '2: filters.aggregation_group_type_index names a group type: not supported',
    ],
    [
      'no group type',
      configuration([], { aggregation_group_type_index: null }),
      '2: filters.aggregation_group_type_index must be left out',
    ],
  ])('E171, E172, E185a: %s fails the flag', (_, filters, problem) => {
    expect(problemOf(filters)).toContain(problem);
  });

  it.each<[JsonValue]>([[3], [true], ['2'], [null], [2.5]])('E171, E185a: version %j is no known format', (version) => {
    expect(problemOf({ ...configuration([]), version })).toBe('1: unsupported feature flag configuration format');
  });

  it('E171: dependents of a flag that cannot be read see false', () => {
    const dependent = everyone('child', { id: 2 });
    const filters = {
      groups: [{ properties: [{ key: '1', type: 'flag', operator: 'flag_evaluates_to', value: false }] }],
    };
    const evaluation = run([
      { id: 1, key: 'parent', active: true, filters: configuration([], { rules: 7 }) },
      { ...dependent, filters },
    ]);
    expect(outcome(evaluation, 'child')).toBe('true condition_match 0');
    expect(evaluation.errors).toBe(true);
  });
});

describe('E173: values', () => {
  const deep = (levels: number): JsonValue => (levels === 1 ? {} : { a: deep(levels - 1) });
  const typed = (return_type: string, value: JsonValue) =>
    problemOf(configuration([release({ value })], { return_type, default_value: null }));

  it.each<[string, JsonValue]>([
    ['boolean', false],
    ['string', 'x'],
    ['number', 0],
    ['number', -0.25],
    ['number', 2 ** 53 - 1],
    ['object', {}],
    ['object', { a: [null, 'x', 2 ** 53 - 1] }],
    ['object', deep(20)],
  ])('%s takes %j', (type, value) => {
    expect(typed(type, value)).toBe(FINE);
  });

  it.each<[string, JsonValue, string]>([
    ['boolean', 'true', 'must be true or false'],
    ['boolean', null, 'must be true or false'],
    ['string', '', 'must be a string with characters'],
    ['string', 1, 'must be a string with characters'],
    ['number', '1', 'must be a number'],
    ['number', 2 ** 53, 'beyond 2^53'],
    ['number', -(2 ** 53), 'beyond 2^53'],
    ['object', [], 'must be an object'],
    ['object', { a: [2 ** 53] }, 'beyond 2^53'],
    ['object', deep(21), 'deeper than 20 levels'],
    ['object', { a: deep(20) }, 'deeper than 20 levels'],
  ])('%s refuses %j', (type, value, problem) => {
    expect(typed(type, value)).toContain(
      `2: filters.rules[0].value ${problem.startsWith('must') ? problem : ''}`.trimEnd(),
    );
    expect(typed(type, value)).toContain(problem);
  });

  it('the default may be null, or a value of the type', () => {
    expect(problemOf(configuration([], { default_value: null }))).toBe(FINE);
    expect(problemOf(configuration([], { default_value: 5 }))).toContain('filters.default_value must be a string');
  });

  it('E95: numbers keep the text that they are printed with', () => {
    const filters = JSON.stringify(configuration([release({ value: 7 })], { return_type: 'number', default_value: 1 }));
    expect(decided(filters.replace('"value":7', '"value":7.0')).payload).toBe('7.0');
    expect(decided(filters).payload).toBe('7');
  });
});

describe('E174: rules', () => {
  it.each<[name: string, rule: JsonObject, problem: string]>([
    ['an unknown type', release({ rule_type: 'canary' }), 'rules[0].rule_type must be "targeted_release" or'],
    ['an unknown member', release({ seed: 'x' }), 'rules[0] has the unknown member "seed"'],
    ['another rule’s member', rollout({ paused: true }), 'rules[0] has the unknown member "paused"'],
    ['an id without hyphens', release({ id: uuid(1).replaceAll('-', '') }), 'rules[0].id must be a UUID'],
    ['an id in braces', release({ id: `{${uuid(1)}}` }), 'rules[0].id must be a UUID'],
    ['no targeting', without(release(), 'targeting'), 'rules[0].targeting must be an object'],
    [
      'more targeting',
      release({ targeting: { properties: [], groups: [] } }),
      'targeting has the unknown member "groups"',
    ],
    ['no value', without(release(), 'value'), 'rules[0].value must be a string'],
    ['another algorithm', rollout({ assignment_algorithm: 'sha1' }), 'assignment_algorithm must be "sha1_60_v1"'],
    ['assignment by device', rollout({ assign_by: 'device' }), 'assign_by must be "person"'],
    ['an unknown miss', rollout({ on_rollout_miss: 'stop' }), 'on_rollout_miss must be "continue" or "return_default"'],
    ['an empty seed', rollout({ seed: '' }), 'seed must have 1 to 400 characters'],
    ['half a character', rollout({ seed: '\ud800' }), 'seed holds half a character'],
    ['a paused that is none', experiment({ paused: 0 }), 'paused must be true or false'],
    ['E185a: no assignment', rollout({ assign_by: null }), 'assign_by must be "person"'],
    ['E185a: no description', release({ description: null }), 'description must be a string'],
    ['E185a: no metadata', release({ metadata: null }), 'metadata must be an object'],
    ['E185a: no holdout', experiment({ holdout: null }), 'holdout must be an object'],
  ])('%s fails the flag', (_, rule, problem) => {
    expect(problemOf(configuration([rule]))).toContain(problem);
  });

  it('takes what may be left out, and every limit itself', () => {
    expect(problemOf(configuration([release({ description: '', metadata: { a: null } })]))).toBe(FINE);
    expect(problemOf(configuration([rollout({ assign_by: 'person', seed: '🚩'.repeat(400) })]))).toBe(FINE);
    expect(problemOf(configuration([rollout({ seed: '🚩'.repeat(401) })]))).toContain('1 to 400');
  });

  it('names no rule twice, in whatever case', () => {
    const id = 'abcdefab-0000-4000-8000-000000000001';
    expect(problemOf(configuration([release({ id }), release({ id: id.toUpperCase() })]))).toBe(
      '2: filters.rules[1].id is the id of a rule before',
    );
  });
});

describe('E175: numbers and members as they are written', () => {
  const written = (token: string) => JSON.stringify(configuration([rollout()])).replace(':50,', `:${token},`);

  it.each(['0', '100', '33.33', '33.330', '0.01', '5e1', '1e+2', '3333e-2', '-0', '-0.0', '0e5', '100.00', '0.1e1'])(
    'a percentage may be %s',
    (token) => {
      expect(problemOf(written(token))).toBe(FINE);
    },
  );

  it.each([
    ['33.333', 'at most two decimals'],
    ['33.3300000000000000001', 'at most two decimals'],
    ['100.00000000000000000001', 'at most two decimals'],
    ['1e-3', 'at most two decimals'],
    ['100.01', 'from 0 to 100'],
    ['-0.01', 'from 0 to 100'],
    ['1e3', 'from 0 to 100'],
    ['"50"', 'a number from 0 to 100'],
    ['null', 'a number from 0 to 100'],
    ['1e400', 'too large'],
    ['1e-400', 'rounds to zero'],
    ['0.1e-999', 'rounds to zero'],
  ])('a percentage of %s fails the flag', (token, problem) => {
    expect(problemOf(written(token))).toContain(problem);
  });

  it('a number that is no double is refused wherever it stands', () => {
    const noted = (token: string) =>
      JSON.stringify(configuration([release({ metadata: { a: [1] } })])).replace('[1]', `[${token}]`);
    expect(problemOf(noted('1e308'))).toBe(FINE);
    expect(problemOf(noted('1e309'))).toBe('2: filters.rules[0].metadata.a[0] is a number that is too large');
    expect(problemOf(noted('-1e-400'))).toBe('2: filters.rules[0].metadata.a[0] is a number that rounds to zero');
  });

  it.each([
    ['at the top', '"return_type":"string"', '"return_type":"string","return_type":"string"'],
    ['in a rule', '"value":"on"', '"value":"off","value":"on"'],
    ['by another spelling', '"value":"on"', '"v\\u0061lue":"off","value":"on"'],
    ['in a value of no meaning', '"targeting"', '"metadata":{"a":{"b":1,"b":1}},"targeting"'],
  ])('a member that stands twice %s is refused', (_, once, twice) => {
    const text = JSON.stringify(configuration([release()])).replace(once, twice);
    expect(problemOf(text)).toContain('stands twice in one object');
  });

  it('512 KiB without the white space outside strings are the most', () => {
    const filled = (bytes: number): JsonObject => {
      const empty = configuration([release({ description: '' })]);
      return configuration([
        release({ description: ' "\u00e9'.padEnd(bytes - JSON.stringify(empty).length - 2, 'x') }),
      ]);
    };
    const largest = 512 * 1024;
    expect(problemOf(filled(largest))).toBe(FINE);
    expect(problemOf(JSON.stringify(filled(largest), null, 8))).toBe(FINE);
    expect(problemOf(filled(largest + 1))).toBe(`2: filters are larger than ${largest} bytes`);
  });
});

describe('E176: experiments', () => {
  const holdout = { id: null, seed: 'h', exclusion_percentage: 10 };

  it.each<[name: string, rule: JsonObject, problem: string]>([
    [
      'E185a: a link, before anything unknown',
      experiment({ experiment_id: 42, x: 1 }),
      'experiment_id names an experiment: not supported',
    ],
    ['no link at all', without(experiment(), 'experiment_id'), 'experiment_id must be null'],
    ['a link that is a text', experiment({ experiment_id: '42' }), 'experiment_id must be null'],
    ['one variant', experiment({ variants: variants(1) }), 'variants must be 2 to 20 variants, not 1'],
    [
      'a variant key with a dot',
      experiment({ variants: [{ key: 'a.b', weight: 0, value: 'x' }, ...variants(1)] }),
      'may have letters',
    ],
    [
      'a variant key twice',
      experiment({ variants: [{ key: 'v0', weight: 0, value: 'x' }, ...variants(1)] }),
      'is the key of a variant before',
    ],
    [
      'a variant with more',
      experiment({ variants: [{ key: 'a', weight: 0, value: 'x', name: 'A' }, ...variants(1)] }),
      'unknown member "name"',
    ],
    [
      'a variant of another type',
      experiment({ variants: [{ key: 'a', weight: 0, value: 1 }, ...variants(1)] }),
      'value must be a string',
    ],
    [
      'weights of 99.99',
      experiment({
        variants: [
          { key: 'a', weight: 49.99, value: 'x' },
          { key: 'b', weight: 50, value: 'x' },
        ],
      }),
      'weights of 99.99 in all',
    ],
    ['a linked holdout', experiment({ holdout: { ...holdout, id: 7 } }), 'holdout.id names a holdout: not supported'],
    ['a holdout without id', experiment({ holdout: without(holdout, 'id') }), 'holdout.id must be null'],
    ['a holdout with more', experiment({ holdout: { ...holdout, name: 'x' } }), 'unknown member "name"'],
    ['a holdout without seed', experiment({ holdout: without(holdout, 'seed') }), 'holdout.seed must be a string'],
  ])('%s fails the flag', (_, rule, problem) => {
    expect(problemOf(configuration([rule]))).toContain(problem);
  });

  it('weights are added in hundredths, not in doubles', () => {
    const thirds = [33.33, 33.33, 33.34].map((weight, i) => ({ key: `v${i}`, weight, value: 'x' }));
    expect(problemOf(configuration([experiment({ variants: thirds, holdout })]))).toBe(FINE);
    expect(
      problemOf(JSON.stringify(configuration([experiment({ experiment_id: 42 })])).replace(':42', ':42.0')),
    ).toContain('names an experiment: not supported');
  });
});

describe('E177: predicates', () => {
  it.each<[name: string, predicate: JsonValue, problem: string]>([
    ['a cohort', person({ type: 'cohort' }), 'type "cohort" is not supported in ordered rules'],
    ['a group', person({ type: 'group' }), 'type "group" is not supported'],
    ['a flag', person({ type: 'flag' }), 'type "flag" is not supported'],
    ['metadata', person({ type: 'person_metadata' }), 'type must be "person"'],
    ['no type', without(person(), 'type'), 'type must be "person"'],
    ['no object', 'plan', 'must be an object, not a string'],
    ['no key', without(person(), 'key'), 'key must be a string'],
    ['an empty key', person({ key: '' }), 'key must not be empty'],
    ['an unknown member', person({ rollout: 1 }), 'unknown member "rollout"'],
    [
      'an old name of an operator',
      person({ operator: 'min', value: 1 }),
      'operator is not an operator of ordered rules',
    ],
    ['a range', person({ operator: 'between', value: [1, 2] }), 'operator is not an operator'],
    ['another flag', person({ operator: 'flag_evaluates_to' }), 'operator is not an operator'],
    ['an inherited name', person({ operator: 'constructor' }), 'operator is not an operator'],
    ['a negation that is none', person({ negation: 'yes' }), 'negation must be true or false'],
    ['a label that is none', person({ label: 1 }), 'label must be a string or null'],
    [
      'group names that are none',
      person({ group_key_names: { a: 1 } }),
      'group_key_names must be an object of strings',
    ],
    ['a group type', person({ group_type_index: 0 }), 'group_type_index must be null'],
  ])('%s fails the flag', (_, predicate, problem) => {
    expect(problemOf(withPredicate(predicate))).toContain(problem);
  });

  it('takes no operator as exact, and what is for people alone', () => {
    const noted = { cohort_name: null, label: 'x', group_key_names: { a: 'b', c: null }, group_type_index: null };
    const filters = withPredicate(person({ operator: null, negation: null, ...noted }));
    expect(typedOutcome(decided(filters, { personProperties: { plan: 'PRO' } }))).toBe('targeting_match 0 "on"');
    expect(typedOutcome(decided(filters, { personProperties: { plan: 'x' } }))).toBe('no_rule_match none "default"');
  });
});

describe('E178: values of predicates', () => {
  it.each<[operator: string, good: readonly JsonValue[], bad: readonly JsonValue[]]>([
    ['exact', ['x', 1, null, ['a'], { a: 1 }], []],
    ['is_set', [null, 1], []],
    ['icontains', [''], [1, ['a'], null]],
    ['not_starts_with', ['a'], [true]],
    ['regex', ['(', 'a+'], [1, null]],
    ['gt', ['1', 'many', 1.5], [null, true, [1]]],
    ['lte', [-3], [{}]],
    ['icontains_multi', [[], ['a', 1]], ['a', null]],
    ['is_date_after', ['-7d', '2024-06-01', '2024-06-01T12:00:00Z'], ['soon', '', 5, null]],
    ['is_date_exact', ['1y'], ['7x']],
    [
      'semver_gt',
      ['1', '1.2', '1.2.3', '1.2.3-beta.1', '01.2'],
      ['', 'a', '1.x', '1.2.3.4', 'v1.2.3', '1.2.3+b', 1, null],
    ],
    ['semver_wildcard', ['1.2.*', '1.*', '1.'], ['*', '1.*.3', 'x']],
  ])('%s', (operator, good, bad) => {
    for (const value of good)
      expect([value, problemOf(withPredicate(person({ operator, value })))]).toEqual([value, FINE]);
    for (const value of bad) {
      expect([value, problemOf(withPredicate(person({ operator, value })))]).toEqual([
        value,
        expect.stringContaining('filters.rules[0].targeting.properties[0].value must be'),
      ]);
    }
  });
});

describe('E172, E174, E176, E185a: each limit, and one more', () => {
  const rules = (count: number) => Array.from({ length: count }, (_, i) => release({ id: uuid(i) }));
  const predicates = (count: number) => Array.from({ length: count }, () => person());

  it.each<[name: string, make: (count: number) => JsonObject, limit: number, problem: string]>([
    ['rules', (count) => configuration(rules(count)), 100, 'filters.rules are 101, more than 100'],
    [
      'predicates',
      (count) => configuration([release({}, predicates(count))]),
      100,
      'has 101 predicates, more than 100',
    ],
    [
      'variants',
      (count) => configuration([experiment({ variants: variants(count) })]),
      20,
      'must be 2 to 20 variants, not 21',
    ],
  ])('%s', (_, make, limit, problem) => {
    expect(problemOf(make(limit))).toBe(FINE);
    expect(problemOf(make(limit + 1))).toContain(problem);
  });
});
