import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { definitions, facts, flag, inCohort, person, result, run } from '../scenario.cases.ts';

/** Asks a flag for one cohort filter, on behalf of a person with these properties. */
function member(cohorts: readonly JsonValue[], filter: JsonObject, properties: JsonObject) {
  const asking = flag('f', { groups: [{ properties: [filter] }] });
  return run(definitions([asking], { cohorts }), {}, facts(properties));
}

function cohort(id: number, leaves: readonly JsonObject[], type = 'AND'): JsonObject {
  return { id, filters: { properties: { type, values: leaves } } };
}

describe('E130: one legacy group, the first form that applies', () => {
  const person5 = { plan: 'pro', seats: 3, type: 'AND', values: 'x', id: 7 };
  const answer = (group: JsonValue): string => {
    const got = member([{ id: 5, groups: [group] }], inCohort(5), person5);
    const { value, reason } = result(got, 'f');
    return `${value}${reason.description?.includes('cohort') === true ? ' behavioural' : ''}`;
  };

  it.each<[string, JsonValue, string]>([
    ['1 a list, before an action', { action_id: 7, properties: [person('plan', 'pro')] }, 'true'],
    ['1 a list, before an event', { event_id: '$pageview', properties: [person('plan', 'pro')] }, 'true'],
    ['1 all entries of the list', { properties: [person('plan', 'pro'), person('seats', 4)] }, 'false'],
    ['1 entries without type', { properties: [{ key: 'plan', value: 'pro', type: null }] }, 'true'],
    ['1 an entry that is null', { properties: [person('plan', 'pro'), null] }, 'false'],
    ['1 an entry that cannot be read', { properties: [person('plan', 'pro'), 'plan'] }, 'false'],
    ['1 an entry of unknown type', { properties: [{ ...person('plan', 'pro'), type: 'magic' }] }, 'false'],
    ['1 an entry of unknown operator', { properties: [person('plan', 'pro', 'resembles')] }, 'false'],
    ['1 such an entry, negated', { properties: [{ ...person('plan', 'x', 'resembles'), negation: true }] }, 'false'],
    ['1 an entry without key', { properties: [{ type: 'person', value: 'pro' }] }, 'false'],
    ['2 a group', { properties: { type: 'OR', values: [person('plan', 'x'), person('seats', 3)] } }, 'true'],
    ['2 a group, before an action', { action_id: 1, properties: { type: 'AND', values: [] } }, 'true'],
    ['2 a group whose values are no list', { properties: { type: 'AND', values: 'x' } }, 'false'],
    ['2 a group whose type is no text', { properties: { type: null, values: [] } }, 'false'],
    ['2 a group of nulls', { properties: { type: null, values: null } }, 'false'],
    ['3 equalities', { properties: { plan: 'pro', seats: 3 } }, 'true'],
    ['3 equalities that do not all hold', { properties: { plan: 'pro', seats: 4 } }, 'false'],
    ['3 an equality with nothing', { properties: { plan: null } }, 'false'],
    ['3 equalities, before an action', { action_id: 1, properties: { plan: 'pro' } }, 'true'],
    ['4 an action', { action_id: 7 }, 'false behavioural'],
    ['4 an action that is null', { action_id: null }, 'false behavioural'],
    ['4 an event', { event_id: '$pageview', properties: [] }, 'false behavioural'],
    ['4 an action beside a damaged group', { action_id: 7, properties: { type: 'AND' } }, 'false behavioural'],
    ['5 an event that is null', { event_id: null }, 'false'],
    ['5 only a type', { properties: { type: 'AND' } }, 'false'],
    ['5 only values', { properties: { values: 'x' } }, 'false'],
    ['5 only values, a list', { properties: { values: [] } }, 'false'],
    ['5 a type beside an equality that holds', { properties: { type: 'AND', plan: 'pro' } }, 'false'],
    ['5 a type that is null beside one', { properties: { type: null, plan: 'pro' } }, 'false'],
    ['5 values beside an equality that holds', { properties: { values: [], plan: 'pro' } }, 'false'],
    ['5 nothing', {}, 'false'],
    ['5 an empty list', { properties: [] }, 'false'],
    ['5 an empty object', { properties: {} }, 'false'],
    ['5 a text', { properties: 'plan' }, 'false'],
    ['5 true', { properties: true }, 'false'],
    ['5 no object at all', true, 'false'],
    ['5 null', null, 'false'],
    ['5 a list', [person('plan', 'pro')], 'false'],
    ['5 a filter in place of a group', person('plan', 'pro'), 'false'],
  ])('%s', (_form, group, expected) => {
    expect(answer(group)).toBe(expected);
  });

  it.each<[JsonObject]>([[{ filters: null }], [{ filters: {} }], [{}]])(
    'is read in place of filters: %o',
    (filters) => {
      const groups: JsonValue = [{ properties: { type: 'AND' } }, { properties: { plan: 'pro' } }];
      const got = member([{ id: 5, ...filters, groups }], inCohort(5), person5);
      expect(result(got, 'f').value).toBe(true);
    },
  );

  it('is not read beside filters that say something', () => {
    const groups = [{ properties: { plan: 'pro' } }];
    expect(result(member([{ ...cohort(5, [person('plan', 'x')]), groups }], inCohort(5), person5), 'f').value).toBe(
      false,
    );
  });

  it.each([[[]], [{}], ['x'], [null]])('a list of %o has no members', (groups) => {
    expect(result(member([{ id: 5, groups }], inCohort(5), person5), 'f').value).toBe(false);
  });
});

