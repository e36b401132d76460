import { type JsonObject, type JsonValue, parseStored } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { compile, evaluate, fromLocalEvaluation, toLocalEvaluation } from '../index.ts';
import { definitions, dependsOn, FAILURE, flag, inCohort, person } from '../scenario.cases.ts';
import type { Definitions } from './types.ts';

interface Sent {
  readonly flags: readonly (JsonObject & { readonly key: string })[];
  readonly cohorts: Readonly<Record<string, JsonObject>>;
  readonly [member: string]: unknown;
}

function textOf(given: Definitions, minimalFlagCalledEvents = false): string {
  const writing = toLocalEvaluation(given, { minimalFlagCalledEvents });
  for (;;) {
    const { done, value } = writing.next();
    if (done === true) return value;
  }
}

function sent(given: Definitions): Sent {
  return JSON.parse(textOf(given)) as Sent;
}

const keysIn = (given: Definitions) => sent(given).flags.map(({ key }) => key);

function row(id: number, key: string, more: JsonObject = {}): JsonValue {
  return { id, key, active: true, filters: { groups: [] }, ...more };
}

/** A flag that depends on these. */
function dependent(id: number, key: string, ...targets: number[]): JsonValue {
  const properties = targets.map((target) => dependsOn(target, true));
  return row(id, key, { filters: { groups: [{ properties, rollout_percentage: 100 }] } });
}

/** What a flag's filters on flags have become: their keys, and their chains. */
function chains(given: Definitions, key: string): unknown {
  const [found] = sent(given).flags.filter((one) => one.key === key);
  const { groups } = (found as JsonObject)['filters'] as unknown as { groups: { properties: JsonObject[] }[] };
  return groups.flatMap(({ properties }) => properties.map((one) => [one['key'], one['dependency_chain']]));
}

describe('the document', () => {
  it('H172: has all members, empty ones too', () => {
    expect(sent(definitions([]))).toEqual({
      flags: [],
      group_type_mapping: {},
      cohorts: {},
      minimal_flag_called_events: false,
      property_matching_version: 1,
      timezone: 'UTC',
    });
    const all = { groupTypeMapping: { '0': 'team' }, propertyMatchingVersion: 2, timezone: 'Europe/Oslo' };
    expect(JSON.parse(textOf(definitions([], all), true))).toMatchObject({
      group_type_mapping: { '0': 'team' },
      minimal_flag_called_events: true,
      property_matching_version: 2,
      timezone: 'Europe/Oslo',
    });
  });

  it('H173: a flag has these members, filters as stored', () => {
    const filters = {
      groups: [{ properties: [person('a', 1)], variant: null }],
      payloads: { true: '1' },
      holdout: null,
    };
    const stored = row(4, 'f', { team_id: 2, name: 'F', filters, version: 9, has_experiment: true, secret_of_ours: 1 });
    expect(sent(definitions([stored])).flags).toEqual([
      {
        id: 4,
        team_id: 2,
        name: 'F',
        key: 'f',
        filters,
        deleted: false,
        active: true,
        ensure_experience_continuity: false,
        version: 9,
        evaluation_runtime: 'all',
        evaluation_contexts: [],
        bucketing_identifier: null,
        has_encrypted_payloads: false,
        has_experiment: true,
      },
    ]);
  });

  it('H170: is the same text for equal definitions, in whatever order, by key', () => {
    const flags = [row(1, 'b'), row(2, 'a'), row(3, 'B')];
    expect(textOf(definitions(flags))).toBe(textOf(definitions(flags.toReversed())));
    expect(keysIn(definitions(flags))).toEqual(['B', 'a', 'b']);
  });

  it('E95: numbers keep their text', () => {
    const stored = parseStored('{"id":1,"key":"n","filters":{"groups":[],"payloads":{"true":12345678901234567}}}');
    expect(textOf(definitions([stored]))).toContain('{"true":12345678901234567}');
  });

  it('is written in pieces when it is long', () => {
    const writing = toLocalEvaluation(definitions(Array.from({ length: 500 }, (_, i) => row(i, `f${i}`))), {
      minimalFlagCalledEvents: false,
    });
    expect(writing.next().done).toBe(false);
  });
});

describe('the flags', () => {
  it('H174: inactive ones are there, the others that a client would get wrong are not', () => {
    const flags = [
      row(1, 'inactive', { active: false }),
      row(2, 'deleted', { deleted: true }),
      row(3, 'encrypted', { has_encrypted_payloads: true }),
      row(4, 'of-a-survey', { is_of_survey: true }),
      row(5, 'newer', { filters: { version: 2 } }),
      row(9, 'ordered-rules', { filters: { version: 2, return_type: 'boolean', default_value: true, rules: [] } }),
      dependent(6, 'behind-newer', 5),
      dependent(7, 'far-behind-newer', 6),
      row(8, 'malformed', { filters: 'x' }),
      'no flag at all',
    ];
    expect(keysIn(definitions(flags))).toEqual(['inactive']);
  });

  it('H124: those for other runtimes and contexts are there', () => {
    const flags = [
      row(1, 'browsers', { evaluation_runtime: 'client' }),
      row(2, 'docs', { evaluation_contexts: ['docs'] }),
      row(3, 'older', { evaluation_tags: ['docs'] }),
    ];
    expect(sent(definitions(flags)).flags).toMatchObject([
      { evaluation_runtime: 'client' },
      { evaluation_contexts: ['docs'] },
      { evaluation_contexts: ['docs'] },
    ]);
  });

  it('H177: a group type index that some clients cannot hold leaves the flag out', () => {
    const ofGroup = (index: number) => ({ filters: { groups: [], aggregation_group_type_index: index } });
    const inCondition = { filters: { groups: [{ properties: [], aggregation_group_type_index: -1 }] } };
    const flags = [row(1, 'a', ofGroup(0)), row(2, 'b', ofGroup(256)), row(3, 'c', inCondition)];
    expect(keysIn(definitions(flags))).toEqual(['a']);
  });
});

