import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { type JsonObject, type JsonValue, parseJson } from '@halyard/json';
import { definitions, dependsOn, everyone, flag, outcome, person, request, run } from '../scenario.cases.ts';

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

  const condition = (row: JsonObject) => flag('f', { groups: [row] });
  const filter = (row: JsonObject) => condition({ properties: [{ key: 'a', type: 'person', value: 1, ...row }] });
  const at = 'filters.groups[0]';

  it.each<[string, string, JsonValue]>([
    ['', 'must be an object, not a string', 'f'],
    ['', 'must be an object, not null', null],
    ['', 'must be an object, not a list', []],
    ['id', 'must be a 32-bit integer, not absent', { key: 'f' }],
    ['id', 'must be a 32-bit integer, not the number 2147483648', everyone('f', { id: 2 ** 31 })],
    ['id', 'must be a 32-bit integer, not a string', everyone('f', { id: '1' })],
    ['id', 'another flag has the id 2', everyone('f', { id: 2 })],
    ['key', 'must be a string, not the number 7', everyone('f', { key: 7 })],
    ['key', 'another flag has the key "good"', everyone('good')],
    ['version', 'must be a 32-bit integer, not the number 1.0', everyone('f', { version: parseJson('1.0') })],
    ['version', 'must be a 32-bit integer, not the number 1.5', everyone('f', { version: 1.5 })],
    ['active', 'must be true or false, not a string', everyone('f', { active: 'true' })],
    [
      'ensure_experience_continuity',
      'must be true or false, not the number 1',
      everyone('f', { ensure_experience_continuity: 1 }),
    ],
    ['evaluation_runtime', 'must be a string, not a boolean', everyone('f', { evaluation_runtime: true })],
    ['evaluation_contexts', 'must be a list, not a string', everyone('f', { evaluation_contexts: 'web' })],
    ['evaluation_contexts[1]', 'must be a string, not null', everyone('f', { evaluation_contexts: ['web', null] })],
    ['evaluation_tags[0]', 'must be a string, not the number 1', everyone('f', { evaluation_tags: [1] })],
    ['bucketing_identifier', 'must be a string, not an object', everyone('f', { bucketing_identifier: {} })],
    ['has_experiment', 'must be true or false, not a string', everyone('f', { has_experiment: '' })],
    ['filters', 'must be an object, not absent', { id: 1, key: 'f' }],
    ['filters.groups', 'must be a list, not an object', flag('f', { groups: {} })],
    ['filters.multivariate', 'must be an object, not a list', flag('f', { multivariate: [] })],
    [
      'filters.multivariate.variants[1]',
      'must be an object, not a string',
      flag('f', { multivariate: { variants: [{ key: 'a', rollout_percentage: 1 }, 'b'] } }),
    ],
    [
      'filters.multivariate.variants[0].key',
      'must be a string, not absent',
      flag('f', { multivariate: { variants: [{}] } }),
    ],
    ['filters.feature_enrollment', 'must be true or false, not a string', flag('f', { feature_enrollment: 'yes' })],
    ['filters.holdout', 'must be an object, not the number 1', flag('f', { holdout: 1 })],
    ['filters.holdout.id', 'must be a 64-bit integer', flag('f', { holdout: { id: 1.5, exclusion_percentage: 5 } })],
    [
      'filters.holdout.exclusion_percentage',
      'must be a number, not a string',
      flag('f', { holdout: { id: 1, exclusion_percentage: '5' } }),
    ],
    ['filters.early_exit', 'must be true or false, not a string', flag('f', { early_exit: 'no' })],
    [
      'filters.aggregation_group_type_index',
      'must be a 32-bit integer, not a string',
      flag('f', { aggregation_group_type_index: '0' }),
    ],
    [at, 'must be an object, not a string', flag('f', { groups: ['x'] })],
    [
      `${at}.aggregation_group_type_index`,
      'must be a 32-bit integer, not a boolean',
      condition({ aggregation_group_type_index: true }),
    ],
    [`${at}.properties`, 'must be a list, not an object', condition({ properties: {} })],
    [`${at}.variant`, 'must be a string, not the number 3', condition({ variant: 3 })],
    [`${at}.properties[0]`, 'must be an object, not null', condition({ properties: [null] })],
    [`${at}.properties[0].key`, 'must be a string, not the number 7', filter({ key: 7 })],
    [`${at}.properties[0].type`, '"event" is not a filter type', filter({ type: 'event' })],
    [`${at}.properties[0].operator`, '"resembles" is not an operator', filter({ operator: 'resembles' })],
    [`${at}.properties[0].operator`, 'must be a string, not a list', filter({ operator: [] })],
    [
      `${at}.properties[0].group_type_index`,
      'must be a 32-bit integer, not the number 0.5',
      filter({ group_type_index: 0.5 }),
    ],
  ])('says where and what: %s %s', (path, message, broken) => {
    const { problems } = compile(definitions([everyone('good', { id: 2 }), broken]));
    expect(problems).toMatchObject([{ path, message }]);
  });

  it('names the flag as far as it can be read', () => {
    const rows = [{ id: 1, key: 7 }, { id: 'x', key: 'f' }, 'neither', everyone('twice'), everyone('twice')];
    const named = compile(definitions(rows)).problems.map(({ flagId, flagKey }) => [flagId, flagKey]);
    expect(named).toEqual([
      [1, undefined],
      [undefined, 'f'],
      [undefined, undefined],
      [1, 'twice'],
    ]);
  });

  it('E9: a malformed cohort is reported by what can be read of it; a deleted one is none', () => {
    const cohorts = [
      { id: 1, filters: { properties: { type: 'AND', values: 'x' } } },
      { id: 'x' },
      'neither',
      { id: 2, deleted: true, filters: 7 },
      { id: 3, filters: 7 },
      { id: 4, filters: { properties: { type: 'AND', values: [] } } },
    ];
    expect(compile(definitions([], { cohorts })).problems).toEqual([
      { cohortId: 1, path: 'filters.properties', message: 'the definition cannot be read' },
      { path: 'cohort id', message: 'must be a 32-bit integer, not a string' },
      { path: 'cohort ', message: 'must be an object, not a string' },
      { cohortId: 3, path: 'filters.properties', message: 'the definition cannot be read' },
    ]);
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

  it('E11: what is only encrypted, or only remote configuration, is a flag', () => {
    for (const row of [{ has_encrypted_payloads: true }, { is_remote_configuration: true }]) {
      expect(run([everyone('f', row)]).results).toHaveLength(1);
    }
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