describe('the definition of a cohort', () => {
  const answer = (definition: JsonValue, operator = 'in', rest: JsonObject = {}): string => {
    const got = member([{ id: 5, filters: { properties: definition }, ...rest }], inCohort(5, operator), {
      plan: 'pro',
    });
    const { value, reason } = result(got, 'f');
    return reason.code === 'cohort_filters_parsing_error' ? 'unreadable' : String(value);
  };
  const all = (...values: JsonValue[]): JsonObject => ({ type: 'AND', values });
  const pro = person('plan', 'pro');

  it.each<[string, JsonValue]>([
    ['nothing', null],
    ['an object without type and values', {}],
    ['an object of other things', { other: 1 }],
  ])('D13: may be %s, and then nobody is a member', (_what, definition) => {
    expect([answer(definition), answer(definition, 'not_in')]).toEqual(['false', 'true']);
  });

  it('D13: may be missing beside other filters', () => {
    const cohorts = [{ id: 5, filters: { other: 1 } }];
    expect(result(member(cohorts, inCohort(5, 'not_in'), {}), 'f').value).toBe(true);
  });

  it.each<[JsonValue]>([
    [{ type: 'AND' }],
    [{ values: [pro] }],
    [{ type: 'XOR', values: [pro] }],
    [{ type: 'property', values: [pro] }],
    [{ type: 'AND', values: pro }],
    ['plan'],
    [all({ type: 'cohort', value: 'x' })],
    [all({ type: 'cohort' })],
  ])('E126: is unreadable as %j, and reported', (definition) => {
    expect(answer(definition)).toBe('unreadable');
    const cohorts = [{ id: 5, filters: { properties: definition } }];
    expect(compile(definitions([], { cohorts })).problems).toHaveLength(1);
  });

  it('E126: may be 64 levels deep, and no more', () => {
    const nested = (levels: number): JsonValue => (levels === 1 ? all(pro) : all(nested(levels - 1)));
    const levels = Array.from({ length: 66 }, (_, i) => i + 1).filter((level) => answer(nested(level)) === 'true');
    expect(levels).toEqual(Array.from({ length: 64 }, (_, i) => i + 1));
  });

  it.each<[string, JsonValue, string]>([
    ['a group that asks for all of its values', { type: 'property', values: [pro, pro] }, 'true'],
    ['such a group that misses one', { type: 'property', values: [pro, person('plan', 'x')] }, 'false'],
    ['null', null, 'false'],
    ['a text', 'plan', 'false'],
    ['a filter whose operator is null', { ...pro, operator: null }, 'true'],
    ['a filter without operator', { key: 'plan', type: 'person', value: 'pro' }, 'true'],
    ['a filter whose operator is a number', { ...pro, operator: 7 }, 'false'],
    ['a filter whose type is a number', { ...pro, type: 7 }, 'false'],
    ['an unknown operator', { ...pro, operator: 'resembles', negation: true }, 'false'],
  ])('E126, E128: may hold %s', (_what, leaf, expected) => {
    expect(answer(all(leaf))).toBe(expected);
  });

  it('E128: a cohort that is asked about by an unknown operator grants nothing, negated or not', () => {
    const asked = { ...inCohort(6, 'resembles'), negation: true };
    const cohorts = [cohort(5, [asked]), cohort(6, [pro])];
    expect(result(member(cohorts, inCohort(5), { plan: 'pro' }), 'f').value).toBe(false);
    expect(result(member(cohorts, inCohort(5, 'not_in'), { plan: 'pro' }), 'f').value).toBe(true);
  });

  it.each(['behavioral', 'behavioural', 'lifecycle', 'event', 'performed_event'])(
    'E128, E129: a leaf of type %s is about behaviour, wherever it is',
    (type) => {
      const event = { type, key: '$pageview' };
      const told = (definition: JsonValue) =>
        result(member([{ id: 5, filters: { properties: definition } }], inCohort(5), {}), 'f').reason.description;
      const words = 'based on behavior';
      expect(told(all(event))).toContain(words);
      expect(told({ type: 'OR', values: [pro, all(pro, event)] })).toContain(words);
      expect(told(all(pro))).not.toContain(words);
    },
  );
});

describe('E131: a realtime cohort is computed from its definition', () => {
  const behaviour = { type: 'behavioral', key: '$pageview', value: 'performed_event' };
  const realtime = (leaves: readonly JsonObject[], type: string): JsonObject => ({
    ...cohort(5, leaves, type),
    cohort_type: 'realtime',
    condition_type: { person_properties: true, behavioral: true, lifecycle: false, cohorts: false },
    last_backfill_events_at: '2026-01-01T00:00:00Z',
    last_backfill_person_properties_at: '2026-01-01T00:00:00Z',
  });

  it.each([
    ['OR', 'in', true],
    ['OR', 'not_in', false],
    ['AND', 'in', false],
    ['AND', 'not_in', true],
  ])('behaviour %s a property that holds, %s: %s', (type, operator, expected) => {
    const cohorts = [realtime([behaviour, person('plan', 'pro')], type)];
    const got = member(cohorts, inCohort(5, operator), { plan: 'pro' });
    expect(result(got, 'f').value).toBe(expected);
    expect(got.errors).toBe(false);
  });

  it('E132: also inside another cohort', () => {
    const cohorts = [realtime([behaviour, person('plan', 'pro')], 'OR'), cohort(6, [inCohort(5)])];
    expect(result(member(cohorts, inCohort(6), { plan: 'pro' }), 'f').value).toBe(true);
    expect(result(member(cohorts, inCohort(6), { plan: 'free' }), 'f').value).toBe(false);
  });
});
