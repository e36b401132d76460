import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { type JsonObject, type JsonValue, parseJson } from '@halyard/json';
import { definitions, dependsOn, everyone, facts, flag, outcome, person, request, run } from '../scenario.cases.ts';

describe('E9: a malformed flag is left out alone, and reported', () => {
  it.each<[string, JsonValue, string]>([
    ['filters missing', { id: 1, key: 'f', active: true }, 'filters'],
    ['groups null', flag('f', { groups: null }), 'filters.groups'],
    ['rollout as text', flag('f', { groups: [{ rollout_percentage: '50' }] }), 'filters.groups[0].rollout_percentage'],
    [
      'filter without type',
      flag('f', { groups: [{ properties: [{ key: 'a', value: 1 }] }] }),
      'filters.groups[0].properties[0].type',
    ],
    [
      'unknown filter type',
      flag('f', { groups: [{ properties: [{ key: 'a', type: 'event' }] }] }),
      'filters.groups[0].properties[0].type',
    ],
    [
      'unknown operator',
      flag('f', { groups: [{ properties: [person('a', 1, 'resembles')] }] }),
      'filters.groups[0].properties[0].operator',
    ],
    ['multivariate without variants', flag('f', { groups: [], multivariate: {} }), 'filters.multivariate.variants'],
    [
      'variant without weight',
      flag('f', { groups: [], multivariate: { variants: [{ key: 'a' }] } }),
      'filters.multivariate.variants[0].rollout_percentage',
    ],
    ['holdout without id', flag('f', { groups: [], holdout: { exclusion_percentage: 5 } }), 'filters.holdout.id'],
    [
      'a group type index with a fraction',
      flag('f', { groups: [], aggregation_group_type_index: 0.5 }),
      'filters.aggregation_group_type_index',
    ],
    ['id missing', { key: 'f', active: true, filters: {} }, 'id'],
    ['key not a string', everyone('f', { key: 7 }), 'key'],
  ])('%s', (_name, broken, path) => {
    const program = compile(definitions([broken, everyone('good', { id: 2 })]));
    expect(program.problems).toHaveLength(1);
    expect(program.problems[0]?.path).toBe(path);
    const got = evaluate(program, request());
    expect(got.errors).toBe(false);
    expect(got.results.map((one) => one.flag.key)).toEqual(['good']);
  });

  it('two flags with one key: the first counts, the second is reported', () => {
    const program = compile(definitions([everyone('f'), everyone('f', { id: 2, active: false })]));
    expect(evaluate(program, request()).results).toHaveLength(1);
    expect(program.problems[0]).toMatchObject({ flagKey: 'f', flagId: 2, path: 'key' });
  });

  it('E136: a deleted flag gives its key away', () => {
    const program = compile(definitions([everyone('f', { deleted: true }), everyone('f', { id: 2 })]));
    expect(program.problems).toEqual([]);
    expect(evaluate(program, request()).results.map((one) => one.flag.id)).toEqual([2]);
  });

  it('E3: unknown members are ignored at every level', () => {
    const odd = flag(
      'f',
      { groups: [{ properties: [{ ...person('a', 1), colour: 'red' }], mood: 1 }], multivariate: null, smell: {} },
      { taste: [] },
    );
    expect(outcome(run([odd], { personProperties: { a: 1 } }), 'f')).toBe('true condition_match 0');
  });

  it('E11: encrypted remote configuration is no flag, and missing for those that depend on it', () => {
    const secret = everyone('secret', { has_encrypted_payloads: true, is_remote_configuration: true });
    const got = run([secret, flag('f', { groups: [{ properties: [dependsOn(1, true)] }] }, { id: 2 })]);
    expect(got.results.map((one) => one.reason.code)).toEqual(['missing_dependency']);
  });

  it('E7: min and max are other names of gte and lte', () => {
    const between = flag('f', { groups: [{ properties: [person('n', 1, 'min'), person('n', 5, 'max')] }] });
    expect(outcome(run([between], { personProperties: { n: 5 } }), 'f')).toBe('true condition_match 0');
    expect(outcome(run([between], { personProperties: { n: 6 } }), 'f')).toBe('false no_condition_match 0');
  });

  it('E10: a payload is the stored JSON, number text included, and only an own member', () => {
    const payloads = parseJson('{"true": {"limit": 1.0}}') as JsonObject;
    const [one] = run([flag('f', { groups: [{}], payloads })]).results;
    expect(one?.payload).toMatchObject({ limit: { text: '1.0' } });
    const inherited = flag('f', {
      groups: [{ variant: 'toString' }],
      multivariate: { variants: [{ key: 'toString', rollout_percentage: 100 }] },
      payloads: {},
    });
    expect(run([inherited]).results[0]).toMatchObject({ variant: 'toString', payload: undefined });
  });
});

const anything = fc.jsonValue({ maxDepth: 6 }) as fc.Arbitrary<JsonValue>;
const likelyFilter = fc.record({
  key: fc.string(),
  type: fc.constantFrom('person', 'group', 'cohort', 'flag', 'x'),
  value: anything,
  operator: fc.constantFrom('exact', 'regex', 'gt', 'semver_gt', 'is_date_after', 'in', 'between'),
});
const likelyCondition = fc.record({ properties: fc.array(fc.oneof(anything, likelyFilter)) });
const likelyFlag = fc.record({
  id: fc.oneof(fc.integer(), anything),
  key: fc.oneof(fc.string(), anything),
  active: fc.constant(true),
  filters: fc.oneof(anything, fc.record({ groups: fc.array(fc.oneof(anything, likelyCondition)) })),
}) as fc.Arbitrary<JsonValue>;
const likelyCohort = fc.record({
  id: fc.integer({ min: 0, max: 3 }),
  filters: anything,
  groups: anything,
}) as fc.Arbitrary<JsonValue>;

describe('hostile definitions', () => {
  it('any JSON at all compiles and evaluates without a throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anything, likelyFlag)),
        fc.array(fc.oneof(anything, likelyCohort)),
        anything,
        (flags, cohorts, value) => {
          const program = compile(definitions(flags, { cohorts }));
          const got = evaluate(program, request({ personProperties: { a: value } }), facts());
          expect(got.results.length).toBeLessThanOrEqual(flags.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('a thousand flags in one dependency chain are evaluated in order', () => {
    const chain = Array.from({ length: 1000 }, (_, i) =>
      flag(`f${i}`, { groups: [{ properties: i === 0 ? [] : [dependsOn(i, true)] }] }, { id: i + 1 }),
    ).reverse();
    const got = run(chain);
    expect(got.results).toHaveLength(1000);
    expect(got.results.every((one) => one.enabled)).toBe(true);
    expect(run(chain, { flagKeys: ['f999'] }).results).toHaveLength(1000);
  });

  it('a thousand cohorts in one chain are resolved', () => {
    const cohorts = Array.from({ length: 1000 }, (_, i) => ({
      id: i,
      filters: {
        properties: {
          type: 'AND',
          values: [i === 0 ? person('plan', 'pro') : { key: 'id', type: 'cohort', value: i - 1 }],
        },
      },
    }));
    const asks = flag('f', { groups: [{ properties: [{ key: 'id', type: 'cohort', value: 999 }] }] });
    expect(outcome(run(definitions([asks], { cohorts }), {}, facts({ plan: 'pro' })), 'f')).toBe(
      'true condition_match 0',
    );
  });
});
