import type { JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { dependsOn, facts, flag, inCohort, outcome, run } from '../scenario.cases.ts';

describe('E143: filters on one failed flag', () => {
  it.each<[JsonValue[], string]>([
    [[true], 'dependency_failed'],
    [['a'], 'dependency_failed'],
    [[false], 'dependency_failed'],
    [[true, 'a'], 'dependency_failed'],
    [['a', 'a'], 'dependency_failed'],
    [['a', 'b'], 'no_condition_match'],
    [[true, false], 'no_condition_match'],
    [['a', false], 'no_condition_match'],
    [[5], 'no_condition_match'],
    [[null], 'no_condition_match'],
  ])('that ask for %j', (values, code) => {
    const lost = flag('lost', { groups: [{ properties: [inCohort(404)] }] }, { id: 1 });
    const asks = flag('f', { groups: [{ properties: values.map((value) => dependsOn(1, value)) }] }, { id: 2 });
    const got = run([lost, asks], {}, facts());
    expect(outcome(got, 'f').split(' ')[1]).toBe(code);
  });
});
