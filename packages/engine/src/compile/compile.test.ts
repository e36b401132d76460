import type { JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate/evaluate.ts';
import { definitions, dependsOn, everyone, flag, inCohort, outcome, person, request, run } from '../scenario.cases.ts';
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

  it('gives its caller a turn after every 200 flags read or compiled, and after each of the other six steps', () => {
    expect(turns(many(199))).toBe(0);
    expect(turns(many(200))).toBe(2);
    expect(turns(many(201))).toBe(2 + 6);
    expect(turns(many(1_000))).toBe(2 * 5 + 6);
    expect(turns(many(1_000, { active: false }))).toBe(2 * 5 + 6);
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
    [
      'a filter on persons that names a group',
      flag('f', { groups: [{ properties: [{ ...person('tier', 1), group_type_index: 0 }] }] }),
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

describe('settings of a project', () => {
  it('E117: dates without an offset are of its time zone', () => {
    const before = flag('f', { groups: [{ properties: [person('at', '2024-06-01 12:00', 'is_date_before')] }] });
    const value = (timezone?: string) => {
      const given = definitions([before], timezone === undefined ? {} : { timezone });
      return outcome(run(given, { personProperties: { at: '2024-06-01T10:30:00Z' } }), 'f');
    };
    expect(value()).toBe('true condition_match 0');
    expect(value('Europe/Vienna')).toBe('false no_condition_match 0');
  });
});
