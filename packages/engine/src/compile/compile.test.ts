import type { JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import {
  FAILURE,
  definitions,
  dependsOn,
  everyone,
  facts,
  flag,
  inCohort,
  outcome,
  person,
  request,
  run,
} from '../scenario.cases.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { planFacts } from '../plan/plan-facts.ts';
import { compile, compileInPieces } from './compile.ts';

const many = (count: number, row = {}) =>
  Array.from({ length: count }, (_, i) => everyone(`f${i}`, { id: i + 1, ...row }));

describe('compiling in pieces', () => {
  const turns = (flags: readonly JsonValue[]): number => {
    const compiling = compileInPieces(definitions(flags));
    let count = 0;
    while (compiling.next().done !== true) count += 1;
    return count;
  };

  it('gives its caller a turn after every 200 flags read or compiled, and after each of the other four steps', () => {
    expect(turns(many(199))).toBe(0);
    expect(turns(many(200))).toBe(2);
    expect(turns(many(201))).toBe(2 + 4);
    expect(turns(many(1_000))).toBe(2 * 5 + 4);
    expect(turns(many(1_000, { active: false }))).toBe(2 * 5 + 4);
  });

  it('makes the same of definitions', () => {
    const compiling = compileInPieces(definitions(many(300)));
    let step = compiling.next();
    while (step.done !== true) step = compiling.next();
    const asked = request({ distinctId: 'ada' });
    expect(evaluate(step.value, asked)).toEqual(evaluate(compile(definitions(many(300))), asked));
  });
});

describe('what a Program tells of its definitions', () => {
  it('names its active flags in the order of evaluation, and all keys that may be asked about', () => {
    const circle = (id: number, target: number) =>
      flag(`c${id}`, { groups: [{ properties: [dependsOn(target, true)] }] }, { id });
    const first = flag('first', { groups: [{ properties: [dependsOn(5, true)] }] }, { id: 1, version: 3 });
    const off = everyone('off', { id: 4, active: false });
    const program = compile(definitions([first, circle(2, 3), circle(3, 2), off, everyone('base', { id: 5 })]));
    expect(program.flags.map(({ key, version }) => [key, version])).toEqual([
      ['base', 0],
      ['first', 3],
    ]);
    expect(program.flagKeys).toEqual(['base', 'first', 'c2', 'c3', 'off']);
    expect(program.teamId).toBe(1);
  });

  it.each<[string, JsonValue, boolean, boolean]>([
    ['persons only', flag('f', { groups: [{ properties: [person('plan', 1)] }] }), false, false],
    ['a cohort', flag('f', { groups: [{ properties: [inCohort(1)] }] }), true, false],
    [
      'a cohort that nobody gets to',
      flag('f', { groups: [{ properties: [inCohort(1)], rollout_percentage: 0 }] }),
      false,
      false,
    ],
    ['groups at the level of the flag', flag('f', { groups: [], aggregation_group_type_index: 0 }), false, true],
    ['groups in a condition', flag('f', { groups: [{ aggregation_group_type_index: 0 }] }), false, true],
    [
      'groups in a filter',
      flag('f', { groups: [{ properties: [{ ...person('tier', 1), type: 'group', group_type_index: 0 }] }] }),
      false,
      true,
    ],
    [
      'a filter on groups that names none',
      flag('f', { groups: [{ properties: [{ ...person('tier', 1), type: 'group' }] }] }),
      false,
      false,
    ],
    ['a configuration that is not supported', flag('f', { version: 9 }), false, false],
  ])('says whether flags refer to cohorts or groups: %s', (_what, row, cohorts, groupTypes) => {
    expect(compile(definitions([row])).refersTo).toEqual({ cohorts, groupTypes });
  });

  it('E159: group types are texts under small numbers; others are no group types', () => {
    const grouped = (index: number) => flag('f', { groups: [{ aggregation_group_type_index: index }] });
    const mapping = { '0': 'company', '00': 'club', '1x': 'a', x1: 'b', '2': 7 } as unknown as Record<string, string>;
    const asked = { groups: { company: 'acme', a: '1', b: '1', '7': '1' } };
    const value = (index: number) =>
      outcome(run(definitions([grouped(index)], { groupTypeMapping: mapping }), asked), 'f');
    expect(value(1)).toBe('false no_group_type 0');
    expect(value(2)).toBe('false no_group_type 0');
    expect(outcome(run(definitions([grouped(0)], { groupTypeMapping: { '0': 'company' } }), asked), 'f')).toBe(
      'true condition_match 0',
    );
  });
});

describe('the order of evaluation', () => {
  const order = (flags: readonly JsonValue[]) => compile(definitions(flags)).flags.map(({ key }) => key);
  const on = (key: string, id: number, ...targets: number[]) =>
    flag(key, { groups: [{ properties: targets.map((target) => dependsOn(target, true)) }] }, { id });

  it('E137: is by layers, and by id inside a layer', () => {
    expect(order([on('top', 1, 4, 2), on('b', 4, 9), on('z', 10), on('y', 9), on('a', 2)])).toEqual([
      'a',
      'y',
      'z',
      'b',
      'top',
    ]);
  });

  it('E136: a flag that is asked about twice is waited for once, and a filter of another type asks about none', () => {
    const twice = flag('twice', {
      groups: [
        { properties: [dependsOn(2, true), dependsOn(2, false), person('3', true)] },
        { properties: [dependsOn(2, true)] },
      ],
    });
    expect(order([twice, on('two', 2), on('three', 3)])).toEqual(['two', 'three', 'twice']);
  });

  it('E140: a missing flag is missing for all that depend on it, and for no other', () => {
    const got = run([on('lost', 1, 99), on('behind', 2, 1), on('far', 3, 2), on('fine', 4, 5), on('base', 5)]);
    const codes = ['lost', 'behind', 'far', 'fine', 'base'].map((key) => outcome(got, key).split(' ')[1]);
    expect(codes).toEqual([
      'missing_dependency',
      'missing_dependency',
      'missing_dependency',
      'condition_match',
      'condition_match',
    ]);
  });

  it('E138: what is behind a cycle is not evaluated, what is before it is', () => {
    expect(order([on('one', 1, 2), on('two', 2, 1), on('behind', 3, 1), on('before', 4)])).toEqual(['before']);
  });
});

describe('E134, E121: cohorts of flags', () => {
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
