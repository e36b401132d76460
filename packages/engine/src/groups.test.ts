import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { compile } from './compile/compile.ts';
import { explainFlag } from './explain/explain.ts';
import type { EvaluationRequest } from './request.ts';
import { definitions, FAILURE, flag, outcome, request, run } from './scenario.cases.ts';

const failed = 'false group_type_lookup_failed none';
const missed = 'false no_condition_match 0';

function tier(index: number): JsonObject {
  return { key: 'tier', value: 'gold', type: 'group', group_type_index: index };
}

/** The outcome of a flag that asks for a property of the group type with that index. */
function asking(index: number, asked: Partial<EvaluationRequest>, groupTypeMapping: Record<string, string> | null) {
  const asks = flag('f', { groups: [{ properties: [tier(index)] }] });
  return outcome(run(definitions([asks], { groupTypeMapping: groupTypeMapping ?? FAILURE }), asked), 'f');
}

describe('a group type that the mapping does not name', () => {
  const named = { groups: { undefined: 'acme' }, groupProperties: { undefined: { tier: 'gold' } } };

  it('E66: has no key, whatever the request calls its groups', () => {
    const grouped = flag('f', { groups: [{ aggregation_group_type_index: 5 }] });
    expect(outcome(run(definitions([grouped]), named), 'f')).toBe('false no_group_type 0');
  });

  it('E86: has no properties, whatever the request calls its groups', () => {
    expect(asking(5, named, { '0': 'company' })).toBe(missed);
  });
});

describe('a property of a group', () => {
  it('E98: is compared like one of a person, by the rules of its project', () => {
    const asks = flag('f', { groups: [{ properties: [{ ...tier(12), value: false }] }] });
    const asked = { groups: { club: 'chess' }, groupProperties: { club: { tier: 'banana' } } };
    const value = (version: number) =>
      outcome(
        run(definitions([asks], { groupTypeMapping: { '12': 'club' }, propertyMatchingVersion: version }), asked),
        'f',
      );
    expect(value(1)).toBe('true condition_match 0');
    expect(value(2)).toBe(missed);
  });
});

describe('E159: group context, while the mapping could not be loaded', () => {
  it.each<[string, JsonObject, JsonValue, string]>([
    ['a usable key', { company: 'acme' }, {}, failed],
    ['no usable key', { company: '' }, {}, missed],
    ['an override', {}, { tier: 'gold' }, failed],
    ['an override beside an unusable key', {}, { $group_key: '', tier: 'gold' }, failed],
    ['an override that is null', {}, { tier: null }, failed],
    ['a usable key among the overrides', {}, { $group_key: 'acme' }, failed],
    ['an unusable key among the overrides', {}, { $group_key: '' }, missed],
    ['no override', {}, {}, missed],
    ['overrides that are no object', {}, 'gold', missed],
    ['overrides that are null', {}, null, missed],
  ])('%s', (_what, groups, overrides, expected) => {
    expect(asking(0, { groups, groupProperties: { company: overrides } }, null)).toBe(expected);
  });

  it('E8: matters to filters on groups that name their group themselves only', () => {
    const of = (filter: JsonObject) => {
      const asks = flag('f', { groups: [{ properties: [{ key: 'tier', value: 'gold', ...filter }] }] });
      const given = definitions([asks], { groupTypeMapping: FAILURE });
      return outcome(run(given, { groups: { company: 'acme' } }), 'f');
    };
    expect(of({ type: 'group', group_type_index: 0 })).toBe(failed);
    expect(of({ type: 'group' })).toBe(missed);
    expect(of({ type: 'person', group_type_index: 0 })).toBe(missed);
  });

  it('of one group type is enough', () => {
    expect(asking(0, { groupProperties: { club: {}, company: { tier: 'gold' } } }, null)).toBe(failed);
  });

  it('E13, E88: a super condition is judged all the same, on a value that is not known', () => {
    const asks = flag('f', { groups: [], super_groups: [{ properties: [tier(0)] }] });
    const program = compile(definitions([asks], { groupTypeMapping: FAILURE }));
    const asked = request({ personProperties: { tier: 'x' }, groups: { company: 'acme' } });
    const { conditions } = explainFlag(program, 'f', asked);
    expect(conditions).toMatchObject([{ index: -1, filters: [{ source: 'not_loaded', outcome: 'error' }] }]);
  });
});
