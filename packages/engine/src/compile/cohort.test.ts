import type { JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { planFacts } from '../plan/plan-facts.ts';
import { definitions, FAILURE, facts, flag, inCohort, outcome, person, request, run } from '../scenario.cases.ts';
import { compile } from './compile.ts';

describe('cohorts of flags', () => {
  const cohort = (id: number, ...values: JsonValue[]): JsonValue => ({
    id,
    filters: { properties: { type: 'AND', values } },
  });
  const asks = (id: JsonValue, operator = 'in', rollout = 100) =>
    flag('f', { groups: [{ properties: [inCohort(id, operator)], rollout_percentage: rollout }] });
  const ask = (row: JsonValue, cohorts: readonly JsonValue[], stored = facts({ plan: 'pro' })) =>
    outcome(run(definitions([row], { cohorts }), {}, stored), 'f');

  it.each<[string, JsonValue, string]>([
    ['in', inCohort(1, 'in'), 'true condition_match 0'],
    ['not in', inCohort(1, 'not_in'), 'false no_condition_match 0'],
    ['without an operator', { ...inCohort(1), operator: null }, 'true condition_match 0'],
    ['by another operator', inCohort(1, 'exact'), 'false no_condition_match 0'],
    ['by an id as text', inCohort('1'), 'true condition_match 0'],
    ['by what is no id', inCohort('one'), 'false cohort_filters_parsing_error none'],
    ['by an id with a fraction', inCohort(1.5), 'false cohort_filters_parsing_error none'],
    ['by an id that no cohort has', inCohort(2), 'false dependency_not_found_cohort none'],
  ])('a member asks %s', (_how, filter, expected) => {
    expect(ask(flag('f', { groups: [{ properties: [filter] }] }), [cohort(1, person('plan', 'pro'))])).toBe(expected);
  });

  it('whoever is no member passes "not in", and no other operator', () => {
    const cohorts = [cohort(1, person('plan', 'free'))];
    expect(ask(asks(1, 'not_in'), cohorts)).toBe('true condition_match 0');
    expect(ask(asks(1, 'exact'), cohorts)).toBe('false no_condition_match 0');
  });

  it('D13: nobody is a member of a cohort without a definition', () => {
    expect(ask(asks(1), [{ id: 1 }])).toBe('false no_condition_match 0');
    expect(ask(asks(1, 'not_in'), [{ id: 1 }])).toBe('true condition_match 0');
  });

  it('E129: one cohort of several that is based on behaviour is enough to say so', () => {
    const event = { key: '$pageview', type: 'behavioral', value: 'performed_event' };
    const both = flag('f', { groups: [{ properties: [inCohort(1), inCohort(2)] }] });
    const cohorts = [cohort(1, person('plan', 'pro')), cohort(2, event)];
    const { results } = run(definitions([both], { cohorts }), {}, facts({ plan: 'pro' }));
    expect(results[0]?.reason.description).toContain('based on behavior');
  });

  it('E132: a cohort that is used by itself and by another one is the same for both', () => {
    const rows = [1, 2].map((id) => flag(`f${id}`, { groups: [{ properties: [inCohort(id)] }] }, { id }));
    const cohorts = [cohort(1, person('plan', 'pro')), cohort(2, inCohort(1, 'not_in'))];
    const { results } = run(definitions(rows, { cohorts }), {}, facts({ plan: 'pro' }));
    expect(results.map(({ value }) => value)).toEqual([true, false]);
  });

  it.each<[string, JsonValue, boolean]>([
    ['in', inCohort(1, 'in'), true],
    ['not in', inCohort(1, 'not_in'), false],
    ['not in, negated', { ...inCohort(1, 'not_in'), negation: true }, true],
    ['by another operator', inCohort(1, 'exact'), false],
    ['by another operator, negated', { ...inCohort(1, 'exact'), negation: true }, true],
  ])('E132: a cohort refers to another one %s', (_how, leaf, expected) => {
    const cohorts = [cohort(2, leaf), cohort(1, person('plan', 'pro'))];
    expect(ask(asks(2), cohorts)).toBe(expected ? 'true condition_match 0' : 'false no_condition_match 0');
  });

  it.each<[string, JsonValue[], string]>([
    ['itself', [cohort(1, inCohort(1))], 'dependency_cycle_cohort'],
    ['one that refers back', [cohort(1, inCohort(2)), cohort(2, inCohort(1))], 'dependency_cycle_cohort'],
    ['one that is missing', [cohort(1, inCohort(2))], 'dependency_not_found_cohort'],
    ['one that cannot be read', [cohort(1, inCohort(2)), { id: 2, filters: 7 }], 'cohort_filters_parsing_error'],
    ['first a missing one, then a cycle', [cohort(1, inCohort(9), inCohort(1))], 'dependency_not_found_cohort'],
    ['first a cycle, then a missing one', [cohort(1, inCohort(1), inCohort(9))], 'dependency_cycle_cohort'],
  ])('E133: a cohort that refers to %s fails the flag', (_what, cohorts, code) => {
    expect(ask(asks(1), cohorts)).toBe(`false ${code} none`);
  });

  it('E132: two ways to one cohort are no cycle', () => {
    const cohorts = [
      cohort(1, inCohort(2), inCohort(3)),
      cohort(2, inCohort(4)),
      cohort(3, inCohort(4)),
      cohort(4, person('plan', 'pro')),
    ];
    expect(ask(asks(1), cohorts)).toBe('true condition_match 0');
  });

  it('E161: two flags that use one cohort are told the same of it, a failure too', () => {
    const malformed = { id: 1, filters: { properties: { type: 'AND', values: [{ type: 'XOR', values: [] }] } } };
    const rows = ['a', 'b'].map((key, id) => flag(key, { groups: [{ properties: [inCohort(1)] }] }, { id }));
    const told = (one: JsonValue) => run(definitions(rows, { cohorts: [one] }), {}, facts({ plan: 'pro' })).results;
    expect(told(malformed).map(({ reason }) => reason.code)).toEqual([
      'cohort_filters_parsing_error',
      'cohort_filters_parsing_error',
    ]);
    expect(told(cohort(1, person('plan', 'pro'))).map(({ value }) => value)).toEqual([true, true]);
  });

  it('E134, E151: static ones are planned for once, whatever the rollout, as soon as anything is', () => {
    const cohorts = [{ id: 1, is_static: true }, { id: 2, is_static: true }, cohort(3, inCohort(1), inCohort(2))];
    const rows = [asks(3), { ...(asks(1, 'in', 0) as object), id: 2, key: 'g' }] as JsonValue[];
    expect(planFacts(compile(definitions(rows, { cohorts })), request())?.staticCohorts).toEqual([1, 2]);
    const lost = compile(definitions([asks('x')], { cohorts }));
    expect(planFacts(lost, request())?.staticCohorts).toEqual([]);
  });

  it('D43: without a list of cohorts there are none, and no problem of the definitions', () => {
    expect(compile(definitions([asks(1)], { cohorts: FAILURE })).problems).toEqual([]);
  });
});
