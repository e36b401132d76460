import { type JsonObject, type JsonValue, parseDefinitions } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { configuration, release, rollout } from '../rules/rules.cases.ts';
import { definitions, flag, person } from '../scenario.cases.ts';
import { flagChanges, namesOf } from './index.ts';

const names = namesOf(definitions([]));
const all = (properties: readonly JsonValue[] = [], more: JsonObject = {}): JsonObject => ({
  properties,
  rollout_percentage: 100,
  ...more,
});
const pro = [person('plan', 'pro')];
const variants = (...weights: readonly [string, number][]): JsonObject => ({
  variants: weights.map(([key, weight]) => ({ key, rollout_percentage: weight })),
});
const changes = (before: JsonObject, after: JsonObject): readonly string[] =>
  flagChanges(flag('f', before), flag('f', after), names);

describe('K11: a change as sentences', () => {
  it.each<[string, JsonObject, JsonObject, string[]]>([
    ['nothing', { groups: [all()] }, { groups: [{ rollout_percentage: 100 }], multivariate: null }, []],
    [
      'a share',
      { groups: [all(), all(pro, { rollout_percentage: 10 })] },
      { groups: [all(), all(pro, { rollout_percentage: 50 })] },
      ['Condition 2: 10 % → 50 % of people whose plan is pro.'],
    ],
    [
      'up to all',
      { groups: [all(pro, { rollout_percentage: 0 })] },
      { groups: [all(pro)] },
      ['Condition 1: 0 % → 100 % of people whose plan is pro.'],
    ],
    [
      'a condition that comes first',
      { groups: [all(pro)] },
      { groups: [all([person('vip', true)]), all(pro)] },
      ['Condition 1 is new: people whose vip is true.'],
    ],
    ['a condition that goes', { groups: [all(pro), all()] }, { groups: [all(pro)] }, ['Condition 2 goes: everybody.']],
    [
      'another filter',
      { groups: [all(pro)] },
      { groups: [all([person('plan', 'free')])] },
      ['Condition 1: was people whose plan is pro; will be people whose plan is free.'],
    ],
    [
      'variants and payloads',
      { multivariate: variants(['a', 50], ['b', 50]), payloads: { a: '1', b: '2' } },
      { multivariate: variants(['a', 40], ['c', 60]), payloads: { a: '3', c: '{}' } },
      [
        'Variant "a": 50 % → 40 %.',
        'Variant "c" is new, with 60 %.',
        'Variant "b" goes, with 50 %.',
        'Payload of "a": "1" → "3".',
        'Payload of "b" goes.',
        'Payload of "c" is new: "{}".',
      ],
    ],
    [
      'the order of variants',
      { multivariate: variants(['a', 50], ['b', 50]) },
      { multivariate: variants(['b', 50], ['a', 50]) },
      ['The variants stand in another order.'],
    ],
    [
      'what stands beside conditions',
      { holdout: { id: 1, exclusion_percentage: 5 } },
      { feature_enrollment: true, early_exit: true },
      ['Early access enrollment is on.', 'Early exit is on.', 'Held out: 5 % ("holdout-1") → none.'],
    ],
    [
      'another format',
      { groups: [all()] },
      configuration([]),
      ['Was: On for everybody.', 'Will be: Everybody gets "default": there is no rule.'],
    ],
  ])('%s', (_, before, after, expected) => {
    const read = (filters: JsonObject) => parseDefinitions(JSON.stringify(filters)) as JsonObject;
    expect(changes(read(before), read(after))).toEqual(expected);
  });

  it('says what changes besides the filters', () => {
    const before = flag('f', {}, { name: 'Old', evaluation_runtime: 'all', evaluation_contexts: ['web'] });
    const after = flag(
      'f',
      {},
      {
        active: false,
        name: 'New',
        evaluation_runtime: 'server',
        ensure_experience_continuity: true,
        bucketing_identifier: 'device_id',
      },
    );
    expect(flagChanges(before, after, names)).toEqual([
      'Switched off.',
      'Description: "Old" → "New".',
      'Runtime: everywhere → server-side.',
      'Evaluation contexts: web → all.',
      'Experience continuity is on.',
      'Shares are drawn by device.',
    ]);
  });

  it('E172: says what changes in ordered rules', () => {
    const read = (filters: JsonObject) => parseDefinitions(JSON.stringify(filters)) as JsonObject;
    const before = read(configuration([rollout()]));
    expect(changes(before, read(configuration([release(), rollout()], { default_value: 'none' })))).toEqual([
      'Rule 1 is new: "on" for everybody.',
      'Default: "default" → "none".',
    ]);
    expect(changes(before, read(configuration([rollout({ seed: 'other' })])))).toEqual([
      'Shares are drawn with another seed.',
    ]);
  });

  it('gives both sentences of what cannot be read', () => {
    expect(flagChanges(flag('f', { groups: 7 }), flag('f', { groups: [all()] }), names)).toEqual([
      'Was: Left out, as the definition cannot be used: filters.groups must be a list, not the number 7.',
      'Will be: On for everybody.',
    ]);
  });
});
