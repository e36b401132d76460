import { type JsonObject, type JsonValue, parseJson } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import type { EvaluationRequest } from '../request.ts';
import { definitions, everyone, facts, flag, inCohort, outcome, person, result, run } from '../scenario.cases.ts';

const takesPart = (row: JsonValue, asked: Partial<EvaluationRequest>): boolean =>
  run([row], asked).results.length === 1;

describe('what a flag is restricted to', () => {
  it.each<[JsonValue, boolean, boolean]>([
    ['CLIENT', true, false],
    ['Server', false, true],
    ['all', true, true],
    ['edge', true, true],
    ['', true, true],
    [null, true, true],
  ])('E167: runtime %j takes part for clients: %s, for servers: %s', (evaluation_runtime, client, server) => {
    const row = everyone('f', { evaluation_runtime });
    expect([takesPart(row, { runtime: 'client' }), takesPart(row, { runtime: 'server' })]).toEqual([client, server]);
    expect(takesPart(row, { runtime: 'all' })).toBe(true);
  });

  it.each<[JsonObject, boolean]>([
    [{ evaluation_contexts: ['web'] }, true],
    [{ evaluation_contexts: ['app'] }, false],
    [{ evaluation_contexts: [] }, true],
    [{ evaluation_contexts: null }, true],
    [{ evaluation_tags: ['app'] }, false],
    [{ evaluation_tags: ['app'], evaluation_contexts: ['web'] }, true],
    [{ evaluation_tags: ['app'], evaluation_contexts: null }, true],
    [{}, true],
  ])('E169, D12: contexts, which older stores call tags: %j takes part for the web: %s', (row, expected) => {
    expect(takesPart(everyone('f', row), { evaluationContexts: ['web'] })).toBe(expected);
  });
});

describe('the version of a configuration', () => {
  const filters = (version: string) => parseJson(`{"version":${version},"groups":[{}]}`) as JsonObject;
  const unsupported = (problem: string) => `Failed to parse flag data: ${problem}`;

  it.each([
    ['1', 'Matched condition set 1'],
    ['1.0', 'Matched condition set 1'],
    ['2', unsupported('filters has the unknown member "groups"')],
    ['2.0', unsupported('filters has the unknown member "groups"')],
    ['3', unsupported('unsupported feature flag configuration format')],
    ['"1"', unsupported('unsupported feature flag configuration format')],
    ['null', unsupported('unsupported feature flag configuration format')],
  ])('E4, E171: %s', (version, description) => {
    expect(result(run([flag('f', filters(version))]), 'f').reason.description).toBe(description);
  });
});

describe('parts of a configuration', () => {
  it.each([
    ['7', 'holdout-7'],
    ['-9223372036854775808', 'holdout--9223372036854775808'],
    ['9223372036854775807', 'holdout-9223372036854775807'],
  ])('E53: a holdout may have any 64-bit id: %s', (id, variant) => {
    const holdout = parseJson(`{"id":${id},"exclusion_percentage":100.0}`);
    expect(result(run([flag('f', { groups: [{}], holdout })]), 'f').variant).toBe(variant);
  });

  it.each(['9223372036854775808', '-9223372036854775809', '1.0', '1e3', '"7"'])('E9: and no other: %s', (id) => {
    const holdout = parseJson(`{"id":${id},"exclusion_percentage":100}`);
    expect(run([flag('f', { groups: [{}], holdout })]).results).toEqual([]);
  });

  it('E5, E6: shares may be written with a fraction, however long', () => {
    const groups = parseJson('[{"rollout_percentage":100.0}]');
    const multivariate = parseJson('{"variants":[{"key":"a","rollout_percentage":100.0}]}');
    expect(outcome(run([flag('f', { groups, multivariate })]), 'f')).toBe('a condition_match 0');
  });

  it.each<[JsonValue, JsonValue]>([
    ['[]', true],
    [7, true],
    [[], true],
    [[7], true],
    [[{ properties: 'x' }], true],
    [[{ properties: [person('beta', 'yes')] }], false],
  ])('E13: super groups of %j are read where they can be', (super_groups, value) => {
    const row = flag('f', { groups: [{}], super_groups });
    expect(result(run([row], { personProperties: { beta: 'no' } }), 'f').value).toBe(value);
  });

  it('E13: super groups are not read beside the newer enrollment', () => {
    const super_groups = [{ properties: [person('beta', 'yes')] }];
    const row = flag('f', { groups: [{}], super_groups, feature_enrollment: true });
    expect(result(run([row], { personProperties: { beta: 'no' } }), 'f').value).toBe(true);
  });

  it('E10: payloads that are no object are none', () => {
    for (const payloads of ['x', ['x'], null]) {
      expect(result(run([flag('f', { groups: [{}], payloads })]), 'f').payload).toBeUndefined();
    }
  });

  it('E27: without conditions nobody matches, for the least of reasons', () => {
    expect(outcome(run([flag('f', {})]), 'f')).toBe('false no_group_type none');
  });
});

describe('ids that are written as text', () => {
  it.each<[JsonValue, string]>([
    [7, 'condition_match'],
    ['7', 'condition_match'],
    ['+7', 'condition_match'],
    ['007', 'condition_match'],
    ['7.0', 'cohort_filters_parsing_error'],
    ['7 ', 'cohort_filters_parsing_error'],
    ['x7', 'cohort_filters_parsing_error'],
    ['', 'cohort_filters_parsing_error'],
    ['-7', 'dependency_not_found_cohort'],
    [true, 'cohort_filters_parsing_error'],
    [[7], 'cohort_filters_parsing_error'],
    ['4294967303', 'cohort_filters_parsing_error'], // 7 more than 2^32
    [4_294_967_303, 'cohort_filters_parsing_error'],
  ])('E120: %j asks for the cohort 7, or not: %s', (id, code) => {
    const asks = flag('f', { groups: [{ properties: [inCohort(id)] }] });
    const cohorts = [{ id: 7, filters: { properties: { type: 'OR', values: [person('plan', 'pro')] } } }];
    const got = run(definitions([asks], { cohorts }), {}, facts({ plan: 'pro' }));
    expect(result(got, 'f').reason.code).toBe(code);
  });
});
