import type { JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { definitions, dependsOn, flag, outcome, person, run } from '../scenario.cases.ts';
import { compile } from './compile.ts';

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
    expect(order([twice, on('two', 2), on('three', 3, 2)])).toEqual(['two', 'twice', 'three']);
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