describe('H175: filters on flags', () => {
  it('name them by key and say what to evaluate first, the flag itself last', () => {
    const flags = [dependent(1, 'top', 2, 3), dependent(2, 'left', 4), dependent(3, 'right', 4, 2), row(4, 'base')];
    expect(chains(definitions(flags), 'top')).toEqual([
      ['left', ['base', 'left']],
      ['right', ['base', 'left', 'right']],
    ]);
  });

  it('have an empty chain for a cycle, behind one too, and for a flag that is not there', () => {
    const flags = [dependent(1, 'a', 2), dependent(2, 'b', 1), dependent(3, 'c', 1), dependent(4, 'd', 99)];
    expect(chains(definitions(flags), 'a')).toEqual([['b', []]]);
    expect(chains(definitions(flags), 'c')).toEqual([['a', []]]);
    expect(chains(definitions(flags), 'd')).toEqual([['99', []]]);
  });

  it('have an empty chain instead of one without measure', () => {
    const flags = Array.from({ length: 1000 }, (_, i) => (i === 0 ? row(0, 'f0') : dependent(i, `f${i}`, i - 1)));
    expect(chains(definitions(flags), 'f100')).toMatchObject([['f99', { length: 100 }]]);
    expect(chains(definitions(flags), 'f999')).toEqual([['f998', []]]);
  });
});

describe('H176: cohorts', () => {
  const cohort = (id: number, values: JsonValue, more: JsonObject = {}): JsonObject => ({
    id,
    name: `c${id}`,
    filters: { properties: { type: 'OR', values } },
    ...more,
  });
  const asking = (...ids: number[]) => flag('f', { groups: [{ properties: ids.map((id) => inCohort(id)) }] });

  it('are those that flags use, and those that these use', () => {
    const nested = cohort(1, [{ type: 'AND', values: [inCohort(2)] }]);
    const cohorts = [nested, cohort(2, [person('plan', 'pro')]), cohort(3, [person('plan', 'pro')])];
    expect(Object.keys(sent(definitions([asking(1)], { cohorts })).cohorts)).toEqual(['1', '2']);
  });

  it('H177: come as a group, and again as older clients want them', () => {
    const group = { type: 'OR', values: [person('plan', 'pro')] };
    const cohorts = [cohort(1, group.values)];
    expect(sent(definitions([asking(1)], { cohorts })).cohorts).toEqual({
      '1': { ...group, id: '1', name: 'c1', properties: group },
    });
  });

  it('are left out when a client would ask for another thing', () => {
    const cohorts = [
      cohort(1, [person('a', 1)], { is_static: true }),
      cohort(2, 'x'),
      { id: 3, filters: null, groups: [{ properties: { plan: 'pro' } }] },
      { id: 4, filters: {} },
      cohort(5, []),
      cohort(6, [inCohort(6)]),
    ];
    expect(Object.keys(sent(definitions([asking(1, 2, 3, 4, 5, 6, 7)], { cohorts })).cohorts)).toEqual(['6']);
  });

  it('are none while they cannot be read', () => {
    expect(sent(definitions([asking(1)], { cohorts: FAILURE })).cohorts).toEqual({});
  });
});

it('is read back by `fromLocalEvaluation` as what it was, so that this library decides alike', () => {
  const cohorts = [{ id: 1, filters: { properties: { type: 'OR', values: [person('plan', 'pro')] } } }];
  const pros = { groups: [{ properties: [inCohort(1)], rollout_percentage: 100 }] };
  const flags = [row(1, 'pros', { filters: pros }), dependent(2, 'more', 1)];
  const stored = definitions(flags, { cohorts, timezone: 'Asia/Tokyo' });
  const read = fromLocalEvaluation(parseStored(textOf(stored)));
  expect(read.timezone).toBe('Asia/Tokyo');
  for (const plan of ['pro', 'free']) {
    const request = { distinctId: 'u', now: 0, personProperties: { plan } };
    const [there, here] = [stored, read].map((one) =>
      evaluate(compile(one), request, { person: null, groups: new Map(), stickyKeys: null }).results.map(
        ({ flag: { key }, value }) => [key, value],
      ),
    );
    expect(here).toEqual(there);
    expect(here).toContainEqual(['more', plan === 'pro']);
  }
});
